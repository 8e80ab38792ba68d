"""What everything else stands on: errors, jobs, units, escaping, clock, files. Imports nothing of ours."""
