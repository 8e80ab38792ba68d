"""Large dependencies that many programs do not need: CUDA libraries, browsers, a JDK where a runtime does."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes
from slimdesk.image.findings.survey import Hint, Survey, listed
from slimdesk.image.table import Kind

_BROWSERS = (b"ms-playwright", b"puppeteer")
NAMES = frozenset((*_BROWSERS, b"jmods"))


def find(survey: Survey) -> Iterator[Hint]:
    """Yield a finding for each of them that is there."""
    cuda = [
        (index, package)
        for index, package in enumerate(survey.image.packages or ())
        if package.type == "pypi" and package.name.lower().startswith(("nvidia-", "triton"))
    ]
    if cuda:
        nodes = [node for index, _ in cuda for node in survey.owned(index)]
        nodes = [node for node in nodes if survey.table.kind[node] != Kind.FOLDER]
        size = survey.bytes(nodes)
        message = f"CUDA libraries: {listed(package.name for _, package in cuda)} ({format_bytes(size)}); only a machine with a GPU uses them"
        fix = "Install the CPU build of PyTorch: --index-url https://download.pytorch.org/whl/cpu"
        path = cuda[0][1].path
        yield Hint(Finding("cuda", "info", message, path=path, bytes=size, fix=fix), tuple(nodes))
    browsers = [node for node in survey.named(*_BROWSERS) if _is_cache(survey, node)]
    if browsers:
        size = survey.bytes(browsers)
        message = f"Browsers that a package downloaded: {format_bytes(size)}"
        fix = "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 or PUPPETEER_SKIP_DOWNLOAD=1 where the service starts no browser"
        path = survey.path(browsers[0])
        yield Hint(
            Finding("bundled-browser", "info", message, path=path, bytes=size, fix=fix), tuple(browsers)
        )
    modules = [node for node in survey.named(b"jmods") if survey.table.is_folder(node)]
    if modules:
        size = survey.bytes(modules)
        message = f"A JDK, where a Java runtime runs the program: its jmods alone are {format_bytes(size)}"
        fix = "A JRE in the final stage, or a runtime of its own made by jlink"
        path = survey.path(modules[0])
        yield Hint(Finding("jdk", "warning", message, path=path, bytes=size, fix=fix), tuple(modules))


def _is_cache(survey: Survey, node: int) -> bool:
    parent = survey.table.name_bytes(survey.table.parent[node])
    return survey.table.is_folder(node) and parent == b".cache"
