"""An Image taken apart into one small object and plain buffers, so that a worker hands over a million entries in no time."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import fields, replace

from slimdesk.image.model import Image
from slimdesk.image.table import FileTable

Shape = tuple[tuple[str, str], ...]
"""Columns in order: name and the array's type code; an empty code for bytes."""


def empty_table() -> FileTable:
    """Return a table that holds the root alone."""
    return FileTable(
        name_text=b"",
        name_starts=array("I", [0, 0]),
        parent=array("i", [-1]),
        end=array("i", [1]),
        kind=array("B", [0]),
        size=array("q", [0]),
        mtime=array("q", [0]),
        owner=array("I", [0]),
        layer=array("h", [-1]),
        hidden_by=array("h", [-1]),
        live=array("q", [0]),
        shadowed=array("q", [0]),
        files=array("i", [0]),
        owner_mode=array("H", [0o755]),
        owner_uid=array("I", [0]),
        owner_gid=array("I", [0]),
        link_node=array("I"),
        link_starts=array("I", [0]),
        link_text=b"",
        twin_node=array("I"),
        twin_body=array("I"),
    )


def take_apart(image: Image) -> tuple[Image, Shape, list[memoryview]]:
    """Return the image without its table, and the table's columns as buffers."""
    return replace(image, table=empty_table()), *table_parts(image.table)


def put_together(image: Image, shape: Shape, buffers: Iterable[bytes]) -> Image:
    """Undo `take_apart`; each buffer is asked for when the one before it has become a column."""
    return replace(image, table=table_from(shape, buffers))


def table_parts(table: FileTable) -> tuple[Shape, list[memoryview]]:
    """Return a table's columns as buffers."""
    shape: list[tuple[str, str]] = []
    buffers = []
    for column in fields(FileTable):
        value = getattr(table, column.name)
        shape.append((column.name, value.typecode if isinstance(value, array) else ""))
        buffers.append(memoryview(value).cast("B"))
    return tuple(shape), buffers


def table_from(shape: Shape, buffers: Iterable[bytes]) -> FileTable:
    """Undo `table_parts`; see `put_together`."""
    columns: dict[str, bytes | array[int]] = {}
    incoming = iter(buffers)
    for name, code in shape:
        buffer = next(incoming)
        if code:
            column: array[int] = array(code)
            column.frombytes(buffer)
            columns[name] = column
        else:
            columns[name] = buffer
    return FileTable(**columns)  # type: ignore[arg-type]
