"""Whether an image still runs: start it as production would, ask it, stop it."""
