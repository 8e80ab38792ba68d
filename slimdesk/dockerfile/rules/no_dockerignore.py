"""A whole folder is copied and nothing keeps history, modules and secrets out."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.errors import BadInput
from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.ignore import BadPattern, Ignore
from slimdesk.dockerfile.view import View

RULE = "no-dockerignore"

_UNWANTED = (".git", "node_modules", ".venv", "venv", ".env", "target", "__pycache__", ".idea")


def check(view: View) -> Iterator[Finding]:
    """A warning for the first COPY . where the folder has no .dockerignore, or one that lets such things in."""
    around = view.surroundings
    if around is None:
        return
    copy = next(
        (
            one
            for stage in view.stages
            for one in stage.own("COPY", "ADD")
            if not flag_values(one.flags, "from")
            and {source.strip("\"'") for source in one.arguments[:-1]} & {".", "./", "/"}
        ),
        None,
    )
    if copy is None:
        return
    there = [name for name in _UNWANTED if name in around.names]
    if around.dockerignore is not None:
        there = [name for name in there if not _excluded(around.dockerignore, name)]
        if not there:
            return
        message = f"The .dockerignore lets {', '.join(there)} into the build"
        yield Finding(RULE, "warning", message, line=copy.line, fix="\n".join(there))
        return
    named = f", with {', '.join(there)}" if there else ""
    message = f"There is no .dockerignore, so the whole folder goes into the build{named}"
    yield Finding(
        RULE,
        "warning" if there else "info",
        message,
        line=copy.line,
        fix="Write a .dockerignore: .git, node_modules, .venv, .env, build output",
    )


def _excluded(text: str, name: str) -> bool:
    try:
        ignore = Ignore.parse(text)
        # A folder counts as kept out if what is in it is.
        return ignore.excludes(name) or ignore.excludes(f"{name}/x")
    except (BadInput, BadPattern):
        return True
