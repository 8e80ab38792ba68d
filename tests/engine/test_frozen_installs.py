"""Lock files that a dependency was taken out of: the frozen installs of npm, Yarn and pnpm take them, in a real build.

Bun's program comes by a script that npm no longer runs unasked: its lock file is held against Bun's own text in the unit tests.
"""

from pathlib import Path

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.operations.build import build_source, own_source
from slimdesk.operations.detect import open_project
from slimdesk.project.dependencies import declared
from slimdesk.recipes.leave_out_manifest import without_dependencies

pytestmark = pytest.mark.builds

LOCKS = Path(__file__).parents[1] / "data" / "locks"
BASE = "node:24-trixie-slim"
FILES = {
    "npm": ("package-lock.json", "npm ci --ignore-scripts"),
    "yarn1": ("yarn.lock", "npx --yes yarn@1.22.22 install --frozen-lockfile --ignore-scripts"),
    "berry": (
        "yarn.lock",
        "npx --yes --package @yarnpkg/cli-dist@4.18.1 yarn install --immutable --mode=skip-build",
    ),
    "pnpm": ("pnpm-lock.yaml", "npx --yes pnpm@10.34.9 install --frozen-lockfile --ignore-scripts"),
}


@pytest.mark.matrix
async def test_the_tools_take_the_lock_file_that_is_left(modern_engine, tmp_path):
    reason = standins.why_not(BASE)
    if reason:
        pytest.skip(reason)
    standins.ensure(modern_engine, (BASE,))
    lines = [f"FROM {BASE}", "ENV YARN_ENABLE_TELEMETRY=0 YARN_NODE_LINKER=node-modules"]
    for tool, (lock, install) in FILES.items():
        folder = tmp_path / tool
        folder.mkdir()
        (folder / "package.json").write_bytes((LOCKS / "package.json").read_bytes())
        (folder / lock).write_bytes((LOCKS / tool / lock).read_bytes())
        (folder / "index.js").write_text("")
        project = open_project(folder)
        (send,) = (one for one in declared(project, project.components[0]) if one.name == "send")
        taken = without_dependencies(lambda path, here=folder: _text(here / path), (send,))
        assert {one.path for one in taken.texts} == {"package.json", lock}
        for one in taken.texts:
            (folder / one.path).write_text(one.after)
        lines += [
            f"WORKDIR /try/{tool}",
            f"COPY {tool}/ ./",
            f"RUN {install} && test -d node_modules/react && test ! -e node_modules/send",
        ]
    (tmp_path / "package.json").write_text('{"name": "tries", "main": "index.js"}')
    (tmp_path / "index.js").write_text("")
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("\n".join(lines) + "\n")
    project = open_project(tmp_path)
    component = next(one for one in project.components if one.path == ".")
    async with trial.engine_at(modern_engine) as engine:
        built = await build_source(
            engine,
            project,
            component,
            own_source(project, component, dockerfile),
            tag="slimdesk-test/frozen:own",
        )
    error = built.result.error
    assert error is None, "\n".join((error.message, *error.log))


def _text(path):
    return path.read_text() if path.is_file() else None
