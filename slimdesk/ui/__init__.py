"""The window. Pages show the workspace and call operations."""
