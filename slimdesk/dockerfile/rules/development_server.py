"""A development server as the program of an image: slow, open, and it compiles at each start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.view import View

RULE = "development-server"

_SERVERS: tuple[tuple[str, str], ...] = (
    (r"manage\.py\W+runserver", 'CMD ["gunicorn", "PROJECT.wsgi:application", "--bind", "0.0.0.0:8000"]'),
    (r"\bflask\W+(?:\S+\W+)?run\b", 'CMD ["gunicorn", "app:app", "--bind", "0.0.0.0:8000"]'),
    (r"\buvicorn\b.*--reload", "Leave --reload away"),
    (
        r"\b(?:npm|yarn|pnpm)\W+(?:run\W+)?(?:dev|serve|watch|start:dev)\b",
        "Build in one stage, and start what was built",
    ),
    (
        r"\bng\W+serve\b|\bvite\b(?!.*preview)|\bnext\W+dev\b|\bwebpack-dev-server\b|\breact-scripts\W+start\b",
        "Build, and let a web server hand out the files",
    ),
    (r"\bnodemon\b|\bts-node(?:-dev)?\b", "Compile in a build stage, and start the JavaScript with node"),
    (r"\bgo\W+run\b", "go build in a build stage, and start the program"),
    (r"\bcargo\W+run\b", "cargo build --release in a build stage, and start the program"),
    (r"spring-boot:run|\bbootRun\b", "Build the jar in a build stage, and start it with java -jar"),
    (r"\bdotnet\W+(?:run|watch)\b", "dotnet publish in a build stage, and start the assembly"),
    (r"\bphp\W+-S\b|\bartisan\W+serve\b", "Start php-fpm, with a web server in front"),
)


def check(view: View) -> Iterator[Finding]:
    """A warning for the start command."""
    for keyword in ("ENTRYPOINT", "CMD"):
        found = view.final.last(keyword)
        if found is None:
            continue
        text = " ".join(found.arguments)[:2000]
        fix = replacement(text)
        if fix is not None:
            message = f"{text[:60]} is for the developer's own machine: it watches, compiles at the start, and brings its tools along"
            yield Finding(RULE, "warning", message, line=found.line, fix=fix)


def replacement(text: str) -> str | None:
    """Return what to start instead of a development server; None if the words start something else."""
    return next((fix for pattern, fix in _SERVERS if re.search(pattern, text)), None)
