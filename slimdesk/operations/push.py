"""Give an image to a registry under a name of its own, with the person's credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.engine.engine import Engine
from slimdesk.engine.registry import parse_reference

# distribution/reference, regexp.go: parts of lower-case letters and digits, a tag of at most 128.
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
_NAME = re.compile(rf"(?:{_DOMAIN}/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?", re.ASCII)
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a registry has now: the name, and the digest it has there, None where the engine does not tell."""

    name: str
    registry: str
    digest: str | None


def why_no_name(name: str) -> str:
    """Return why an image cannot be called so; "" where it can."""
    if not name:
        return "it is empty"
    if "@" in name:
        return "a registry is given a tag: leave the digest out"
    if len(name) > _LONGEST:
        return f"it has more than {_LONGEST} letters"
    if not _NAME.fullmatch(name):
        return "write it as registry.example.com/team/name:tag, in lower case"
    return ""


async def push_as(engine: Engine, image: str, name: str, reporter: Reporter) -> Pushed:
    """Tag `image` as `name`, and push it, telling bytes. The name without a tag gets `latest`, as Docker's does.

    Raises BadInput for a name that is none, ImageNotFound, PushFailed with what the registry says in words.
    """
    why = why_no_name(name)
    if why:
        raise BadInput(f"{visible(name, 100) or 'The name'} is no name for an image", why)
    wanted = parse_reference(name)
    whole = name if name.rpartition("/")[2].partition(":")[1] else f"{name}:latest"
    if whole != image:
        await engine.tag(image, whole)
    return Pushed(whole, wanted.registry, await engine.push(whole, reporter))
