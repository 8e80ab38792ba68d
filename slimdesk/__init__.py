"""SlimDesk: from a project folder to a measured, verified slim container image."""

__version__ = "0.1.0"
