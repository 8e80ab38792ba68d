"""Widgets that more than one page uses, or that draw themselves."""
