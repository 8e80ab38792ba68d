"""Lock files that the tools wrote, after a dependency was taken out: the very text that the tool itself writes then.

tests/data/locks/TOOL holds the lock file of package.json, and `without-send.txt`, which the tool wrote without that line;
uv and cargo have manifests of their own.
"""

import json
import tomllib
from pathlib import Path

import pytest

from slimdesk.project.dependencies import Declared
from slimdesk.project.model import Evidence
from slimdesk.recipes.leave_out_locks import LOCKS, Gone
from slimdesk.recipes.leave_out_manifest import CannotTakeOut, without_dependencies

DATA = Path(__file__).parents[2] / "data" / "locks"
MANIFEST = (DATA / "package.json").read_text()
FILES = {
    "npm": "package-lock.json",
    "yarn1": "yarn.lock",
    "berry": "yarn.lock",
    "pnpm": "pnpm-lock.yaml",
    "bun": "bun.lock",
}


def taken_out(files, name, path="package.json", kind="npm"):
    line = next(number for number, one in enumerate(files[path].splitlines(), 1) if name in one)
    taken = without_dependencies(files.get, (Declared(name, kind, Evidence(path, line)),))
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


OTHERS = {"uv": ("pyproject.toml", "uv.lock", "pypi"), "cargo": ("Cargo.toml", "Cargo.lock", "cargo")}


def files_of(tool):
    return {name: (DATA / tool / name).read_text() for name in OTHERS[tool][:2]}


@pytest.mark.parametrize(("tool", "name"), [("uv", "rich"), ("cargo", "regex")])
def test_uv_and_cargo_write_the_same(tool, name):
    manifest, lock, kind = OTHERS[tool]
    after, commands = taken_out(files_of(tool), name, manifest, kind)
    assert commands == ()
    assert after[lock] == (DATA / tool / f"without-{name}.txt").read_text()
    assert name not in after[manifest]


@pytest.mark.parametrize("name", ["hex", "itoa"])
def test_a_table_of_its_own_and_a_crate_without_needs_go_too(name):
    after, commands = taken_out(files_of("cargo"), name, "Cargo.toml", "cargo")
    assert commands == ()
    assert f'name = "{name}"' not in after["Cargo.lock"]
    assert name not in tomllib.loads(after["Cargo.toml"])["dependencies"]


def test_what_may_have_switched_features_on_is_left_to_cargo():
    files = files_of("cargo")
    files["Cargo.toml"] = files["Cargo.toml"].replace("itoa", 'rand = "0.8"\nitoa')
    files["Cargo.lock"] = files["Cargo.lock"].replace(' "regex",\n', ' "rand",\n "regex",\n', 1)
    files["Cargo.lock"] += (
        '\n[[package]]\nname = "rand"\nversion = "0.8.5"\nsource = "r"\ndependencies = [\n "uuid",\n]\n'
    )
    after, commands = taken_out(files, "rand", "Cargo.toml", "cargo")
    assert set(after) == {"Cargo.toml"}
    assert commands == ("cargo update --workspace",)


def test_a_crate_that_a_feature_names_is_taken_out_by_hand():
    files = files_of("cargo")
    files["Cargo.toml"] += '\n[features]\nids = ["uuid/v7"]\n'
    with pytest.raises(CannotTakeOut, match="feature ids"):
        taken_out(files, "uuid", "Cargo.toml", "cargo")


def test_a_version_behind_a_name_goes_with_the_other_version():
    block = '[[package]]\nname = "{}"\nversion = "{}"\n{}'
    needs = "dependencies = [\n{}]\n"
    text = "version = 4\n\n" + "\n".join(
        (
            block.format("app", "1.0.0", needs.format(' "alpha",\n "b",\n')),
            block.format("alpha", "1.0.0", 'source = "r"\n' + needs.format(' "x 1.0.0",\n')),
            block.format("b", "1.0.0", 'source = "r"\n' + needs.format(' "x 2.0.0",\n')),
            block.format("x", "1.0.0", 'source = "r"\n'),
            block.format("x", "2.0.0", 'source = "r"\n'),
        )
    )
    manifest = '[package]\nname = "app"\n[dependencies]\nalpha = "1"\nb = "1"\n'
    after, _ = taken_out({"Cargo.toml": manifest, "Cargo.lock": text}, "alpha", "Cargo.toml", "cargo")
    assert ' "x",\n' in after["Cargo.lock"]
    assert '"1.0.0"\nsource = "r"\n\n[[package]]\nname = "x"' not in after["Cargo.lock"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # An extra of what stays, two versions of a package, a dependency that two lists of the manifest name.
        ('{ name = "idna" },\n    {', '{ name = "idna", extra = ["x"] },\n    {'),
        ('name = "idna"\nversion', 'name = "rich"\nversion'),
        ("dependencies = [\n", "dependency = [\n"),
    ],
)
def test_what_uv_has_to_resolve_anew_is_left_to_it(old, new):
    files = files_of("uv")
    files["uv.lock"] = files["uv.lock"].replace(old, new)
    after, commands = taken_out(files, "idna", "pyproject.toml", "pypi")
    assert set(after) == {"pyproject.toml"}
    assert commands == ("uv lock",)


@pytest.mark.parametrize(
    ("kind", "path", "command"),
    [
        ("composer", "composer.json", "composer remove 'a b/c'"),
        ("gem", "Gemfile", "bundle remove 'a b/c'"),
        ("nuget", "shop.csproj", "dotnet remove package 'a b/c'"),
    ],
)
def test_where_the_tool_does_both_it_is_named(kind, path, command):
    with pytest.raises(CannotTakeOut, match=command):
        taken_out({path: '"a b/c"'}, "a b/c", path, kind)


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
