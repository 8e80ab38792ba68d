"""Sums up the orders of the shop."""
