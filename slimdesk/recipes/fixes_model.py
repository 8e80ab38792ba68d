"""What a mend is made from, and what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slimdesk.basics.escaping import without_controls
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.stages import bases
from slimdesk.dockerfile.write import write_instruction

# The comment above what a mend wrote: the reason, for whoever reads the Dockerfile.
MARK = "# Fix: "
PRAGMA = "# hadolint ignore="
_UNPINNED = {"apt-get install": "DL3008", "apk add": "DL3018"}
# Instructions that say how the image is run; files are put in before them, so that the steps above stay cached.
_SETTINGS = frozenset(
    {"USER", "EXPOSE", "ENTRYPOINT", "CMD", "ENV", "LABEL", "HEALTHCHECK", "STOPSIGNAL", "VOLUME"}
)


@dataclass(frozen=True, slots=True)
class Mend:
    """A change that should make a failed image run. `text` is the whole Dockerfile with it, `lines` what is new in it.

    `title` says what it does and `reason` why, each in a sentence.
    """

    kind: str
    subject: str
    title: str
    reason: str
    lines: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Put:
    """Instructions put before line `line` of the Dockerfile, or in the place of the one that ends at `until`."""

    line: int
    instructions: tuple[Instruction, ...]
    until: int | None = None
    stage: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What is written, before it is applied; the first put carries the comment with the reason."""

    title: str
    reason: str
    puts: tuple[Put, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The new lines."""
        return tuple(
            line
            for put in self.puts
            for one in put.instructions
            for line in write_instruction(one).split("\n")
        )


@dataclass(frozen=True, slots=True)
class Ailing:
    """An image that failed: why, and how it was made. `number` is the stage that is mended, `chain` what it stands on.

    `chain` are numbers of stages, itself first. `base` is the catalogue's image below, `user` what the image runs as.
    """

    kind: str
    subject: str
    text: str
    dockerfile: Dockerfile
    number: int
    chain: tuple[int, ...]
    catalog: Catalog
    base: BaseImage | None
    user: str
    reference: Callable[[str], str]

    @classmethod
    def of(
        cls,
        cause: tuple[str, str],
        text: str,
        target: str,
        catalog: Catalog,
        *,
        base: BaseImage | None,
        user: str,
        reference: Callable[[str], str],
    ) -> Ailing:
        """Read the Dockerfile. Raises DockerfileError."""
        dockerfile = parse(text)
        names = [(stage.name or "").lower() for stage in dockerfile.stages]
        last = names.index(target.lower()) if target and target.lower() in names else len(names) - 1
        standing = bases(dockerfile)
        chain = [last]
        while isinstance(below := standing[chain[-1]], int):
            chain.append(below)
        # A debug stage stands on the one that ships: mended there, both have it.
        if len(chain) > 1 and names[chain[0]] == "debug":
            del chain[0]
        below = standing[chain[-1]]
        known = base or _known(catalog, below if isinstance(below, str) else None)
        return cls(
            *cause,
            text,
            dockerfile,
            chain[0],
            tuple(chain),
            catalog,
            known,
            without_controls(user),
            reference,
        )

    @property
    def stage(self) -> Stage:
        """The stage that is mended."""
        return self.dockerfile.stages[self.number]

    @property
    def on_scratch(self) -> bool:
        """Whether it begins with nothing."""
        return self.dockerfile.stages[self.chain[-1]].base == "scratch"

    @property
    def may_be_root(self) -> bool:
        """Whether it runs as root, as far as is known."""
        return self.user.partition(":")[0] in ("", "0", "root")

    @property
    def owner(self) -> str | None:
        """Its user for --chown; None for root, and for a name, which only the image's own files could resolve."""
        numeric = self.user.replace(":", "").isdigit() and not self.may_be_root
        if not numeric:
            return None
        user, _, group = self.user.partition(":")
        return f"{user}:{group or user}"

    def lacks(self, what: str) -> bool:
        """Whether the base may lack it: of an image that the catalogue does not know, nothing can be said."""
        return self.on_scratch or self.base is None or what in self.base.lacks

    def helper(self, fits: Callable[[BaseImage], bool]) -> str | None:
        """Return the name of an earlier stage whose image is known to fit; None where there is none.

        Taking files from it fetches nothing.
        """
        standing = bases(self.dockerfile)
        for number in range(self.number - 1, -1, -1):
            stage = self.dockerfile.stages[number]
            below: str | int | None = standing[number]
            while isinstance(below, int):
                below = standing[below]
            image = _known(self.catalog, below)
            if stage.name and number not in self.chain and image is not None and fits(image):
                return stage.name
        return None

    def known(self, name: str) -> BaseImage | None:
        """Return the catalogue's image of that name, also where it comes through a mirror or is pinned."""
        return _known(self.catalog, name)

    def static(self) -> str | None:
        """Return the smallest image that has certificates, time zones, a passwd and /tmp, as it is to be written."""
        image = self.catalog.find("distroless", "static")
        return None if image is None else self.reference(image.reference)

    def put(self, *instructions: Instruction) -> Put:
        """Put them behind the files of the stage, before the settings at its end."""
        body = self.stage.instructions
        at = len(body)
        while at > 1 and body[at - 1].keyword in _SETTINGS:
            at -= 1
        return Put(body[at - 1].end_line + 1, instructions)

    def put_first(self, *instructions: Instruction) -> Put:
        """Put them right behind the stage's FROM."""
        return Put(self.stage.instructions[0].end_line + 1, instructions)

    def _pragma(self, one: Instruction) -> str:
        """What tells hadolint that packages are not pinned on purpose: the distributions keep only their newest."""
        if one.keyword != "RUN":
            return ""
        codes = (code for words, code in _UNPINNED.items() if words in one.arguments[0])
        code = next((code for code in codes if f"ignore={code}" not in self.text), None)
        return f"{PRAGMA}{code}\n" if code else ""

    def edits(self, change: Change) -> tuple[Edit, ...]:
        """Return the change as edits of the text; the comment stands above the last put, which is in the shipped stage."""
        escape = self.dockerfile.directives.get("escape", "\\")
        lines = Lines.of(self.text).lines
        edits = []
        for number, put in enumerate(change.puts):
            written = "".join(
                f"{self._pragma(one)}{write_instruction(one, escape)}\n" for one in put.instructions
            )
            if number == len(change.puts) - 1:
                written = f"{MARK}{' '.join(without_controls(change.reason).split())}\n{written}"
            if put.stage:
                written += "\n"
            end = put.line - 1 if put.until is None else put.until
            edits.append(Edit(min(put.line, len(lines) + 1), end, written))
        return tuple(edits)


def _known(catalog: Catalog, name: str | None) -> BaseImage | None:
    if name is None:
        return None
    plain = name.partition("@")[0]
    found = [one for one in catalog.images if plain == one.reference or plain.endswith(f"/{one.reference}")]
    return max(found, key=lambda one: len(one.reference), default=None)
