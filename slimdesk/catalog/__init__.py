"""Base images: what there is, whom it serves, how long it lives, what to advise."""
