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

# Plain numbers: of a hundred thousand entries each comparison of an enumeration's members takes a while.
_FILE, _SYMLINK, _HARD_LINK, _FIFO = map(int, (Kind.FILE, Kind.SYMLINK, Kind.HARD_LINK, Kind.FIFO))
_MOST = 1 << 61
_KIND = {
    stat.S_IFREG: _FILE,
    stat.S_IFDIR: int(Kind.FOLDER),
    stat.S_IFLNK: _SYMLINK,
    stat.S_IFCHR: int(Kind.CHARACTER_DEVICE),
    stat.S_IFBLK: int(Kind.BLOCK_DEVICE),
    stat.S_IFIFO: _FIFO,
    # A tar has no sockets, so an image has none either.
    stat.S_IFSOCK: _FIFO,
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
    # What a node is and whose, by mode, user and group.
    looks: dict[tuple[int, int, int], tuple[int, int]] = {}
    owners: dict[tuple[int, int, int], int] = {}
    add_key, add_kind = columns.keys.append, columns.kinds.append
    add_size, add_time, add_owner = columns.sizes.append, columns.mtimes.append, columns.owners.append
    files = 0
    bodies: dict[tuple[int, int], bytes] = {}
    place, end = len(MAGIC), len(text)
    unpack, head = RECORD.unpack_from, RECORD.size
    while place + head <= end:
        mode, uid, gid, links, device, inode, size, mtime, length, target_length = unpack(text, place)
        place += head
        if not mode:
            if size:
                raise _bad(name, f"{size} of its entries could not be read")
            columns.files = files
            return columns
        middle = place + length
        stop = middle + target_length
        if not length or stop > end:
            break
        key = text[place:middle].replace(b"/", b"\0")
        look = looks.get((mode, uid, gid))
        if look is None:
            whose = (stat.S_IMODE(mode), uid, gid)
            look = (
                _KIND.get(stat.S_IFMT(mode), _FIFO),
                owners.setdefault(whose, len(owners)),
            )
            looks[mode, uid, gid] = look
            if look[1] == len(columns.owner_mode):
                columns.owner_mode.append(whose[0])
                columns.owner_uid.append(uid)
                columns.owner_gid.append(gid)
        kind, owner = look
        if kind != _FILE:
            if kind == _SYMLINK:
                columns.links[len(columns.keys)] = text[middle:stop]
            size = 0
        elif links > 1:
            first = bodies.setdefault((device, inode), key)
            if first is not key:
                kind = _HARD_LINK
                columns.links[len(columns.keys)] = first
                size = 0
        place = stop
        add_key(key)
        add_kind(kind)
        add_size(min(size, _MOST))
        add_time(mtime)
        add_owner(owner)
        files += size
        if len(columns.keys) > MAX_ENTRIES or place > MAX_NAME_BYTES + len(columns.keys) * head:
            raise too_many(name)
    raise _bad(name, "its list is cut off")


def _bad(name: str, why: str) -> ArchiveError:
    return ArchiveError(f"{name} could not be listed", why, "Wait until its layers have been read")
