"""From a target and a family to a Dockerfile; one file per language."""
