"""Cells and names that the sections of a report share."""

from __future__ import annotations

from slimdesk.basics.units import format_bytes, format_seconds
from slimdesk.report.document import Cell, Words, theirs, words
from slimdesk.report.model import Subject


def name_of(subject: Subject) -> Words:
    """Return a subject's name, with the word "older" where the project has moved on since."""
    return words(theirs(subject.name, 120), *([" (older)"] if subject.older else []))


def size_cell(size: float | None) -> Cell:
    """Return a cell with bytes in words."""
    return Cell(words(format_bytes(size)), None if size is None else float(size))


def seconds_cell(value: float | None) -> Cell:
    """Return a cell with a time in words."""
    return Cell(words(format_seconds(value)), value)
