"""A Dockerfile as the rules look at it: stages with what they stand on, and what the final image inherits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from slimdesk.catalog.catalog import Catalog
from slimdesk.dockerfile.commands import commands, installed
from slimdesk.dockerfile.images import ImageFacts, image_facts
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.references import Reference, parse_reference
from slimdesk.dockerfile.stages import Use, bases, needed_stages, uses
from slimdesk.dockerfile.surroundings import Surroundings


@dataclass(frozen=True)
class StageView:
    """One stage. `chain` are the stages it is made of, itself first, the one on a foreign image last; `members` their indices.

    `image` is that foreign image's name, None if only the build knows it.
    """

    index: int
    stage: Stage
    chain: tuple[Stage, ...]
    members: tuple[int, ...]
    image: Reference | None
    facts: ImageFacts

    @property
    def first(self) -> Instruction:
        """Its FROM."""
        return self.stage.instructions[0]

    @property
    def scratch(self) -> bool:
        """Whether it begins with nothing."""
        return self.image is not None and self.image.name == "scratch"

    def own(self, *keywords: str) -> Iterator[Instruction]:
        """Its own instructions of these keywords, in order."""
        return (one for one in self.stage.instructions if one.keyword in keywords)

    def inherited(self, *keywords: str) -> Iterator[Instruction]:
        """Instructions of these keywords of all stages it is made of, in the order in which they are carried out."""
        return (
            one for stage in reversed(self.chain) for one in stage.instructions if one.keyword in keywords
        )

    def last(self, keyword: str) -> Instruction | None:
        """The one of that keyword that is in force at the end."""
        return next(reversed(list(self.inherited(keyword))), None)

    @cached_property
    def installed(self) -> frozenset[str]:
        """The packages that a RUN of it, or of a stage below, installs."""
        found = (installed(command) for run in self.inherited("RUN") for command in commands(run))
        return frozenset(name for one in found if one is not None for name in one[1])

    @cached_property
    def shell(self) -> bool | None:
        """Whether shell form works: /bin/sh of the image, a shell that SHELL names, or one that was copied in."""
        if any(True for _ in self.inherited("SHELL")):
            return True
        if self.facts.shell is False and any(_brings_shell(one) for one in self.inherited("COPY", "ADD")):
            return None
        return self.facts.shell


@dataclass(frozen=True)
class View:
    """The whole file."""

    dockerfile: Dockerfile
    stages: tuple[StageView, ...]
    uses: tuple[tuple[Use, ...], ...]
    needed: frozenset[int]
    catalog: Catalog | None = None
    surroundings: Surroundings | None = None

    def at(self, line: int | None) -> Instruction | None:
        """The instruction that begins at a line."""
        return next((one for one in self.dockerfile.instructions() if one.line == line and line), None)

    @property
    def final(self) -> StageView:
        """The stage that ships."""
        return self.stages[-1]


def look(
    dockerfile: Dockerfile, catalog: Catalog | None = None, surroundings: Surroundings | None = None
) -> View:
    """Make the view; the Dockerfile has at least one stage. Raises Refused if a FROM cannot be read."""
    standing = bases(dockerfile)
    stages: list[StageView] = []
    for index, stage in enumerate(dockerfile.stages):
        base = standing[index]
        if isinstance(base, int):
            below = stages[base]
            stages.append(
                StageView(
                    index, stage, (stage, *below.chain), (index, *below.members), below.image, below.facts
                )
            )
            continue
        image = None if base is None else parse_reference(base)
        facts = ImageFacts() if image is None else image_facts(image, catalog)
        stages.append(StageView(index, stage, (stage,), (index,), image, facts))
    found = tuple(uses(stage, dockerfile.stages) for stage in dockerfile.stages)
    return View(dockerfile, tuple(stages), found, needed_stages(dockerfile), catalog, surroundings)


def _brings_shell(copy: Instruction) -> bool:
    """Whether a COPY may put a shell in its usual place: into /bin, or a whole file system onto /."""
    target = copy.arguments[-1].rstrip("/")
    return target in ("/bin", "/bin/sh", "/usr", "/usr/bin", "") or any(
        source.endswith(("/sh", "/busybox")) for source in copy.arguments[:-1]
    )
