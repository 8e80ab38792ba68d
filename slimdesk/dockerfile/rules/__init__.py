"""One file per rule that a Dockerfile is checked against."""
