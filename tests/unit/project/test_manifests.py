from __future__ import annotations

import pytest

from slimdesk.project import manifests
from slimdesk.project.manifests import (
    key_line,
    read_env_example,
    read_json,
    read_procfile,
    read_toml,
    read_tool_versions,
    read_yaml,
    words_of,
)
from slimdesk.project.walk import walk

READERS = {"a.json": read_json, "a.toml": read_toml, "a.yaml": read_yaml}


def read_one(make_folder, name, content):
    tree = walk(make_folder({name: content}))
    return READERS[name](tree, name), tree


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", '\ufeff{"a": {"b": 1}}'), ("a.toml", "[a]\nb = 1\n"), ("a.yaml", "a:\n  b: 1\n")],
)
def test_good_files(make_folder, name, content):
    data, tree = read_one(make_folder, name, content)
    assert data == {"a": {"b": 1}}
    assert not tree.problems


@pytest.mark.parametrize(
    ("name", "content", "line", "reason"),
    [
        ("a.json", '{\n"a": 1,\n}', 3, "Expecting property name"),
        ("a.json", "[1]", 1, "object at its top"),
        ("a.json", '{"a":' * 200_000, None, "nested too deeply"),
        ("a.json", '{"a": ' + "9" * 5000 + "}", None, "Exceeds the limit"),
        ("a.toml", "a = 1\nb = \n", 2, "Invalid value"),
        ("a.toml", "a = " + "[" * 100_000, None, "nested too deeply"),
        ("a.toml", "x = 1\n" + "a." * 500_000, 2, "more than a hundred parts"),
        ("a.yaml", "a: [1\nb: 2", 2, "expected"),
        ("a.yaml", "- 1\n- 2\n", 1, "object at its top"),
        ("a.yaml", "[" * 100_000, 1, "nested more than"),
        ("a.yaml", "a: &x [*x]", 1, "inside the node"),
        ("a.yaml", "a: *nowhere", 1, "undefined alias"),
        ("a.yaml", "a: \x00", None, "control characters"),
    ],
)
def test_bad_files_become_one_problem_with_its_place(make_folder, name, content, line, reason):
    data, tree = read_one(make_folder, name, content)
    assert data is None
    (problem,) = tree.problems
    assert reason in problem.message
    assert (problem.evidence.path, problem.evidence.line) == (name, line)
    READERS[name](tree, name)
    assert len(tree.problems) == 1


def test_a_billion_laughs_are_not_unfolded(make_folder):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    data, tree = read_one(make_folder, "a.yaml", "\n".join(lines))
    assert data is None
    assert "unfold to more than a million" in tree.problems[0].message


def test_ordinary_aliases_merges_tags_and_dates_are_read(make_folder):
    text = (
        "x: &x {k: v}\ny:\n  <<: *x\n  z: !reset null\nd: 2024-99-99\no: !!python/object:os.system {a: b}\n"
    )
    data, tree = read_one(make_folder, "a.yaml", text)
    assert data["y"] == {"k": "v", "z": None}
    assert data["d"] == "2024-99-99"
    assert data["o"] == {"a": "b"}
    assert not tree.problems


def test_an_empty_yaml_file_is_an_empty_mapping(make_folder):
    assert read_one(make_folder, "a.yaml", "# nothing\n")[0] == {}


def test_a_missing_file_is_no_problem(make_folder):
    tree = walk(make_folder({"x": ""}))
    assert read_json(tree, "a.json") is None
    assert not tree.problems


def test_too_large_a_file_is_refused(make_folder, monkeypatch):
    monkeypatch.setattr(manifests, "MAX_TOML", 100)
    data, tree = read_one(make_folder, "a.toml", "#" * 101)
    assert data is None
    assert "larger than" in tree.problems[0].message


def test_json_with_comments(make_folder):
    text = '{\n  // one\n  "u": "http://x", /* two\n */ "l": [1, 2,],\n}'
    tree = walk(make_folder({"tsconfig.json": text, "open.json": '{"a": "' + '\\"' * 100_000}))
    assert read_json(tree, "tsconfig.json", comments=True) == {"u": "http://x", "l": [1, 2]}
    assert read_json(tree, "open.json", comments=True) is None
    assert tree.problems[0].evidence.line == 1


def test_utf16_json_is_read(make_folder):
    assert read_one(make_folder, "a.json", '{"a": 1}'.encode("utf-16"))[0] == {"a": 1}


def test_env_example(make_folder):
    text = "# A=1\nexport B = two # said\nC='x # y'\nnot a line\nD=\nE=\x1b[31mred\n"
    tree = walk(make_folder({".env.example": text}))
    settings = read_env_example(tree, ".env.example")
    assert [(one.name, one.value, one.line) for one in settings] == [
        ("B", "two", 2), ("C", "x # y", 3), ("D", "", 5), ("E", "[31mred", 6),
    ]  # fmt: skip


def test_procfile_and_tool_versions(make_folder):
    tree = walk(
        make_folder(
            {
                "Procfile": "web: gunicorn app:app --port 5000\n#x\nrelease:\n",
                ".tool-versions": "# all\nnodejs 22.1.0 20\npython 3.13 # mine\ngo\n",
            }
        )
    )
    assert [(one.name, one.line) for one in read_procfile(tree, "Procfile")] == [("web", 1)]
    assert read_tool_versions(tree, ".tool-versions") == {"nodejs": ("22.1.0", 2), "python": ("3.13", 3)}


@pytest.mark.parametrize(
    ("text", "keys", "line"),
    [
        ('{\n "scripts": {\n  "start": "node ."\n }\n}', ("scripts", "start"), 3),
        ('[project]\nname = "x"\n[tool.poetry]\nname = "y"\n', ("poetry", "name"), 4),
        ("services:\n  web:\n    ports:\n", ("services", "web", "ports"), 3),
        ("a: 1\n", ("b",), None),
    ],
)
def test_key_line(text, keys, line):
    assert key_line(text, *keys) == line


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a\nb", "ab"),
        (3.11, "3.11"),
        (True, None),
        ([], None),
        ("", None),
        ("x" * 1_000_000, None),
        ("\x1b[1m", "[1m"),
    ],
)
def test_words_of_untrusted_values(value, words):
    assert words_of(value) == words
