"""The Dockerfile that SlimDesk saved into the project: how it stands to the project of now, in words, and its merge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.units import plural
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.merge import BETWEEN, THEIRS, YOURS
from slimdesk.dockerfile.references import Reference, parse_reference
from slimdesk.dockerfile.units import lines_of
from slimdesk.operations.explain import read_dockerfile
from slimdesk.operations.saved import STATE_WORDS, Disagreement, Saved, provenance_of, saved_path, state_of
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options
from slimdesk.recipes.provenance import BASELINE

Side = Literal["yours", "generated"]
# Images that are named after what they bring, by the last part of their names.
_LANGUAGES = {
    "golang": "Go", "node": "Node.js", "python": "Python", "rust": "Rust", "php": "PHP", "ruby": "Ruby", "sdk": ".NET",
    "aspnet": ".NET", "eclipse-temurin": "Java", "maven": "Maven", "gradle": "Gradle", "gcc": "GCC", "deno": "Deno", "bun": "Bun",
}  # fmt: skip
_VERSION = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class SavedState:
    """What became of the saved Dockerfile; `saved` is None where it cannot be compared, and then `problem` says why."""

    saved: Saved | None
    problem: SlimDeskError | None = None

    @property
    def words(self) -> str:
        """The state in few words, such as "saved, edited by you"."""
        return "" if self.saved is None else f"saved, {STATE_WORDS[self.saved.state]}"

    @property
    def family(self) -> str:
        """The family, or the baseline, that it was saved as; empty where that is not known."""
        recorded = self.saved.recorded if self.saved is not None else None
        return "" if recorded is None else recorded.family or BASELINE


def saved_state(project: Project, component: Component) -> SavedState | None:
    """Compare the component's saved Dockerfile with what would be written now; blocking, it reads the file.

    None where there is none, or where it is not SlimDesk's or another component's. Raises CatalogError, and BadInput for
    a file that cannot be read.
    """
    path = saved_path(project, component)
    if not path.is_file():
        return None
    try:
        recorded = provenance_of(read_dockerfile(path))
        if recorded is None:
            return None
        if component.fact("dockerfile") is None and recorded.component != component.name:
            return None
        return SavedState(state_of(project, component, path))
    except BadInput as error:
        return SavedState(None, error)


def merge_for(
    project: Project, component: Component, family: Family | None, options: Options
) -> Saved | None:
    """Return the saved Dockerfile merged with what `family` would be now; None where nobody's lines could be lost.

    That is where the file is not there, is as generated, or was not written by SlimDesk. Blocking; raises as `state_of`.
    """
    path = saved_path(project, component)
    if not path.is_file() or provenance_of(read_dockerfile(path)) is None:
        return None
    saved = state_of(project, component, path, family=family, given=options)
    return saved if saved.state in ("edited", "edited-and-moved-on") else None


def moved_words(saved: Saved) -> str:
    """Return what the project wants otherwise now, as a sentence; empty where it has not moved on."""
    if saved.problem is not None:
        return f"The saved Dockerfile cannot be written anew: {saved.problem.why or saved.problem.what}."
    if not saved.moved_on:
        return ""
    told = [words for one in saved.disagreements if (words := _told(one))]
    if not told:
        return "SlimDesk would write the saved Dockerfile differently now."
    more = len(told) - 1
    rest = f" {plural(more, 'other thing')} {'has' if more == 1 else 'have'} changed too." if more else ""
    return f"The saved Dockerfile {told[0]}.{rest}"


def resolved(merged: str, sides: Sequence[Side]) -> str:
    """Return a merged text with its conflicts decided, the first by the first of `sides`; "yours" where none is said."""
    kept: list[str] = []
    place: Side | None = None
    decided = iter(sides)
    wanted: Side = "yours"
    for line in lines_of(merged):
        if line == YOURS:
            place, wanted = "yours", next(decided, "yours")
        elif place is not None and line == BETWEEN:
            place = "generated"
        elif place is not None and line == THEIRS:
            place = None
        elif place in (None, wanted):
            kept.append(line)
    end = "\r\n" if merged.count("\r\n") * 2 > merged.count("\n") else "\n"
    return "".join(f"{line}{end}" for line in kept)


def _told(one: Disagreement) -> str:
    if one.what == "base":
        return _base(_image(one.was), _image(one.now))
    if one.what == "port":
        old, new = (words.removeprefix("EXPOSE ") for words in (one.was, one.now))
        if not new:
            return f"exposes port {old}, on which nothing listens any more"
        return f"exposes port {old}; the project listens on {new}" if old else f"does not expose port {new}"
    if one.what == "entry point":
        return f"starts another program than the project's of now, {one.now}" if one.now else ""
    return "runs as another user" if one.what == "user" else ""


def _image(words: str) -> Reference | None:
    """The image that FROM or COPY --from names."""
    source = re.search(r"--from=(\S+)", words) or re.search(r"^FROM (?:--\S+ )*(\S+)", words)
    return parse_reference(source[1]) if source else None


def _base(old: Reference | None, new: Reference | None) -> str:
    if old is None or new is None:
        if old is None and new is not None:
            return f"does not take {_named(new)}, which the project asks for now"
        return (
            "starts from another base image"
            if old is None
            else f"takes {_named(old)}, which is no longer wanted"
        )
    language = _LANGUAGES.get(new.last)
    versions = [_VERSION.match(one.tag or "") for one in (old, new)]
    if language and old.last == new.last and versions[0] and versions[1] and versions[0][0] != versions[1][0]:
        return f"was made for {language} {versions[0][0]}; the project asks for {versions[1][0]}"
    return f"starts from {_named(old)}; {_named(new)} would be taken now"


def _named(image: Reference) -> str:
    return f"{image.name}:{image.tag}" if image.tag else image.name
