"""Ships at the pier."""
