"""What a person typed into "Run image", read as a request; and what of it may be written down."""

from __future__ import annotations

import shlex

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import parse_size
from slimdesk.debug.environment import variable
from slimdesk.operations.run_image import RunRequest, parse_ports, parse_variables
from slimdesk.workspace.run_forms import RunForm

# What engines refuse: less memory than this, in bytes.
_LEAST_MEMORY = 6 << 20
_NOT_KEPT = "was not kept: it looks like a secret"


def request_of(form: RunForm) -> RunRequest:
    """Read the fields. Raises BadInput with the field that cannot be and how it is written."""
    if not form.image.strip():
        raise BadInput("No image is named", "", "Choose one of the engine's, or type its name")
    return RunRequest(
        image=form.image.strip(),
        ports=parse_ports(form.ports.replace(",", " ").split()),
        environment=parse_variables(form.environment.splitlines()),
        volumes=tuple(line.strip() for line in form.volumes.splitlines() if line.strip()),
        tmpfs=("/tmp:mode=1777",) if form.tmp else (),  # noqa: S108 - the container's own
        command=_words(form.command),
        user=form.user.strip() or None,
        memory=_memory(form.memory.strip()),
        read_only=form.read_only,
    )


def any_port(ports: str) -> str:
    """Return the same ports of the container, each at any free one of this machine."""
    return ", ".join(str(inside) for inside in parse_ports(ports.replace(",", " ").split()))


def public_environment(text: str) -> str:
    """Return NAME=VALUE lines with what looks like a secret replaced by a remark."""
    kept = []
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        secret = bool(equals) and not name.startswith("#") and variable(name, value).secret
        kept.append(f"# {visible(name, 100)} {_NOT_KEPT}" if secret else line)
    return "\n".join(kept)


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise BadInput(
            "The command cannot be read", str(error).lower(), "Close every quotation mark that you open"
        ) from error


def _memory(text: str) -> int | None:
    if not text:
        return None
    try:
        size = parse_size(text)
    except ValueError as error:
        raise BadInput(f"{visible(text, 40)} is no amount of memory", "", "Write it as in 256 MB") from error
    if size < _LEAST_MEMORY:
        raise BadInput(
            f"{visible(text, 40)} is too little memory", "engines want 6 MiB at least", "Give more"
        )
    return size
