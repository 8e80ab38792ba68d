"""A tree from the list that a program made of a mounted image: names, sizes, modes and links, nothing of layers.

The format is that of resources/listing/list.c.
"""

from __future__ import annotations

import stat
import struct
from array import array
from dataclasses import replace

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.layer import MAX_ENTRIES, MAX_NAME_BYTES, LayerColumns, too_many
from slimdesk.image.merge import merge
from slimdesk.image.stack import stack
from slimdesk.image.table import FileTable, Kind

MAGIC = b"SDLIST1\n"
RECORD = struct.Struct("<4I3Qq2H")
"""mode, uid, gid, links, device, inode, size, time of change, length of the path, length of a link's text."""

_KIND = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.FOLDER,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFCHR: Kind.CHARACTER_DEVICE,
    stat.S_IFBLK: Kind.BLOCK_DEVICE,
    stat.S_IFIFO: Kind.FIFO,
    # A tar has no sockets, so an image has none either.
    stat.S_IFSOCK: Kind.FIFO,
}


def listed_tree(text: bytes, name: str = "The image") -> FileTable:
    """Return the tree of a list; every node's layer is -1, and nothing is hidden.

    Raises ArchiveError where it is no list, is cut off, holds too much, or says that a part could not be read.
    """
    table = merge(stack([listed_columns(text, name)])).table
    nobody = array("h", [-1]) * len(table)
    return replace(table, layer=nobody, hidden_by=nobody[:])


def listed_columns(text: bytes, name: str = "The image") -> LayerColumns:
    """Return the entries of a list as those of a layer; of several names of one body the first has the bytes."""
    if not text.startswith(MAGIC):
        raise _bad(name, "the engine sent something else")
    columns = LayerColumns()
    owners: dict[tuple[int, int, int], int] = {}
    bodies: dict[tuple[int, int], bytes] = {}
    place, end = len(MAGIC), len(text)
    unpack, head = RECORD.unpack_from, RECORD.size
    while place + head <= end:
        mode, uid, gid, links, device, inode, size, mtime, length, target_length = unpack(text, place)
        place += head
        if not mode:
            if size:
                raise _bad(name, f"{size} of its entries could not be read")
            return columns
        middle = place + length
        stop = middle + target_length
        if not length or stop > end:
            break
        key = text[place:middle].replace(b"/", b"\0")
        kind = _KIND.get(stat.S_IFMT(mode), Kind.FIFO)
        if kind == Kind.FILE and links > 1:
            first = bodies.setdefault((device, inode), key)
            if first is not key:
                kind = Kind.HARD_LINK
                columns.links[len(columns.keys)] = first
        elif kind == Kind.SYMLINK:
            columns.links[len(columns.keys)] = text[middle:stop]
        place = stop
        size = size if kind == Kind.FILE else 0
        whose = (stat.S_IMODE(mode), uid, gid)
        owner = owners.setdefault(whose, len(owners))
        if owner == len(columns.owner_mode):
            columns.owner_mode.append(whose[0])
            columns.owner_uid.append(uid)
            columns.owner_gid.append(gid)
        columns.keys.append(key)
        columns.kinds.append(kind)
        columns.sizes.append(min(size, 1 << 61))
        columns.mtimes.append(mtime)
        columns.owners.append(owner)
        columns.files += size
        if len(columns.keys) > MAX_ENTRIES or place > MAX_NAME_BYTES + len(columns.keys) * head:
            raise too_many(name)
    raise _bad(name, "its list is cut off")


def _bad(name: str, why: str) -> ArchiveError:
    return ArchiveError(f"{name} could not be listed", why, "Wait until its layers have been read")
