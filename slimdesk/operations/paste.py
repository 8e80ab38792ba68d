"""A Dockerfile from the clipboard: repaired, read, judged, mended, rewritten."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.errors import DockerfileError
from slimdesk.basics.finding import Finding
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.clutter import Repair, clean, looks_like_dockerfile
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.syntax_fixes import SyntaxFix, mend_syntax
from slimdesk.operations.rewrite import Rewritten, rewrite_in, rewrite_text
from slimdesk.project.model import Component, Project
from slimdesk.recipes.rewrite import Rewrite

# Mending reads the text again for every slip.
MAX_MENDED = 20_000


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a pasted text turned out to be.

    `text` is the text without clutter, `repairs` what was taken out. `error` is why BuildKit would refuse `text`, None if
    it would not; `syntax_fixes` then say how `dockerfile` was won nevertheless. `dockerfile` None: it could not. `findings`
    are of `dockerfile`; `mended` is the text with all quick fixes, `rewrite` the multi-stage one, None with a `reason`.
    """

    text: str
    repairs: tuple[Repair, ...]
    dockerfile: Dockerfile | None
    error: DockerfileError | None
    syntax_fixes: tuple[SyntaxFix, ...]
    findings: tuple[Finding, ...]
    mended: str | None
    rewritten: Rewritten | None

    @property
    def rewrite(self) -> Rewrite | None:
        """The multi-stage Dockerfile; None where no recipe serves."""
        return None if self.rewritten is None else self.rewritten.rewrite


def read_pasted(
    text: str,
    family: Family | None = None,
    *,
    repair: bool = True,
    target: tuple[Project, Component] | None = None,
) -> Pasted:
    """Make the best of a pasted text. Blocking (up to a tenth of a second).

    `repair` False takes the text as it stands, as after an edit. `target` is the component that it belongs to; without
    one the project is guessed. Raises UnavailableFamily for a `family` asked for.
    """
    cleaned, repairs = clean(text) if repair else (text, ())
    error: DockerfileError | None = None
    fixes: tuple[SyntaxFix, ...] = ()
    readable = cleaned
    try:
        dockerfile = parse(cleaned)
    except DockerfileError as refused:
        error = refused
        readable, fixes = mend_syntax(cleaned)
        try:
            dockerfile = parse(readable)
        except DockerfileError:
            return Pasted(cleaned, repairs, None, error, (), (), None, None)
    done = (
        rewrite_text(readable, family=family)
        if target is None
        else rewrite_in(*target, readable, family=family)
    )
    return Pasted(cleaned, repairs, dockerfile, error, fixes, done.findings, done.mended, done)


def worth_reading(text: str) -> bool:
    """Whether a text from the clipboard is a Dockerfile, or was meant to be one: it can be read once slips are mended."""
    if looks_like_dockerfile(text):
        return True
    cleaned, _ = clean(text)
    if len(cleaned) > MAX_MENDED or cleaned.count("\n") < 2:
        return False
    try:
        parse(mend_syntax(cleaned)[0])
    except DockerfileError:
        return False
    return True


def is_dockerfile_name(name: str) -> bool:
    """Whether a file of that name is a Dockerfile: Dockerfile, Containerfile, Dockerfile.prod, api.dockerfile."""
    word = name.casefold()
    if word.endswith((".dockerignore", ".orig")):
        return False
    return word.partition(".")[0] in ("dockerfile", "containerfile") or word.endswith(".dockerfile")
