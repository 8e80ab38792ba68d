"""What leaving something out promises is what the next build gains, and the service still runs."""

import json

import pytest
from engine.standins import trial

from slimdesk.operations.leave_out import apply, leave_out, target_of, text_of_image
from slimdesk.operations.promises import promise, settle
from slimdesk.workspace.promises import Promises

pytestmark = pytest.mark.builds

# Both are small, without dependencies of their own.
NEEDED, NOT_NEEDED = ("ms", "2.1.3"), ("moment", "2.30.1")
SERVER = """const http = require("node:http");
const ms = require("ms");
http.createServer((_, answer) => answer.end(`ok ${ms("1m")}`)).listen(3000);
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
"""


def write_project(folder):
    asked = dict((NEEDED, NOT_NEEDED))
    about = {"name": "left-out", "version": "1.0.0", "main": "server.js", "dependencies": asked}
    packages = {
        "": about,
        **{f"node_modules/{name}": {"version": version} for name, version in asked.items()},
    }
    lock = {
        "name": "left-out",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "requires": True,
        "packages": packages,
    }
    (folder / "package.json").write_text(json.dumps(about, indent=2) + "\n")
    (folder / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n")
    (folder / "server.js").write_text(SERVER)
    (folder / "docs").mkdir()
    for number in range(8):
        (folder / "docs" / f"chapter{number}.txt").write_text(f"{number} " * 100_000)


async def test_a_folder_and_a_dependency_gain_what_they_promise(modern_engine, tmp_path):
    root = tmp_path / "left-out"
    root.mkdir()
    write_project(root)
    service = trial.Service("left-out", root, "Node.js", ("slim",), http="/", expect="ok 60000")
    kept = Promises(tmp_path / "left-out.json")
    tag = "slimdesk-test/left-out:slim"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, service, "slim", tag)
        before = await trial.measure(engine, tag)
        project, _ = service.open()
        component, text = text_of_image(project, before)
        assert text.family == "slim"
        for what in ("/app/docs", next(one for one in before.packages if one.name == "moment")):
            found = leave_out(project, component, before, text, target_of(before, what))
            assert found.changes, found.reason
            apply(project, found)
            promise(project, component, before, found, kept)
        await trial.build(engine, service, "slim", tag)
        after = await trial.measure(engine, tag)
        done = settle(project, component, after, kept)
        verified = await trial.prove(engine, service, tag)
    assert verified.verdict == "runs", (verified.reason, verified.log)
    assert done is not None
    assert done.what == ("/app/docs", "moment 2.30.1")
    assert done.live > 5_000_000
    for promised, measured in ((done.live, done.measured_live), (done.files, done.measured_files)):
        assert abs(promised - measured) <= 0.02 * promised
    assert {one.name for one in after.packages if one.path.startswith("/app/")} == {"ms"}
