"""Which texts of the clipboard and which files are taken for Dockerfiles, and what a pasted one is made for."""

from pathlib import Path

import pytest

from slimdesk.operations.detect import open_project
from slimdesk.operations.paste import is_dockerfile_name, read_pasted, worth_reading

ARTICLES = Path(__file__).parents[2] / "data" / "dockerfiles" / "articles"


@pytest.mark.parametrize("path", sorted(ARTICLES.glob("*.txt")), ids=lambda path: path.stem)
def test_every_article_is_worth_reading(path):
    assert worth_reading(path.read_text())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n",
        "Dear diary,\nfrom now on I write each day.\nYours\n",
        "import os\n\nfrom pathlib import Path\nprint(1)\n",
        "RUN away\n" * 4,
        "# a comment\n# another\n# and one\n",
        "\x00\x01\x02\n\x03\n\x04\n",
        "a\n" * 400_000,
    ],
    ids=["empty", "blank", "prose", "python", "no-from", "comments", "binary", "long"],
)
def test_other_texts_are_not(text):
    assert not worth_reading(text)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Dockerfile", True),
        ("dockerfile", True),
        ("Dockerfile.prod", True),
        ("Containerfile", True),
        ("api.Dockerfile", True),
        ("Dockerfile.dockerignore", False),
        ("Dockerfile.orig", False),
        ("my-dockerfiles.tar", False),
        ("image.tar", False),
    ],
)
def test_names_of_dockerfiles(name, is_one):
    assert is_dockerfile_name(name) is is_one


def test_an_edited_text_is_taken_as_it_stands():
    text = "    FROM node:22\n    CMD [“node”]\n"
    assert read_pasted(text).text == 'FROM node:22\nCMD ["node"]\n'
    edited = read_pasted(text, repair=False)
    assert (edited.text, edited.repairs) == (text, ())


def test_with_its_component_nothing_is_guessed(tmp_path):
    (tmp_path / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n")
    project = open_project(tmp_path)
    text = "FROM golang:1.26\nCOPY . .\nRUN go build -o /app .\nCMD /app\n"
    assert read_pasted(text).rewritten.guessed
    done = read_pasted(text, target=(project, project.components[0]))
    assert not done.rewritten.guessed
    assert done.rewrite.generated.dockerfile.stages[-1].base != "golang:1.26"
