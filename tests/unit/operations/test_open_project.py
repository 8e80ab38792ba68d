from __future__ import annotations

import pytest

from slimdesk.basics.errors import BadInput, ProjectError
from slimdesk.operations.detect import choose_component, open_project, settings_of

MAIN = "package main\nfunc main() {}\n"


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def two(tmp_path):
    return write(
        tmp_path,
        {
            "a/go.mod": "module x.y/a\ngo 1.24\n",
            "a/main.go": MAIN,
            "b/go.mod": "module x.y/b\n",
            "b/main.go": MAIN,
        },
    )


def test_settings_go_over_the_file(two):
    write(two, {"slimdesk.toml": "[components.a]\nport = 1\n[components.b]\nport = 2\n"})
    project = open_project(two, {"a.port": "3"})
    assert [component.port for component in project.components] == [3, 2]


def test_the_only_component_is_chosen(tmp_path):
    project = open_project(write(tmp_path, {"svc/go.mod": "module x.y/a\n", "svc/main.go": MAIN}))
    assert choose_component(project, None).name == "a"


def test_the_one_at_the_root_is_chosen(two):
    project = open_project(write(two, {"go.mod": "module x.y/top\n", "main.go": MAIN}))
    assert choose_component(project, None).name == "top"


def test_a_name_or_a_path_chooses(two):
    project = open_project(two)
    assert choose_component(project, "b").path == "b"
    assert choose_component(project, "./b/").path == "b"


def test_several_without_a_choice(two):
    with pytest.raises(BadInput, match=r"has 2 components: a, b\. Choose one with --component"):
        choose_component(open_project(two), None)


def test_an_unknown_component(two):
    with pytest.raises(BadInput, match="There is no component c: the project has a, b"):
        choose_component(open_project(two), "c")


def test_a_path_with_several_components(tmp_path):
    project = open_project(
        write(tmp_path, {"go.mod": "module x.y/z\n", "cmd/a/main.go": MAIN, "cmd/b/main.go": MAIN})
    )
    with pytest.raises(BadInput, match="holds 2 components: a, b"):
        choose_component(project, ".")


def test_an_empty_project_says_what_to_open(tmp_path):
    with pytest.raises(BadInput, match="holds nothing that SlimDesk can build"):
        choose_component(open_project(tmp_path), None)


def test_a_file_is_no_project(two):
    with pytest.raises(ProjectError, match="is not a folder"):
        open_project(two / "a" / "go.mod")


def test_settings_of_words():
    assert settings_of(["port=1", "build=a=b"]) == {"port": "1", "build": "a=b"}
    for word in ("port", "=1"):
        with pytest.raises(BadInput, match="--set FACT=VALUE"):
            settings_of([word])
