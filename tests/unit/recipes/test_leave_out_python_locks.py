"""poetry.lock and pdm.lock after a dependency was taken out: the very text that Poetry 2.5.1 and PDM 2.25.9 write then.

tests/data/locks/TOOL holds the manifest, its lock file, and `without-NAME.txt`, which the tool wrote without that line. Of
each package's files only the first one is kept in all of them.
"""

from pathlib import Path

import pytest

from slimdesk.project.dependencies import Declared
from slimdesk.project.model import Evidence
from slimdesk.recipes.leave_out_locks import LOCKS, Gone, pdm, poetry
from slimdesk.recipes.leave_out_manifest import without_dependencies

DATA = Path(__file__).parents[2] / "data" / "locks"
TOOLS = ("poetry", "pdm")
COMMANDS = {"poetry": "poetry lock", "pdm": "pdm lock --update-reuse"}
HASHES = {"poetry": poetry.content_hash, "pdm": pdm.content_hash}


def files_of(tool):
    return {name: (DATA / tool / name).read_text() for name in ("pyproject.toml", f"{tool}.lock")}


def taken_out(files, name):
    line = next(number for number, one in enumerate(files["pyproject.toml"].splitlines(), 1) if name in one)
    taken = without_dependencies(files.get, (Declared(name, "pypi", Evidence("pyproject.toml", line)),))
    return {one.path: one.after for one in taken.texts}, taken.commands


def digest(tool, manifest):
    import tomllib

    return HASHES[tool](tomllib.loads(manifest))


@pytest.mark.parametrize("tool", TOOLS)
# One that a group still asks for, and one with an extra.
@pytest.mark.parametrize("name", ["rich", "requests"])
def test_what_is_written_is_what_the_tool_writes(tool, name):
    after, commands = taken_out(files_of(tool), name)
    assert commands == ()
    assert after[f"{tool}.lock"] == (DATA / tool / f"without-{name}.txt").read_text()


@pytest.mark.parametrize("tool", TOOLS)
def test_one_after_the_other(tool):
    files = files_of(tool)
    for name in ("click", "flask", "requests"):
        after, commands = taken_out(files, name)
        assert commands == ()
        files |= after
    for name in ("click", "flask", "requests", "pysocks", "werkzeug"):
        assert f'name = "{name}"' not in files[f"{tool}.lock"]
    assert 'name = "rich"' in files[f"{tool}.lock"]


@pytest.mark.parametrize("tool", TOOLS)
def test_a_lock_file_that_did_not_fit_before_is_left_to_the_tool(tool):
    files = files_of(tool)
    files["pyproject.toml"] = files["pyproject.toml"].replace("click>=8", "click>=7")
    after, commands = taken_out(files, "rich")
    assert set(after) == {"pyproject.toml"}
    assert commands == (COMMANDS[tool],)


def with_marker(tool, files, name, marker):
    """A project that needs `name` on Windows alone beside whoever else needs it, as both tools state it."""
    before = files["pyproject.toml"]
    files["pyproject.toml"] = before.replace('"click>=8"', f'"click>=8",\n    "{name}>=0; {marker}"')
    old, new = digest(tool, before), digest(tool, files["pyproject.toml"])
    files[f"{tool}.lock"] = files[f"{tool}.lock"].replace(old, new)
    return files


@pytest.mark.parametrize("tool", TOOLS)
def test_what_then_only_a_marker_asks_for_is_left_to_the_tool(tool):
    files = with_marker(tool, files_of(tool), "idna", "sys_platform == 'win32'")
    after, commands = taken_out(files, "requests")
    assert set(after) == {"pyproject.toml"}
    assert commands == (COMMANDS[tool],)
    # Whom the marker does not touch can go.
    after, commands = taken_out(files, "flask")
    assert (set(after), commands) == ({"pyproject.toml", f"{tool}.lock"}, ())


@pytest.mark.parametrize("tool", TOOLS)
def test_several_versions_of_what_stays_are_left_to_the_tool(tool):
    files = files_of(tool)
    lock = files[f"{tool}.lock"]
    start = lock.index('[[package]]\nname = "click"')
    block = lock[start : lock.index("[[package]]", start + 1)]
    files[f"{tool}.lock"] = lock[:start] + block.replace('version = "8', 'version = "7') + lock[start:]
    # flask needs click too.
    after, commands = taken_out(files, "flask")
    assert (set(after), commands) == ({"pyproject.toml"}, (COMMANDS[tool],))
    after, commands = taken_out(files, "requests")
    assert after[f"{tool}.lock"].count('name = "click"') == 2
    assert commands == ()


def test_poetry_before_2_states_no_groups_and_its_own_table_of_the_manifest():
    manifest = '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.11"\nb = "^1"\nd = "^1"\n'
    block = '[[package]]\nname = "{}"\nversion = "1.0"\noptional = false\npython-versions = "*"\nfiles = []\n'
    needs = '\n[package.dependencies]\nc = "*"\n'
    tail = '[metadata]\nlock-version = "2.0"\npython-versions = "^3.11"\ncontent-hash = "{}"\n'
    blocks = [block.format("b") + needs, block.format("c"), block.format("d")]
    lock = "\n".join(["# Poetry", *blocks, tail.format(digest("poetry", manifest))])
    line = Declared("b", "pypi", Evidence("pyproject.toml", 5))
    taken = without_dependencies({"pyproject.toml": manifest, "poetry.lock": lock}.get, (line,))
    assert taken.commands == ()
    after = {one.path: one.after for one in taken.texts}
    shorter = manifest.replace('b = "^1"\n', "")
    assert after["pyproject.toml"] == shorter
    assert after["poetry.lock"] == "\n".join(
        ["# Poetry", block.format("d"), tail.format(digest("poetry", shorter))]
    )


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[[package]]", "[package]"),
        ('name = "rich"', "name = 7"),
        ("dependencies", "files2"),
        ('groups = ["main"]', "groups = 3"),
        ('groups = ["default"]', "groups = [[1]]"),
        ("[metadata]", "[metadata.more]"),
        ('strategy = ["inherit_metadata"]', "strategy = 1"),
    ],
)
def test_what_is_no_lock_file_is_left_to_the_tool_or_stays_whole(tool, old, new):
    files = files_of(tool)
    text = files[f"{tool}.lock"].replace(old, new)
    lock = next(one for one in LOCKS if one.name == f"{tool}.lock")
    manifest = files["pyproject.toml"]
    without = "".join(line for line in manifest.splitlines(keepends=True) if "requests" not in line)
    written = lock.rewritten(text, Gone("requests", "", manifest, without))
    # Where the words are not in the file the answer is that of the others.
    expected = None if text != files[f"{tool}.lock"] else (DATA / tool / "without-requests.txt").read_text()
    assert written == expected


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    "manifest",
    [
        "project = 1\n",
        "[project]\ndependencies = 'requests'\n",
        "[project]\ndependencies = [1]\n",
        "[tool]\npoetry = [1]\npdm = 2\n",
        "[dependency-groups]\ndev = [{include-group = 'x'}]\n",
        "[tool.poetry.group.x]\ninclude-groups = ['y']\n",
        "[project]\ndependencies = [2026-11-22]\n",
        "x = ",
    ],
)
def test_hostile_manifests_write_nothing(tool, manifest):
    lock = next(one for one in LOCKS if one.name == f"{tool}.lock")
    text = files_of(tool)[f"{tool}.lock"]
    assert lock.rewritten(text, Gone("requests", "", manifest, manifest)) is None
