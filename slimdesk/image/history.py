"""The instruction that made each layer, from the image's history, tidied to read like the Dockerfile's line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from slimdesk.basics.escaping import visible

# Classic builder: "/bin/sh -c #(nop) CMD [...]" or "/bin/sh -c apt-get ..."; with build arguments "|2 A=b C=d /bin/sh -c ...".
_NOP = re.compile(r"^/bin/sh -c #\(nop\)\s*")
_ARGUMENTS = re.compile(r"^\|\d+ .*?(?=/bin/(?:ba|a|da)?sh -)", re.DOTALL)
_SHELL = re.compile(r"^/bin/(?:ba|a|da)?sh (?:-o \w+ |-\w+ )*?-\w*c ")
_WINDOWS_SHELL = re.compile(r"^(?:cmd /S /C|powershell -Command) (#\(nop\)\s*)?", re.IGNORECASE)
_COPIED = re.compile(r"^(ADD|COPY) ((?:--\S+ )*)(?:file|dir|multi):([0-9a-f]{64}) in (.*)$", re.DOTALL)
_BUILDKIT = " # buildkit"
_KEYWORDS = re.compile(
    r"^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\b"
)
MAX_LINE = 4096
BASE_LAYERS_LABEL = "io.slimdesk.base.layers"


def instruction_of(created_by: str | None) -> str | None:
    """Turn a history line into the instruction it came from; text that no builder wrote stays as it is."""
    if not created_by or not created_by.strip():
        return None
    text = created_by.strip().removesuffix(_BUILDKIT).rstrip()
    keyword = _KEYWORDS.match(text)
    if keyword and keyword.group() == "RUN":
        return _line("RUN " + _command(text[3:].lstrip()))
    if keyword:
        return _line(text)
    if (nop := _NOP.match(text)) or ((nop := _WINDOWS_SHELL.match(text)) and nop.group(1)):
        rest = text[nop.end() :].strip()
        copied = _COPIED.match(rest)
        if copied:
            word, flags, digest, target = copied.groups()
            return _line(f"{word} {flags}{digest[:12]} {target.strip()}")
        return _line(rest)
    command = _command(text)
    return _line(f"RUN {command}" if command != text or _WINDOWS_SHELL.match(text) else text)


def _command(text: str) -> str:
    text = _ARGUMENTS.sub("", text, count=1)
    return _WINDOWS_SHELL.sub("", _SHELL.sub("", text, count=1), count=1).strip()


def _line(text: str) -> str:
    return visible(re.sub(r"\s*[\t\r\n]\s*", " ", text[: MAX_LINE * 4]), MAX_LINE)


def layer_history(history: Any, layers: int) -> list[str | None]:
    """Match history entries that made a layer with the layers, lowest first; None where the history says nothing."""
    texts: list[str | None] = []
    for entry in history if isinstance(history, list) else ():
        if isinstance(entry, dict) and not entry.get("empty_layer"):
            created_by = entry.get("created_by")
            comment = entry.get("comment")
            text = created_by if isinstance(created_by, str) and created_by.strip() else comment
            texts.append(text if isinstance(text, str) and text.strip() else None)
    return (texts + [None] * layers)[:layers]


def base_layers(
    diff_ids: Sequence[str], bases: Sequence[Sequence[str]], labels: Mapping[str, str] | None = None
) -> int | None:
    """How many of the lowest layers come from the longest of `bases` (diff IDs) that the image begins with; None if none.

    Where none fits, the image's own label says it: what is built on top inherits the label, and it stays true.
    """
    found = None
    for base in bases:
        length = len(base)
        if 0 < length <= len(diff_ids) and tuple(diff_ids[:length]) == tuple(base):
            found = max(found or 0, length)
    if found is not None:
        return found
    text = (labels or {}).get(BASE_LAYERS_LABEL, "")
    usable = text.isascii() and text.isdigit() and len(text) < 5
    return int(text) if usable and 0 < int(text) <= len(diff_ids) else None
