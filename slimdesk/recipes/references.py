"""Image references in a Dockerfile: which are needed, through which mirror they come, which digest pins them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from slimdesk.basics.errors import BadInput
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.stages import bases, needed_stages, uses

HUB = "docker.io"
_PREFIX = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def full_name(reference: str) -> str:
    """Return the reference with the registry that Docker supplies: golang:1.27 is docker.io/library/golang:1.27.

    Source: github.com/distribution/reference, normalize.go.
    """
    first, slash, _ = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        return (
            reference.replace("index.docker.io/", f"{HUB}/", 1) if first == "index.docker.io" else reference
        )
    return f"{HUB}/{reference}" if slash else f"{HUB}/library/{reference}"


def mirrored(reference: str, mirrors: Mapping[str, str]) -> str:
    """Return the reference as it comes through the mirror of its longest matching prefix; unchanged without one."""
    if reference == "scratch":
        return reference
    full = full_name(reference)
    fitting = [
        prefix
        for prefix in mirrors
        if full.startswith(prefix) and full[len(prefix) : len(prefix) + 1] in "/:@"
    ]
    if not fitting:
        return reference
    longest = max(fitting, key=len)
    return mirrors[longest].rstrip("/") + full[len(longest) :]


def pinned(reference: str, digests: Mapping[str, str]) -> str:
    """Return name:tag@sha256:… where a digest is known: the tag is kept for people and for update tools.

    Raises BadInput for something that is not a digest.
    """
    digest = digests.get(reference)
    if digest is None or "@" in reference:
        return reference
    if not _DIGEST.fullmatch(digest):
        raise BadInput(
            f"{reference} is not pinned", f"{digest!r} is not a sha256 digest", "Leave that pin out"
        )
    return f"{reference}@{digest}"


def parse_mirror(text: str) -> tuple[str, str]:
    """Return (upstream prefix, replacement) from UPSTREAM=PREFIX, or from PREFIX alone, which stands for docker.io.

    Raises BadInput.
    """
    upstream, equals, prefix = text.partition("=")
    if not equals:
        upstream, prefix = HUB, text
    upstream, prefix = upstream.strip().rstrip("/"), prefix.strip().rstrip("/")
    for part in (upstream, prefix):
        if not _PREFIX.fullmatch(part):
            raise BadInput(
                f"The mirror {text!r} cannot be used",
                f"{part!r} is not a registry or a part of one",
                "Write for example docker.io=registry.example.com/hub",
            )
    return upstream, prefix


def rewrite(stages: tuple[Stage, ...], change: Callable[[str], str]) -> tuple[Stage, ...]:
    """Apply `change` to every image that a stage starts from, copies from or mounts; names of stages stay."""
    names: set[str] = set()
    result: list[Stage] = []
    for stage in stages:
        known = frozenset(names)
        base = stage.base if stage.base in known else change(stage.base)
        first, *body = stage.instructions
        first = replace(first, arguments=(base, *first.arguments[1:]))
        changed = tuple(_with_flags(one, known, change) for one in body)
        result.append(replace(stage, base=base, instructions=(first, *changed)))
        if stage.name is not None:
            names.add(stage.name)
    return tuple(result)


def images_needed(dockerfile: Dockerfile, target: str | None = None) -> tuple[str, ...]:
    """Return the references that building `target` (default: the last stage) takes from a registry, each once.

    Stages that the target does not need are left out, as BuildKit does, and names that only the build can know.
    """
    stages = dockerfile.stages
    standing = bases(dockerfile)
    wanted = next((index for index, stage in enumerate(stages) if target and stage.name == target), -1)
    needed: dict[str, None] = {}
    for index in sorted(needed_stages(dockerfile, wanted)):
        base = standing[index]
        images = [base] if isinstance(base, str) else []
        images += [use.word for use in uses(stages[index], stages) if use.stage is None]
        needed.update((image, None) for image in images if image != "scratch")
    return tuple(needed)


def every_image(dockerfile: Dockerfile) -> dict[str, int]:
    """Return every name that makes an engine fetch, with the line it stands on first: bases, COPY --from, mounts, # syntax.

    Names that only the build can know are left out.
    """
    found: dict[str, int] = {}
    syntax = dockerfile.directives.get("syntax")
    if syntax:
        found[syntax] = 1
    for stage, base in zip(dockerfile.stages, bases(dockerfile), strict=True):
        if isinstance(base, str):
            found.setdefault(base, stage.line)
        for use in uses(stage, dockerfile.stages):
            if use.stage is None:
                found.setdefault(use.word, use.instruction.line)
    return {name: line for name, line in found.items() if name != "scratch" and "$" not in name}


def _with_flags(
    instruction: Instruction, stages: frozenset[str], change: Callable[[str], str]
) -> Instruction:
    def one(name: str) -> str:
        return name if name in stages or name.isdigit() else change(name)

    flags: list[str] = []
    for flag in instruction.flags:
        if flag.startswith("--from="):
            flags.append("--from=" + one(flag.removeprefix("--from=")))
        elif flag.startswith("--mount="):
            parts = flag.removeprefix("--mount=").split(",")
            flags.append(
                "--mount="
                + ",".join(
                    "from=" + one(part.removeprefix("from=")) if part.startswith("from=") else part
                    for part in parts
                )
            )
        else:
            flags.append(flag)
    return replace(instruction, flags=tuple(flags))
