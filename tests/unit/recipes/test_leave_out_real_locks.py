"""Lock files that the tools wrote, after a dependency was taken out: the very text that the tool itself writes then.

tests/data/locks/TOOL holds the lock file of package.json, and `without-send.txt`, which the tool wrote without that line.
"""

import json
from pathlib import Path

import pytest

from slimdesk.project.dependencies import Declared
from slimdesk.project.model import Evidence
from slimdesk.recipes.leave_out_locks import LOCKS, Gone
from slimdesk.recipes.leave_out_manifest import without_dependencies

DATA = Path(__file__).parents[2] / "data" / "locks"
MANIFEST = (DATA / "package.json").read_text()
FILES = {
    "npm": "package-lock.json",
    "yarn1": "yarn.lock",
    "berry": "yarn.lock",
    "pnpm": "pnpm-lock.yaml",
    "bun": "bun.lock",
}


def taken_out(files, name, path="package.json"):
    line = next(number for number, one in enumerate(files[path].splitlines(), 1) if f'"{name}"' in one)
    taken = without_dependencies(files.get, (Declared(name, "npm", Evidence(path, line)),))
    return {one.path: one.after for one in taken.texts}, taken.commands


def lock_of(name):
    return next(one for one in LOCKS if one.name == name)


@pytest.mark.parametrize("tool", FILES)
def test_what_is_written_is_what_the_tool_writes(tool):
    text = (DATA / tool / FILES[tool]).read_text()
    after, commands = taken_out({"package.json": MANIFEST, FILES[tool]: text}, "send")
    assert commands == ()
    assert after[FILES[tool]] == (DATA / tool / "without-send.txt").read_text()
    assert "send" not in json.loads(after["package.json"])["dependencies"]


@pytest.mark.parametrize("tool", FILES)
def test_line_ends_of_windows_stay(tool):
    text = (DATA / tool / FILES[tool]).read_text().replace("\n", "\r\n")
    after, _ = taken_out({"package.json": MANIFEST, FILES[tool]: text}, "semver")
    assert "\r\n" in after[FILES[tool]]
    assert "\n" not in after[FILES[tool]].replace("\r\n", "")


@pytest.mark.parametrize(
    ("tool", "name", "command"),
    [
        # What stays asks for it beside itself: how that is resolved then is the tool's matter.
        ("pnpm", "react", "pnpm install --lockfile-only"),
        ("bun", "react", "bun install --lockfile-only"),
        # A copy further down would come to lie in its place.
        ("bun", "debug", "bun install --lockfile-only"),
    ],
)
def test_what_cannot_be_done_exactly_is_left_to_the_tool(tool, name, command):
    text = (DATA / tool / FILES[tool]).read_text()
    after, commands = taken_out({"package.json": MANIFEST, FILES[tool]: text}, name)
    assert set(after) == {"package.json"}
    assert commands == (command,)


@pytest.mark.parametrize("tool", FILES)
def test_the_last_dependency_leaves_a_lock_file_that_can_be_read(tool):
    lock = lock_of(FILES[tool])
    text, manifest = (DATA / tool / FILES[tool]).read_text(), json.loads(MANIFEST)
    for name in ("react-dom", "send", "debug", "react", "semver", "@fastify/error"):
        before = json.dumps(manifest)
        for group in ("dependencies", "devDependencies"):
            manifest[group].pop(name, None)
        text = lock.rewritten(text, Gone(name, "", before, json.dumps(manifest)))
        assert text is not None, name
    for name in ("react", "send", "debug", "semver", "@fastify/error", "ms"):
        assert f"{name}@" not in text
        assert f'"{name}"' not in text


@pytest.mark.parametrize("lock", [one for one in LOCKS if one.without], ids=lambda one: one.name)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "\0",
        "a: &a [*a]",
        "lockfileVersion: 5",
        '{"packages": 1, "workspaces": {"": 3}}',
        ":\n\n:\n\n,:",
    ],
)
def test_a_damaged_lock_file_is_left_to_the_tool(lock, text):
    assert lock.rewritten(text, Gone("send", "", MANIFEST, MANIFEST.replace('"send"', '"other"'))) is None


def test_a_workspace_of_yarn_1_asks_in_manifests_that_the_lock_file_does_not_name():
    manifest = json.dumps({"workspaces": ["web"], "dependencies": {"send": "0.18.0"}}, indent=1)
    text = (DATA / "yarn1/yarn.lock").read_text()
    assert taken_out({"package.json": manifest, "yarn.lock": text}, "send")[1] == ("yarn install",)
