"""What each kind of instruction does, in a sentence for people who do not write Dockerfiles every day."""

from __future__ import annotations

from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Dockerfile, Instruction
from slimdesk.dockerfile.mounts import parse_mount
from slimdesk.dockerfile.stages import stage_of
from slimdesk.dockerfile.statement import Refused

_SENTENCES = {
    "ADD": "copies files into the image, fetches addresses and unpacks archives",
    "ARG": "declares a value that may be given to the build",
    "ENV": "sets variables for the rest of the build and for the container",
    "EXPOSE": "notes a port that the program listens on; it opens nothing",
    "HEALTHCHECK": "asks the running container whether it is well",
    "LABEL": "attaches notes to the image",
    "MAINTAINER": "names an author; deprecated, a LABEL does that now",
    "ONBUILD": "waits: it is carried out by the builds that stand on this image",
    "SHELL": "changes the shell that the following shell forms use",
    "STOPSIGNAL": "sets the signal that asks the program to end",
    "USER": "sets who runs the following steps and the container",
    "VOLUME": "makes the container keep these folders outside its layers",
    "WORKDIR": "sets the folder for what follows, and makes it if it is not there",
}


def meaning(instruction: Instruction, dockerfile: Dockerfile) -> str:
    """Return the recipe's own reason if there is one, else what this instruction does."""
    if instruction.reason:
        return instruction.reason
    special = {
        "FROM": _from,
        "COPY": _copy,
        "RUN": _run,
        "CMD": _start,
        "ENTRYPOINT": _start,
    }.get(instruction.keyword)
    if special is not None:
        return special(instruction, dockerfile)
    if instruction.keyword == "HEALTHCHECK" and instruction.arguments[0] == "NONE":
        return "switches off a health check of the base image"
    return _SENTENCES.get(instruction.keyword, "")


def _from(instruction: Instruction, dockerfile: Dockerfile) -> str:
    base = instruction.arguments[0]
    if base == "scratch":
        return "begins a stage with nothing at all"
    if dockerfile.stage(base) is not None:
        return f"goes on from the stage {base}"
    return f"begins a stage on the image {base}"


def _copy(instruction: Instruction, dockerfile: Dockerfile) -> str:
    target = instruction.arguments[-1]
    for source in flag_values(instruction.flags, "from"):
        kind = "stage" if stage_of(source, dockerfile.stages) is not None else "image"
        return f"takes files from the {kind} {source} to {target}"
    if instruction.heredocs:
        return f"writes the text below to {target}"
    return f"copies files of the build context to {target}"


def _run(instruction: Instruction, dockerfile: Dockerfile) -> str:
    del dockerfile
    kinds: list[str] = []
    for value in flag_values(instruction.flags, "mount"):
        try:
            kind = parse_mount(value).kind
        except Refused:
            continue
        if kind not in kinds:
            kinds.append(kind)
    how = "without a shell" if instruction.form == "exec" else "in a shell"
    mounted = f", with a {' and a '.join(kinds)} mount that leaves nothing in the image" if kinds else ""
    return f"runs a command {how} and keeps what it changed as a layer{mounted}"


def _start(instruction: Instruction, dockerfile: Dockerfile) -> str:
    del dockerfile
    if not instruction.arguments:
        return f"takes the {instruction.keyword} of the base image away"
    what = (
        "is what the container starts"
        if instruction.keyword == "ENTRYPOINT"
        else "is what the container starts, or what is added to the ENTRYPOINT"
    )
    return what + (", through a shell" if instruction.form == "shell" else "")
