"""Base images whose name or tag nobody ever published, or that were taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.references import Reference
from slimdesk.dockerfile.view import View

RULE = "missing-base"


def check(view: View) -> Iterator[Finding]:
    """An error with the name that is there."""
    for stage in view.stages:
        if stage.image is None or len(stage.chain) > 1 or stage.image.digest:
            continue
        found = _there(stage.image)
        if found is not None:
            why, instead = found
            written = f"{stage.image.name}{':' + stage.image.tag if stage.image.tag else ''}"
            yield Finding(
                RULE,
                "error",
                f"There is no image {written}: {why}",
                line=stage.first.line,
                fix=f"FROM {instead}",
            )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The image that is there."""
    first = view.at(finding.line)
    new = (finding.fix or "").removeprefix("FROM ")
    return () if first is None or not new else lines.substituted(first, re.escape(first.arguments[0]), new, 1)


def _there(image: Reference) -> tuple[str, str] | None:
    """Why a name is not there, and what is. Sources: docker-library/official-images, distroless README, dotnet-docker."""
    name, tag = short_name(image), image.tag or ""
    if name == "golang" and "slim" in tag:
        return "golang has no slim variant", f"golang:{tag.replace('-slim', '')}"
    if name in ("python", "node", "ruby") and re.search(r"alpine.*slim|slim.*alpine", tag):
        return (
            "a tag is slim or alpine, not both",
            f"{name}:{re.sub(r'-?slim-?', '-', tag).replace('--', '-').strip('-')}",
        )
    if name == "eclipse-temurin" and re.search(r"slim|bookworm|bullseye|trixie|buster|debian", tag):
        version = re.match(r"\d+", tag)
        kind = "jdk" if "jdk" in tag else "jre"
        return (
            "Temurin stands on Ubuntu and Alpine only",
            f"eclipse-temurin:{version[0] if version else '21'}-{kind}-noble",
        )
    if name == "java":
        version = re.match(r"(?:openjdk-)?(\d+)", tag)
        number = version[1] if version and version[1] in ("8", "11", "17", "21", "25") else "21"
        return "the java images were taken away in 2017", f"eclipse-temurin:{number}-jdk-noble"
    if name == "node" and "buster-slim" in tag and int((re.match(r"\d+", tag) or ["0"])[0]) > 20:
        return "it was never made for that release", f"node:{tag.split('-', 1)[0]}-slim"
    if name.startswith("mcr.microsoft.com/dotnet/") and re.match(
        r"1\d\.\d.*(?:bookworm|bullseye|trixie)", tag
    ):
        return ".NET 10 stands on Ubuntu, Alpine and Azure Linux", f"{name}:{tag.split('-', 1)[0]}"
    if name.startswith("gcr.io/distroless/"):
        return _distroless(image.last, tag)
    return None


def _distroless(last: str, tag: str) -> tuple[str, str] | None:
    host = "gcr.io/distroless/"
    if tag in ("nonroot-debug", "debug-non-root", "non-root"):
        right = "debug-nonroot" if "debug" in tag else "nonroot"
        return f"the tag is called {right}", f"{host}{last}:{right}"
    if last.startswith(("node-", "node:")) or last in ("node", "nodejs-debian13"):
        return (
            "the Node.js images are called nodejs22, nodejs24 and nodejs26",
            f"{host}nodejs24-debian13:nonroot",
        )
    if re.match(r"python(?:3\.\d+|2|$)", last) or last == "python":
        return (
            "the Python image is called python3, and has the Python of its Debian",
            f"{host}python3-debian13:nonroot",
        )
    if last in ("go", "golang", "rust"):
        return (
            "programs of Go and Rust run on static or cc",
            f"{host}{'static' if last != 'rust' else 'cc'}-debian13:nonroot",
        )
    if last in ("jre", "openjdk"):
        return "the Java images are called java17, java21 and java25", f"{host}java21-debian13:nonroot"
    return None
