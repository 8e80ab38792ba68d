"""A line of .dockerignore that leaves one path out, and the file with it."""

from __future__ import annotations

import re

from slimdesk.basics.errors import BadInput
from slimdesk.dockerfile.ignore import Ignore
from slimdesk.recipes.leave_out_manifest import CannotTakeOut

KEPT_PATTERN = "**/*.orig"
_KEPT = f"# what SlimDesk replaces is kept beside it\n{KEPT_PATTERN}\n"
_SPECIAL = re.compile(r"([\\*?\[\]])")


def pattern_for(path: str) -> str:
    """Return the pattern that means one path of the context and nothing else. Raises CannotTakeOut."""
    if not path or path == "." or any(ord(sign) < 32 or ord(sign) == 127 for sign in path):
        raise CannotTakeOut(f"No line of .dockerignore can name {path.strip() or 'the whole context'!r}")
    escaped = _SPECIAL.sub(r"\\\1", path)
    # A comment and an exception are told by the first sign; a leading slash means the context's root, as without it.
    return f"/{escaped}" if escaped[0] in "#!" or escaped != escaped.strip() else escaped


def with_pattern(text: str, path: str) -> str:
    """Return the .dockerignore with a last line that leaves `path` out, which decides. Raises CannotTakeOut."""
    pattern = pattern_for(path)
    ended = text if not text or text.endswith("\n") else f"{text}\n"
    after = f"{ended}{pattern}\n"
    try:
        if not Ignore.parse(after).excludes(path):
            raise CannotTakeOut(f"Docker trims blanks in .dockerignore, so that no line can name {path!r}")
    except BadInput as error:
        raise CannotTakeOut(str(error)) from None
    return after


def without_kept(text: str) -> str:
    """Return the .dockerignore with a line for what SlimDesk keeps as NAME.orig, so that it is not sent either."""
    ended = text if not text or text.endswith("\n") else f"{text}\n"
    return text if KEPT_PATTERN in text.split("\n") else f"{ended}{_KEPT}"
