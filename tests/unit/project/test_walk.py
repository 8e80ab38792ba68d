from __future__ import annotations

import os
from pathlib import Path

import pytest

from slimdesk.basics.errors import ProjectError
from slimdesk.project import walk as walk_module
from slimdesk.project.ignored import looks_secret
from slimdesk.project.walk import common_folder, join, normal, walk


def test_it_lists_files_in_order_with_posix_paths(make_folder):
    tree = walk(make_folder({"b.txt": "b", "a/c.txt": "cc", "ä ö/d e.txt": ""}))
    assert list(tree.files) == ["a/c.txt", "b.txt", "ä ö/d e.txt"]
    assert tree.files["a/c.txt"].size == 2
    assert tree.text("ä ö/d e.txt") == ""
    assert [entry.path for entry in tree.under("a")] == ["a/c.txt"]
    assert tree.has_folder("a")
    assert not tree.has_folder("b")


def test_a_folder_that_is_a_file_is_refused(make_folder):
    root = make_folder({"go.mod": "module x"})
    with pytest.raises(ProjectError, match="is not a folder"):
        walk(root / "go.mod")


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ProjectError, match="There is no folder"):
        walk(tmp_path / "nowhere")


def test_a_folder_name_with_a_nul_is_refused(tmp_path):
    with pytest.raises(ProjectError):
        walk(tmp_path / "a\0b")


def test_no_permission_is_one_sentence(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(walk_module.os, "scandir", refuse)
    with pytest.raises(ProjectError, match=r"cannot be opened: permission denied\. Ask"):
        walk(tmp_path)


def test_an_unreadable_folder_below_becomes_a_problem(make_folder, monkeypatch):
    root = make_folder({"open/a": "", "closed/b": ""})
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(walk_module.os, "scandir", refuse)
    tree = walk(root)
    assert list(tree.files) == ["open/a"]
    assert [problem.message for problem in tree.problems] == [
        "The folder closed could not be read: Permission denied"
    ]


def test_symbolic_links_are_not_followed(make_folder, tmp_path):
    root = make_folder({"a/f": "x"})
    (root / "a" / "loop").symlink_to(root)
    (root / "out").symlink_to(tmp_path)
    (root / "dangling").symlink_to(root / "nothing")
    (root / "link").symlink_to(root / "a" / "f")
    assert list(walk(root).files) == ["a/f"]


def test_the_number_of_files_is_bounded_and_the_nearest_come_first(make_folder, monkeypatch):
    monkeypatch.setattr(walk_module, "MAX_FILES", 10)
    root = make_folder({**{f"a/b/{number}": "" for number in range(50)}, "go.mod": "", "z": ""})
    tree = walk(root)
    assert len(tree.files) == 10
    assert tree.has("go.mod")
    assert tree.has("z")
    assert "more than 10 files" in tree.problems[0].message


def test_the_number_of_other_entries_is_bounded(make_folder, monkeypatch):
    monkeypatch.setattr(walk_module, "MAX_ENTRIES", 20)
    root = make_folder({"a": ""})
    for number in range(50):
        (root / f"folder{number}").mkdir()
    assert "were looked at" in walk(root).problems[0].message


@pytest.mark.parametrize(
    ("files", "left_out"),
    [
        ({"node_modules/x/index.js": ""}, "node_modules"),
        ({"env39/pyvenv.cfg": "", "env39/lib/a.py": ""}, "env39"),
        ({"target/a.jar": "", "pom.xml": ""}, "target"),
        ({"target/a": "", "Cargo.toml": ""}, "target"),
        ({"build/a.js": "", "package.json": "{}"}, "build"),
        ({"dist/a.whl": "", "pyproject.toml": ""}, "dist"),
        ({"obj/a.dll": "", "shop.csproj": ""}, "obj"),
        ({"vendor/modules.txt": "", "go.mod": "module x"}, "vendor"),
        ({"out/CMakeCache.txt": "", "out/a.o": ""}, "out"),
        ({"shop.egg-info/PKG-INFO": ""}, "shop.egg-info"),
    ],
)
def test_what_tools_and_builds_fill_is_left_out(make_folder, files, left_out):
    tree = walk(make_folder({**files, "kept": ""}))
    assert not [path for path in tree.files if path.startswith(left_out + "/")]
    assert tree.skipped[left_out]
    assert tree.has_folder(left_out)


@pytest.mark.parametrize(
    "files",
    [
        {"target/main.go": ""},
        {"build/main.go": "", "go.mod": "module x"},
        {"build/package/Dockerfile": "", "go.mod": "module x", "package.json": "{}"},
        {"bin/run.py": ""},
        {"vendor/acme.py": ""},
    ],
)
def test_a_usual_name_alone_is_no_evidence_of_output(make_folder, files):
    assert set(walk(make_folder(files)).files) == set(files)


def test_names_that_are_not_utf8_do_no_harm(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff\xfe.txt"
    try:
        Path(os.fsdecode(name)).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    tree = walk(tmp_path)
    (path,) = tree.files
    assert tree.text(path) == "x"


def test_a_text_is_read_up_to_its_bound_and_damage_is_replaced(make_folder):
    tree = walk(make_folder({"big": "x" * (walk_module.MAX_READ + 10), "bad": b"\xef\xbb\xbfa\xff"}))
    assert len(tree.text("big")) == walk_module.MAX_READ
    assert tree.text("bad") == "a\ufffd"
    assert tree.text("./bad") == "a\ufffd"
    assert tree.text("missing") is None


def test_a_file_that_goes_away_is_a_problem_once(make_folder):
    root = make_folder({"a": "x"})
    tree = walk(root)
    (root / "a").unlink()
    assert tree.text("a") is None
    assert tree.text("a") is None
    assert len(tree.problems) == 1
    assert tree.problems[0].evidence.path == "a"


@pytest.mark.parametrize(
    "name", [".env", ".env.production", "deploy/id_rsa", "tls/server.key", "secrets.yaml", ".npmrc.env"]
)
def test_secrets_are_never_read(make_folder, name):
    tree = walk(make_folder({name: "TOKEN=hunter2"}))
    assert tree.closed == [name]
    assert tree.text(name) is None
    assert tree.data(name, 100) is None


@pytest.mark.parametrize(
    "name",
    [
        ".env.example",
        ".env.sample",
        "example.env",
        "main.go",
        "keys.py",
        "env.go",
        "cacert.pem",
        "fullchain.pem",
    ],
)
def test_examples_are_not_secrets(name):
    assert not looks_secret(name)


def test_named_takes_plain_names_and_patterns(make_folder):
    tree = walk(make_folder({"go.mod": "", "a/go.mod": "", "a/x.go": "", "b/Go.mod": ""}))
    assert list(tree.named("go.mod")) == ["a/go.mod", "go.mod"]
    assert list(tree.named("*.go", "Go.mod")) == ["a/x.go", "b/Go.mod"]


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("a/./b", "a/b"),
        ("a/../b", "b"),
        ("..", None),
        ("/etc", None),
        ("C:\\x", None),
        ("", "."),
        ("a\\b", "a/b"),
    ],
)
def test_normal_stays_inside(path, result):
    assert normal(path) == result


def test_common_folder():
    assert common_folder(["a/b", "a/c"]) == "a"
    assert common_folder(["a/b", "."]) == "."
    assert common_folder(["a"]) == "a"
    assert join(".", "x") == "x"


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("dev-example.env", False),
        ("prod.sample.env", False),
        ("example.env", False),
        ("prod.env", True),
        ("myexample.env", True),
    ],
)
def test_examples_of_environments_hold_no_secrets(name, secret):
    assert looks_secret(f"deploy/{name}") is secret
