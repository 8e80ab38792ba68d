"""One file per language profile: how its projects are recognised and read."""
