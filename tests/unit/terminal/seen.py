"""What a screen shows, in a form that can be compared."""


def rows(screen):
    screen.take_changes()
    return [screen.row(index).text for index in range(screen.rows)]


def cells(screen):
    """Every cell that can be seen: its column, width, character and style."""
    screen.take_changes()
    shown = []
    for index in range(screen.rows):
        row = screen.row(index)
        shown.append(
            [
                (start, wide, character, run.style)
                for run in row.runs
                for start, wide, character in type(row)((run,)).characters()
                if character != " "
                or run.style.background is not None
                or run.style.inverse
                or run.style.underline
            ]
        )
    return shown


def everything(screen):
    shown = cells(screen)
    cursor = screen.cursor()
    return {
        "cells": shown,
        "cursor": (cursor.column, cursor.row, cursor.visible),
        "modes": screen.modes(),
        "title": screen.title(),
        "lines": screen.texts(0, screen.lines()),
    }
