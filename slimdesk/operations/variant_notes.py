"""What stands beside each line of a Dockerfile: the reason, the evidence, and the bytes once it is built and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.model import Dockerfile, Instruction
from slimdesk.dockerfile.units import lines_of
from slimdesk.image.model import Image, Layer
from slimdesk.recipes.provenance import is_comment
from slimdesk.workspace.settings import SizeKind

# Instructions that can make a layer (moby/buildkit frontend/dockerfile/dockerfile2llb).
_MAKE_LAYERS = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})
YOURS = "yours"
OWN_COMMENT = "Lets SlimDesk tell your edits from its own lines"


@dataclass(frozen=True, slots=True)
class LineNote:
    """One instruction: its lines (from 1), why it is there, where that was read, and the bytes it adds.

    `bytes` None = not measured. `base` bytes came with the base image; lines that are not `shipped` belong to a stage
    that is left behind. A `plain` note stands beside a comment, which makes nothing.
    """

    line: int
    end_line: int
    reason: str
    bytes: int | None = None
    base: bool = False
    shipped: bool = True
    place: str = ""
    plain: bool = False


def line_notes(
    dockerfile: Dockerfile, target: str, image: Image | None, size_kind: SizeKind
) -> tuple[LineNote, ...]:
    """Return a note per instruction in the order of the file; `target` is the stage that ships."""
    shipped = shipped_stages(dockerfile, target)
    sizes = _bytes_by_line(dockerfile, shipped, image, size_kind)
    notes = [_note(one, shipped=False) for one in dockerfile.arguments]
    for number, stage in enumerate(dockerfile.stages):
        ships = number in shipped
        for position, one in enumerate(stage.instructions):
            is_base = ships and position == 0 and number == shipped[0]
            measured = sizes.get(one.line) if ships else None
            # Where the base is not known, neither is what it brought, nor whether a RUN or COPY without a layer of its own has one.
            open_question = is_base or one.keyword in _MAKE_LAYERS
            if ships and measured is None and image is not None:
                measured = None if open_question and image.base_layers is None else 0
            notes.append(_note(one, shipped=ships, size=measured, base=is_base))
    return tuple(notes)


def with_findings(notes: Sequence[LineNote], findings: Sequence[Finding]) -> tuple[LineNote, ...]:
    """Say what the checks found where no reason is known: beside the lines of a Dockerfile that SlimDesk did not write."""

    def told(note: LineNote) -> LineNote:
        here = [
            one.message for one in findings if one.line is not None and note.line <= one.line <= note.end_line
        ]
        return replace(note, reason=" ".join(here)) if here and not note.reason else note

    return tuple(told(note) for note in notes)


def with_own_comment(notes: Sequence[LineNote], text: str) -> tuple[LineNote, ...]:
    """Say what SlimDesk's own comment is for."""
    own = (
        LineNote(number, number, OWN_COMMENT, plain=True)
        for number, line in enumerate(lines_of(text), 1)
        if is_comment(line)
    )
    return tuple(sorted((*notes, *own), key=lambda note: note.line))


def with_reasons(edited: Dockerfile, generated: Dockerfile) -> Dockerfile:
    """Give the instructions of an edited text the reasons of the generated ones that they still equal; else "yours"."""
    known: dict[tuple[object, ...], Instruction] = {}
    for stage in generated.stages:
        for one in stage.instructions:
            known.setdefault((stage.name, *_sense(one)), one)
    for one in generated.instructions():
        known.setdefault(_sense(one), one)

    def explained(one: Instruction, stage: str | None = None) -> Instruction:
        like = known.get((stage, *_sense(one))) or known.get(_sense(one))
        if like is None:
            return replace(one, reason=YOURS)
        return replace(one, reason=like.reason, evidence=like.evidence)

    stages = tuple(
        replace(stage, instructions=tuple(explained(one, stage.name) for one in stage.instructions))
        for stage in edited.stages
    )
    return replace(edited, stages=stages, arguments=tuple(explained(one) for one in edited.arguments))


def shipped_stages(dockerfile: Dockerfile, target: str) -> list[int]:
    """Return the numbers of the stages that the target is made of, lowest first: itself and the stages it stands on."""
    names = {stage.name.lower(): number for number, stage in enumerate(dockerfile.stages) if stage.name}
    current: int | None = names.get(target.lower(), len(dockerfile.stages) - 1 if dockerfile.stages else None)
    chain: list[int] = []
    while current is not None and current not in chain:
        chain.insert(0, current)
        below = names.get(dockerfile.stages[current].base.lower())
        current = below if below is not None and below < current else None
    return chain


def _bytes_by_line(
    dockerfile: Dockerfile, shipped: Sequence[int], image: Image | None, size_kind: SizeKind
) -> dict[int, int]:
    if image is None or not shipped:
        return {}
    found: dict[int, int] = {}
    if image.base_layers is not None:
        first = dockerfile.stages[shipped[0]].instructions[0]
        found[first.line] = sum(_size(layer, size_kind) for layer in image.layers if layer.base)
    for index, instruction in instructions_of_layers(dockerfile, shipped, image).items():
        found[instruction.line] = _size(image.layers[index], size_kind)
    return found


def instructions_of_layers(
    dockerfile: Dockerfile, shipped: Sequence[int], image: Image
) -> dict[int, Instruction]:
    """Return the instruction that made each layer above the base, by the layer's index.

    They are matched in order and by keyword: an instruction that changed nothing has no layer. Where the base is not
    known they are matched from the last one back, for the last layers are the Dockerfile's own.
    """
    instructions = [
        one
        for number in shipped
        for one in dockerfile.stages[number].instructions[1:]
        if one.keyword in _MAKE_LAYERS
    ]
    layers = [layer for layer in image.layers if not layer.base]
    if image.base_layers is None:
        instructions.reverse()
        layers.reverse()
    found: dict[int, Instruction] = {}
    position = 0
    for layer in layers:
        keyword = (layer.instruction or "").split(" ", 1)[0].upper()
        rest = range(position, len(instructions))
        at = next((number for number in rest if instructions[number].keyword == keyword), None)
        if at is None:
            continue
        found[layer.index] = instructions[at]
        position = at + 1
    return found


def _size(layer: Layer, size_kind: SizeKind) -> int:
    kind = "files" if size_kind == "live" else size_kind
    return getattr(layer.sizes, kind) or 0


def _note(one: Instruction, *, shipped: bool, size: int | None = None, base: bool = False) -> LineNote:
    return LineNote(
        one.line, one.end_line, one.reason, size, base, shipped, str(one.evidence) if one.evidence else ""
    )


def _sense(one: Instruction) -> tuple[object, ...]:
    words = tuple(" ".join(word.split()) for word in one.arguments)
    return (one.keyword, one.flags, words)
