"""Taking a dependency out of the texts that ask for it, and a source out of a Dockerfile."""

import json
import tomllib

import pytest

from slimdesk.dockerfile.parse import parse
from slimdesk.project.dependencies import Declared
from slimdesk.project.model import Evidence
from slimdesk.recipes.leave_out_dockerfile import with_removal, without_source
from slimdesk.recipes.leave_out_locks.npm import without_in_lock
from slimdesk.recipes.leave_out_manifest import (
    CannotTakeOut,
    with_cpu_index,
    without_dependencies,
    without_dependency,
)


def at(name, path, line, kind="pypi"):
    return Declared(name, kind, Evidence(path, line))


@pytest.mark.parametrize(
    ("path", "text", "name", "line", "after"),
    [
        ("requirements.txt", "a==1\nb==2 \\\n    --hash=sha256:0 \\\n    --hash=sha256:1\nc\n", "b", 2, "a==1\nc\n"),
        ("requirements.txt", "a\r\nb\r\n", "b", 2, "a\r\n"),
        ("requirements.txt", "a", "a", 1, ""),
        ("pyproject.toml", '[project]\ndependencies = ["a>=1", "b", "c"]\n', "b", 2, '[project]\ndependencies = ["a>=1", "c"]\n'),
        ("pyproject.toml", '[project]\ndependencies = [\n  "a>=1",\n  "B_x[y]>2",\n]\n', "b-x", 4, '[project]\ndependencies = [\n  "a>=1",\n]\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3"\na = "1"\n', "a", 3, '[tool.poetry.dependencies]\npython = "^3"\n'),
        ("Pipfile", '[packages]\na = "*"\nb = {version = "*"}\n', "b", 3, '[packages]\na = "*"\n'),
        ("build.gradle", 'dependencies {\n  implementation "g:a:1"\n  implementation "g:b:1"\n}\n', "a", 2, 'dependencies {\n  implementation "g:b:1"\n}\n'),
    ],
)  # fmt: skip
def test_one_line_goes_and_all_else_stays_as_it_was(path, text, name, line, after):
    assert without_dependency(path, text, at(name, path, line)) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"dependencies": {"a": "1", "b": "2"}}', '{"dependencies": {"a": "1"}}'),
        ('{"dependencies": {"b": "2"}}', '{"dependencies": {}}'),
        ('{\n\t"scripts": {"b": "run"},\n\t"dependencies": {\n\t\t"b": "2",\n\t\t"c": "3"\n\t}\n}\n',
         '{\n\t"scripts": {"b": "run"},\n\t"dependencies": {\n\t\t"c": "3"\n\t}\n}\n'),
        ('{"overrides": {"b": "1"}, "optionalDependencies": {"b": "1"}}', '{"overrides": {"b": "1"}, "optionalDependencies": {}}'),
    ],
)  # fmt: skip
def test_package_json_loses_the_entry_and_keeps_its_form(text, after):
    assert without_dependency("package.json", text, at("b", "package.json", 1, "npm")) == after


def test_an_entry_in_two_groups_goes_from_both():
    text = '{"dependencies": {"b": "1"}, "devDependencies": {"b": "1", "c": "1"}}'
    after = json.loads(without_dependency("package.json", text, at("b", "package.json", 1, "npm")))
    assert after == {"dependencies": {}, "devDependencies": {"c": "1"}}


def test_a_pom_loses_the_whole_element():
    text = "<project>\n  <dependencies>\n    <dependency>\n      <artifactId>a</artifactId>\n    </dependency>\n    <dependency>\n      <artifactId>b</artifactId>\n    </dependency>\n  </dependencies>\n</project>\n"
    after = without_dependency("pom.xml", text, at("b", "pom.xml", 6, "maven"))
    assert after == text.replace(
        "    <dependency>\n      <artifactId>b</artifactId>\n    </dependency>\n", ""
    )


@pytest.mark.parametrize(
    ("path", "text", "name", "line", "kind"),
    [
        ("go.mod", "require github.com/a/b v1\n", "github.com/a/b", 1, "golang"),
        ("requirements.txt", "a\n", "a", None, "pypi"),
        ("package.json", "{", "a", 1, "npm"),
        ("package.json", "{}", "a", 1, "npm"),
        ("pyproject.toml", "[project]\n", "a", 9, "pypi"),
        ("pyproject.toml", '[tool.poetry.dependencies]\na = {\nversion = "1" }\n', "a", 2, "pypi"),
        ("setup.py", "setup()", "a", 1, "pypi"),
        ("pom.xml", "<project/>", "a", 1, "maven"),
    ],
)
def test_what_cannot_be_cut_out_plainly_is_said(path, text, name, line, kind):
    with pytest.raises(CannotTakeOut):
        without_dependency(path, text, at(name, path, line, kind))


def test_lock_files_follow_or_the_command_is_named():
    files = {
        "pyproject.toml": '[project]\nname = "x"\ndependencies = [\n"a",\n"b",\n]\n',
        "uv.lock": "version = 1\n",
    }
    taken = without_dependencies(files.get, (at("a", "pyproject.toml", 4), at("b", "pyproject.toml", 5)))
    (text,) = taken.texts
    assert tomllib.loads(text.after)["project"]["dependencies"] == []
    assert taken.commands == ("uv lock",)


def test_a_member_of_a_workspace_has_its_lock_file_at_the_root():
    lock = {
        "lockfileVersion": 3,
        "packages": {
            "": {"workspaces": ["packages/*"]},
            "packages/web": {"name": "web", "dependencies": {"a": "1", "b": "1"}},
            "node_modules/web": {"resolved": "packages/web", "link": True},
            "node_modules/a": {"version": "1"},
            "node_modules/b": {"version": "1"},
        },
    }
    files = {
        "packages/web/package.json": '{"dependencies": {"a": "1", "b": "1"}}',
        "package-lock.json": json.dumps(lock),
    }
    taken = without_dependencies(files.get, (at("a", "packages/web/package.json", 1, "npm"),))
    after = json.loads(next(one.after for one in taken.texts if one.path == "package-lock.json"))["packages"]
    assert set(after) == {"", "packages/web", "node_modules/web", "node_modules/b"}
    assert after["packages/web"]["dependencies"] == {"b": "1"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"packages": []}', '{"lockfileVersion": 1, "dependencies": {"a": {}}}']
)
def test_a_lock_file_of_another_kind_stays_as_it_is(text):
    assert without_in_lock(text, "a") == text


def test_a_lock_file_with_circles_ends():
    packages = {
        "": {"dependencies": {"a": "1"}},
        "node_modules/a": {"dependencies": {"b": "1"}},
        "node_modules/b": {"dependencies": {"a": "1"}},
    }
    after = json.loads(without_in_lock(json.dumps({"packages": packages}), "a"))
    assert after == {"packages": {"": {}}}


def test_the_cpu_build_comes_from_its_own_index():
    assert with_cpu_index("requirements.txt", "torch==2.5\n").splitlines() == [
        "--extra-index-url https://download.pytorch.org/whl/cpu",
        "torch==2.5",
    ]
    with pytest.raises(CannotTakeOut, match="index of torch"):
        with_cpu_index("pyproject.toml", "")


@pytest.mark.parametrize(
    ("line", "word", "after"),
    [
        ("COPY docs ./", "docs", ""),
        ("COPY a docs b /x/", "docs", "COPY a b /x/\n"),
        ('COPY ["a", "docs", "/x/"]', "docs", 'COPY ["a", "/x/"]\n'),
    ],
)
def test_a_source_is_no_longer_copied(line, word, after):
    text = f"FROM a\n{line}\n"
    instruction = parse(text).stages[0].instructions[1]
    assert without_source(text, instruction, word) == f"FROM a\n{after}"


@pytest.mark.parametrize(
    ("run", "path", "after"),
    [
        ("RUN a", "/x y", "RUN a && rm -rf '/x y'"),
        ("RUN a \\\n && b", "/x", "RUN a \\\n && b && rm -rf /x"),
        ("RUN a", "/$(evil)';x", "RUN a && rm -rf '/$(evil)'\"'\"';x'"),
    ],
)
def test_a_run_removes_what_it_leaves_behind(run, path, after):
    text = f"FROM a\n{run}\n"
    assert with_removal(text, parse(text).stages[0].instructions[1], path) == f"FROM a\n{after}\n"


@pytest.mark.parametrize(
    ("run", "path"),
    [
        ('RUN ["a"]', "/x"),
        ("RUN <<E\na\nE", "/x"),
        ("RUN a", "/x\nRUN evil"),
        ("RUN a", "/"),
        ("RUN a", "//."),
    ],
)
def test_nothing_else_can_be_written_into_a_dockerfile(run, path):
    text = f"FROM a\n{run}\n"
    with pytest.raises(CannotTakeOut):
        with_removal(text, parse(text).stages[0].instructions[1], path)
