"""Small constructors for the instructions that recipes write: escaping is theirs, never the recipe's.

What a project says enters only here: as a JSON word, as a double-quoted value, or as a single-quoted shell word
(`basics.escaping.shell_word`) inside a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from slimdesk.basics.escaping import dockerfile_value, without_controls
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Evidence


def stage(name: str, base: str, reason: str, body: Iterable[Instruction], *, platform: str | None = None,
          evidence: Evidence | None = None) -> Stage:  # fmt: skip
    """FROM [--platform=…] base AS name, and its body."""
    flags = () if platform is None else (f"--platform={platform}",)
    first = Instruction("FROM", (base, "AS", name), flags, reason=reason, evidence=evidence)
    return Stage((first, *body), name, base, platform)


def run(
    reason: str, *commands: str, mounts: Sequence[str] = (), evidence: Evidence | None = None
) -> Instruction:
    """RUN in shell form; the commands are joined by && and each stands on a line of its own.

    `mounts` are the values of --mount, such as type=cache,target=/go/pkg/mod.
    """
    lines = [f"{command} &&" for command in commands[:-1]] + [commands[-1]]
    flags = tuple(f"--mount={mount}" for mount in mounts)
    return Instruction(
        "RUN", (" && ".join(commands),), flags, "shell", (), tuple(lines), reason=reason, evidence=evidence
    )


def run_exec(reason: str, *words: str, evidence: Evidence | None = None) -> Instruction:
    """RUN in exec form."""
    return Instruction("RUN", _clean(words), form="exec", reason=reason, evidence=evidence)


def copy(reason: str, *paths: str, from_: str | None = None, chown: str | None = None, chmod: str | None = None,
         evidence: Evidence | None = None) -> Instruction:  # fmt: skip
    """COPY in its JSON form if a path needs it, else plain; the last path is the destination.

    Paths are taken literally but for * and ? in the sources: no variable, no quote, no bracket pattern.
    """
    sources = (path.replace("[", "[[]") for path in paths[:-1])
    words = tuple(_literal(path) for path in (*sources, *paths[-1:]))
    named = (("from", from_), ("chown", chown), ("chmod", chmod))
    flags = tuple(f"--{name}={value}" for name, value in named if value is not None)
    return Instruction("COPY", words, flags, reason=reason, evidence=evidence)


def workdir(path: str, reason: str) -> Instruction:
    """WORKDIR, absolute."""
    word = dockerfile_value(path) if re.search(r"\s", path) else _literal(path)
    return Instruction("WORKDIR", (word,), reason=reason)


def env(reason: str, evidence: Evidence | None = None, **values: str) -> Instruction:
    """ENV NAME="value" …; the values are quoted here."""
    words = tuple(f"{name}={dockerfile_value(value)}" for name, value in values.items())
    return Instruction("ENV", words, reason=reason, evidence=evidence)


def label(values: dict[str, str], reason: str) -> Instruction:
    """LABEL "name"="value" …; both are quoted here."""
    words = tuple(f"{dockerfile_value(name)}={dockerfile_value(value)}" for name, value in values.items())
    return Instruction("LABEL", words, reason=reason)


def arg(name: str, reason: str, default: str | None = None) -> Instruction:
    """ARG NAME, or ARG NAME="default"."""
    word = name if default is None else f"{name}={dockerfile_value(default)}"
    return Instruction("ARG", (word,), reason=reason)


def user(uid: int, gid: int, reason: str) -> Instruction:
    """USER uid:gid, numeric so that Kubernetes' runAsNonRoot can check it."""
    return Instruction("USER", (f"{uid}:{gid}",), reason=reason)


def expose(port: int, reason: str, evidence: Evidence | None = None) -> Instruction:
    """EXPOSE a TCP port."""
    return Instruction("EXPOSE", (str(port),), reason=reason, evidence=evidence)


def entrypoint(words: Sequence[str], reason: str, evidence: Evidence | None = None) -> Instruction:
    """ENTRYPOINT in exec form."""
    return Instruction("ENTRYPOINT", _clean(words), form="exec", reason=reason, evidence=evidence)


def healthcheck(words: Sequence[str], reason: str) -> Instruction:
    """HEALTHCHECK in exec form."""
    return Instruction("HEALTHCHECK", ("CMD", *_clean(words)), form="exec", reason=reason)


def _clean(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(without_controls(word) for word in words)


def _literal(path: str) -> str:
    """A path as BuildKit reads it back from COPY or WORKDIR: it takes variables, quotes and escapes out of it."""
    return re.sub(r"([\\$'\"])", r"\\\1", without_controls(path))
