"""Large dependencies that many programs do not need: CUDA libraries, browsers, a JDK where a runtime does."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes, listed
from slimdesk.image.findings.survey import Hint, Survey
from slimdesk.image.table import Kind

# Where Playwright and Puppeteer put what they fetch: ~/.cache, PLAYWRIGHT_BROWSERS_PATH=0 and /ms-playwright, Puppeteer before 19.
_BROWSERS = (b"ms-playwright", b"puppeteer", b".local-browsers", b".local-chromium")
_SYSTEM_BROWSERS = frozenset(
    ("chromium", "chromium-browser", "firefox", "firefox-esr", "google-chrome-stable")
)
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
    browsers += [
        node
        for index, package in enumerate(survey.image.packages or ())
        if package.type in ("deb", "apk", "rpm") and package.name in _SYSTEM_BROWSERS
        for node in survey.owned(index)
        if survey.table.kind[node] != Kind.FOLDER
    ]
    if browsers:
        size = survey.bytes(browsers)
        message = f"Browsers: {format_bytes(size)}; only a service that renders pages or runs tests in one uses them"
        fix = "Leave the browser out where the service starts none: PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1, PUPPETEER_SKIP_DOWNLOAD=1, or no such package"
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
    name, parent = survey.table.name_bytes(node), survey.table.name_bytes(survey.table.parent[node])
    # A project may call a folder puppeteer; only a cache's is a browser.
    return survey.table.is_folder(node) and (name != b"puppeteer" or parent == b".cache")
