"""How stages stand on and use one another, and what BuildKit refuses of it.

Rules of moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go and validations.go (v0.33): every stage must
have a base; only the stages that the last one needs are built, so only they are judged further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from slimdesk.dockerfile.building import check_building
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.mounts import parse_mount
from slimdesk.dockerfile.references import global_arguments, is_platform, parse_reference, resolved
from slimdesk.dockerfile.shellwords import WordError, expand
from slimdesk.dockerfile.statement import Refused


@dataclass(frozen=True, slots=True)
class Use:
    """A COPY --from or --mount=from= of an instruction; `stage` is the index that `word` means, None for an image."""

    instruction: Instruction
    word: str
    stage: int | None


class RefusedAt(Exception):
    """An instruction that BuildKit refuses."""

    def __init__(self, instruction: Instruction, refused: Refused) -> None:
        super().__init__(str(refused))
        self.instruction = instruction
        self.refused = refused


def bases(dockerfile: Dockerfile) -> list[str | int | None]:
    """Return what each stage stands on: a stage's index, an image's name, or None if only the build knows.

    Raises Refused for a word that cannot be read.
    """
    escape = dockerfile.directives.get("escape", "\\")
    values = global_arguments(dockerfile, escape)
    found: list[str | int | None] = []
    for index, stage in enumerate(dockerfile.stages):
        base = resolved(stage.base, values, escape)
        earlier = None if base is None else _named(base, dockerfile.stages[:index])
        found.append(base if earlier is None else earlier)
    return found


def uses(stage: Stage, stages: Sequence[Stage]) -> tuple[Use, ...]:
    """Return what a stage takes files from, in the order of its instructions."""
    found: list[Use] = []
    for instruction in stage.instructions:
        if instruction.keyword == "COPY":
            words = (word for word in flag_values(instruction.flags, "from") if word)
            found.extend(Use(instruction, word, stage_of(word, stages)) for word in words)
        elif instruction.keyword == "RUN":
            for value in flag_values(instruction.flags, "mount"):
                source = parse_mount(value).source_stage
                if source:
                    found.append(Use(instruction, source, _named(source.lower(), stages)))
    return tuple(found)


def stage_of(word: str, stages: Sequence[Stage]) -> int | None:
    """Return the index of the stage that COPY --from means by a name or a number; None if it means an image."""
    if re.fullmatch(r"[+-]?[0-9]+", word):
        return int(word)
    return _named(word.lower(), stages)


def needed_stages(dockerfile: Dockerfile, target: int = -1) -> frozenset[int]:
    """Return the indices of the stages that are built for `target`, the last one if nothing is said."""
    standing = bases(dockerfile)
    needed: set[int] = set()
    waiting = [target % len(dockerfile.stages)]
    while waiting:
        index = waiting.pop()
        if index in needed:
            continue
        needed.add(index)
        base = standing[index]
        if isinstance(base, int):
            waiting.append(base)
        own = uses(dockerfile.stages[index], dockerfile.stages)
        waiting.extend(use.stage for use in own if use.stage is not None)
    return frozenset(needed)


def check_stages(dockerfile: Dockerfile) -> None:
    """Raise RefusedAt for the first instruction that BuildKit refuses although it could be read."""
    escape = dockerfile.directives.get("escape", "\\")
    stages = dockerfile.stages
    values: Mapping[str, str | None] = {}
    if dockerfile.arguments:
        with _placed(dockerfile.arguments[0]):
            values = global_arguments(dockerfile, escape)
    for index, stage in enumerate(stages):
        with _placed(stage.instructions[0]):
            _check_from(stage, values, escape, stages[:index])
    found = [uses(stage, stages) for stage in stages]
    for use in (use for own in found for use in own):
        _check_use(use, len(stages))
    _check_circles(found)
    for index in sorted(needed_stages(dockerfile)):
        stage = stages[index]
        for use in found[index]:
            _check_order(use, index)
        for instruction in stage.instructions[1:]:
            with _placed(instruction):
                check_building(instruction, escape)


@contextmanager
def _placed(instruction: Instruction) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise RefusedAt(instruction, refused) from None


def _named(name: str, stages: Sequence[Stage]) -> int | None:
    """Of several stages of one name the last is meant. FROM knows no numbers and heeds capitals."""
    return next((index for index in range(len(stages) - 1, -1, -1) if stages[index].name == name), None)


def _check_from(stage: Stage, values: Mapping[str, str | None], escape: str, before: Sequence[Stage]) -> None:
    base = resolved(stage.base, values, escape)
    if base == "":
        raise Refused(
            f"the base image {stage.base} is empty",
            "Declare its variable with ARG NAME=VALUE before the first FROM",
        )
    if base is not None and _named(base, before) is None and parse_reference(base) is None:
        hint = "Names of images are written in lower case" if base.lower() != base else ""
        raise Refused(f"{base} is not the name of an image", hint)
    if stage.platform is not None:
        platform = resolved(stage.platform, values, escape)
        if platform is not None and not is_platform(platform):
            raise Refused(f"{platform or stage.platform} is not a platform", "Write it as linux/amd64")


def _check_use(use: Use, count: int) -> None:
    if use.instruction.keyword == "COPY":
        try:
            same = expand(use.word, lambda _: None) == use.word
        except WordError:
            same = False
        if not same:
            raise RefusedAt(
                use.instruction,
                Refused(
                    f"--from={use.word} takes no variable",
                    "Name a stage that begins with FROM and the variable",
                ),
            )
    if use.stage is not None and not 0 <= use.stage < count:
        raise RefusedAt(
            use.instruction,
            Refused(f"there is no stage {use.word}", f"The stages are numbered from 0 to {count - 1}"),
        )
    if use.stage is None and parse_reference(use.word) is None:
        raise RefusedAt(use.instruction, Refused(f"{use.word} is neither a stage nor an image"))


def _check_order(use: Use, index: int) -> None:
    if use.stage is not None and use.stage >= index:
        raise RefusedAt(
            use.instruction,
            Refused(f"the stage {use.word} is not finished there", "Move that stage before this one"),
        )


def _check_circles(found: Sequence[tuple[Use, ...]]) -> None:
    for start, own in enumerate(found):
        for use in own:
            seen: set[int | None] = {None}
            waiting = [use.stage]
            while waiting:
                index = waiting.pop()
                if index == start:
                    raise RefusedAt(
                        use.instruction,
                        Refused(
                            f"the stage needs itself through {use.word}",
                            "Move what it needs into a stage of its own",
                        ),
                    )
                if index is not None and index not in seen:
                    seen.add(index)
                    waiting.extend(further.stage for further in found[index])
