"""The one exception tree.

SlimDeskError
├── BadInput                 what the person gave cannot be used (command line: exit 2)
│   ├── ProjectError         the folder, or a file in it
│   ├── DockerfileError      a Dockerfile that BuildKit would refuse, with its line
│   ├── ArchiveError         not an image, cut off, or naming blobs that are not there
│   ├── CatalogError         a catalogue file of the person's own that cannot be read
│   └── UnavailableFamily    no recipe for this family and target
├── OutputError              a file that cannot be written, or would be overwritten
└── EngineError              the container engine
    ├── EngineUnreachable    none there, not running, no permission, or too old
    ├── ImageNotFound        the engine has no image or container of that name
    │   └── ToolboxMissing   the image with the tools for a shell is not there and cannot be fetched
    ├── PullFailed           a base image that could not be fetched
    ├── PushFailed           an image that a registry did not take
    ├── BuildFailed          a step of a build
    └── StreamBroken         the engine went away in the middle of an answer

Each says what happened, why, and what to do next; `asyncio.CancelledError` is not one of them and is silent.
"""

from __future__ import annotations


class SlimDeskError(Exception):
    """Something a person can understand and act upon.

    `what` is what happened, `why` its cause, `todo` the next step; the last two may be empty.
    """

    def __init__(self, what: str, why: str = "", todo: str = "") -> None:
        super().__init__(what, why, todo)
        self.what = what
        self.why = why
        self.todo = todo

    def __str__(self) -> str:
        """One sentence, then what to do."""
        head = f"{self.what}: {self.why}" if self.why else self.what
        return f"{_ended(head)} {_ended(self.todo)}" if self.todo else _ended(head)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


class BadInput(SlimDeskError):
    """What the person gave cannot be used."""


class ProjectError(BadInput):
    """The project folder, or a file in it."""


class DockerfileError(BadInput):
    """A Dockerfile that BuildKit would refuse; `line` and `column` count from 1, `source` is that line's text."""

    def __init__(
        self,
        what: str,
        why: str = "",
        todo: str = "",
        line: int | None = None,
        *,
        column: int | None = None,
        source: str = "",
    ) -> None:
        super().__init__(what, why, todo)
        self.line = line
        self.column = column
        self.source = source

    @property
    def caret(self) -> str:
        """The line and, below it, a caret at the place; empty where no place is known."""
        if self.column is None or not self.source:
            return ""
        # Tabs become blanks, so that both lines are equally wide wherever they are shown.
        shown = self.source.replace("\t", " ")
        return f"{shown}\n{' ' * (self.column - 1)}^"


class ArchiveError(BadInput):
    """Not an image archive, cut off, or naming blobs that are not there."""


class CatalogError(BadInput):
    """A catalogue file that cannot be read."""


class UnavailableFamily(BadInput):
    """There is no recipe for this family and target."""


class OutputError(SlimDeskError):
    """A file that cannot be written, or would be overwritten."""


class EngineError(SlimDeskError):
    """The container engine."""


class EngineUnreachable(EngineError):
    """No engine, not running, no permission, or too old."""


class ImageNotFound(EngineError):
    """The engine has no image or container of that name."""


class ToolboxMissing(ImageNotFound):
    """The image with the tools is not there and cannot be fetched; `candidates` are images that could take its place."""

    def __init__(self, what: str, why: str = "", todo: str = "", candidates: tuple[str, ...] = ()) -> None:
        super().__init__(what, why, todo)
        self.candidates = candidates


class PullFailed(EngineError):
    """A base image could not be fetched; `said` is what engine and registry said, word for word."""

    def __init__(self, what: str, why: str = "", todo: str = "", said: str = "") -> None:
        super().__init__(what, why, todo)
        self.said = said


class PushFailed(EngineError):
    """A registry did not take an image."""


class BuildFailed(EngineError):
    """A step of a build failed."""


class StreamBroken(EngineError):
    """The engine went away in the middle of an answer."""
