"""Tokens, palette, style sheet and icons."""
