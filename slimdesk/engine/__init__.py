"""The Docker-compatible engine; the only package that talks to one."""
