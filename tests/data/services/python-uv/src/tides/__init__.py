"""Tells the tide."""
