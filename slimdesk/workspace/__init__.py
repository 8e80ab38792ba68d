"""What is open: project, ticks, edits, results and their age, settings, history. Without Qt.

`Workspace` is the only mutable object of the program. Settings are one dataclass in the platform's config folder,
history an SQLite file and sessions (ticks, options, edited texts) JSON files in its data folder.
"""
