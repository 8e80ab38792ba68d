"""What a Node.js image does not need from the build context, and what the person should know about it."""

from __future__ import annotations

from collections.abc import Iterable

from slimdesk.basics.finding import Finding, Severity
from slimdesk.project.languages.node_versions import parse_range
from slimdesk.project.model import Component, Fact
from slimdesk.recipes.node_fit import PLAIN
from slimdesk.recipes.node_shape import Shape, place_of, value_of
from slimdesk.recipes.told import told_at

_TESTS = (
    "**/*.test.js", "**/*.test.mjs", "**/*.test.cjs", "**/*.test.ts", "**/*.spec.js", "**/*.spec.ts", "**/__tests__", "test",
    "tests", "e2e", ".github", ".editorconfig", ".eslintrc*", "eslint.config.*", ".prettierrc*",
)  # fmt: skip


def ignored(shape: Shape) -> tuple[str, ...]:
    """Return patterns for .dockerignore: old output of the build, or tests where nothing is built."""
    prefix = f"{shape.folder}/" if shape.folder else ""
    patterns = []
    if shape.has_build:
        # Left over from builds on this machine.
        patterns += [f"{prefix}{one}" for one in shape.outputs if one != "." and PLAIN.fullmatch(one)]
    elif not shape.installer.workspace:
        entry = next(
            (word for word in (shape.component.entrypoint or ())[1:] if not word.startswith("-")), ""
        )
        patterns += [one for one in _TESTS if not entry.startswith(f"{one}/")]
    if shape.component.fact("manager_folder") is not None:
        patterns += ["**/.yarn/install-state.gz", "**/.yarn/unplugged", "**/.yarn/build-state.yml"]
    return tuple(patterns)


def findings(shape: Shape) -> Iterable[Finding]:
    """Yield what a person should know before the image goes to production."""
    component = shape.component
    yield from no_lock_file(component)
    if component.fact("handles_sigterm") is None and component.port is not None:
        yield _finding(
            "signals", "info", "The code does not handle SIGTERM: as process 1, Node.js ignores it, and stopping takes ten seconds.",
            component.fact("entrypoint"), fix="Handle SIGTERM, or start the container with --init",
        )  # fmt: skip
    if component.fact("writes_files") is not None and shape.layout == "":
        yield _finding(
            "read-only-code", "info", f"The code writes files; {shape.home} belongs to root, and the program runs as {shape.base.run_user}",
            component.fact("writes_files"), fix="Write to /tmp or to a volume",
        )  # fmt: skip
    browser = next((one for one in component.all("browser") if not str(one.value).endswith("-core")), None)
    if browser is not None:
        yield _finding(
            "browser-libraries", "warning", f"{value_of(browser)} needs a browser and its libraries, which this Dockerfile does not install",
            browser, fix="Use a browser in a container of its own, or add the libraries",
        )  # fmt: skip
    if shape.layout == "next":
        yield _finding(
            "next-standalone", "info", "Next.js ships with all of its packages; its standalone output takes only those that are used",
            component.fact("layout"), fix='Set output: "standalone" in next.config',
        )  # fmt: skip
    wanted = parse_range(component.version)
    if wanted is not None and shape.base.version and not wanted.touches(int(shape.base.version)):
        yield _finding(
            "ended-version", "warning", f"The project asks for Node.js {component.version}, which no supported image has; this is {shape.base.version}",
            component.fact("version"), fix="Test the program with it, and say so in package.json's engines",
        )  # fmt: skip


def no_lock_file(component: Component) -> Iterable[Finding]:
    """Yield a finding where no lock file fixes the versions of the packages."""
    counts = ("dependencies", "development_dependencies")
    if component.fact("lockfile") is None and any(component.value(key, 0) for key in counts):
        yield _finding(
            "no-lock-file", "warning", "There is no lock file, so each build may install other versions of the packages",
            component.fact("dependencies"), fix="Commit the lock file that the package manager writes",
        )  # fmt: skip


def _finding(rule: str, severity: Severity, message: str, fact: Fact | None, *, fix: str) -> Finding:
    return told_at(place_of(fact), rule, severity, message, fix)
