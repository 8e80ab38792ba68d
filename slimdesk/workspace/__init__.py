"""What is open: project, corrections, edits, results and their age, settings, history. Without Qt."""
