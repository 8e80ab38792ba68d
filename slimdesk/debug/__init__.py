"""Looking into what runs, or does not: plans, inspections, pods and the commands to take along. No engine, no Qt."""
