"""A person's own base images: the same format, in front of the shipped ones, refused with file and line."""

import pytest

from slimdesk.basics.errors import CatalogError
from slimdesk.catalog.catalog import load_catalog

GOOD = """\
family = "slim"
checked = 2026-11-01

[[image]]
serves = ["node"]
name = "registry.example.com/base/node"
tag = "{version}-hard"
product = "node"
versions = ["24"]
libc = "glibc"
libc_version = "2.41"
shell = false
user = 2000
interpreter = "/opt/node/bin/node"
needs = ["docker login registry.example.com"]
"""


def test_own_image_stands_in_front(tmp_path):
    (tmp_path / "company.toml").write_text(GOOD)
    catalog = load_catalog(tmp_path)
    image = catalog.find("slim", "node", "24")
    assert image.reference == "registry.example.com/base/node:24-hard"
    assert image.own
    assert (image.run_user, image.run_group) == (2000, 2000)
    assert str(image.end_of_life) == "2028-04-30"
    assert catalog.find("slim", "node", "22").reference == "node:22-trixie-slim"
    assert catalog.checked == load_catalog(tmp_path / "none").checked


def test_a_changed_file_is_read_again(tmp_path):
    file = tmp_path / "company.toml"
    file.write_text(GOOD)
    assert load_catalog(tmp_path).find("slim", "node", "24").user == 2000
    file.write_text(GOOD.replace("user = 2000", "user = 30003"))
    assert load_catalog(tmp_path).find("slim", "node", "24").user == 30003


def test_project_folder_comes_before_the_persons(tmp_path):
    mine, ours = tmp_path / "mine", tmp_path / "project"
    for folder, host in ((mine, "mine"), (ours, "ours")):
        folder.mkdir()
        (folder / "a.toml").write_text(GOOD.replace("registry.example.com/base", f"{host}.example.com/base"))
    assert load_catalog(mine, ours).find("slim", "node", "24").name == "ours.example.com/base/node"


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("user = 2000", 'user = "root"'), 4, "user is not of the right type"),
        (("shell = false", "shell = 0"), 4, "shell is not of the right type"),
        (("user = 2000", "user = true"), 4, "user is not of the right type"),
        (('libc = "glibc"', 'libc = "bionic"'), 4, "libc is 'bionic'"),
        (('family = "slim"', 'family = "tiny"'), 4, "family is 'tiny'"),
        (('serves = ["node"]', "serves = []"), 4, "serves"),
        (('serves = ["node"]', 'serves = ["no de"]'), 4, "serves"),
        (('name = "registry.example.com/base/node"\n', ""), 4, "name is missing"),
        (('"registry.example.com/base/node"', '"node AS x"'), 4, "not the name of an image"),
        (('"registry.example.com/base/node"', '"node\\nRUN rm -rf /"'), 4, "not the name of an image"),
        (('"{version}-hard"', '"24 AS x"'), 4, "not a tag"),
        (('"{version}-hard"', '"{version}@sha256:00"'), 4, "not a tag"),
        (('tag = "{version}-hard"\n', ""), 4, "needs a tag"),
        (('versions = ["24"]', 'versions = ["7"]'), 4, "node 7 is not in the table"),
        (("shell = false", "shel = false"), 4, "shel is not a key"),
        (("checked = 2026-11-01", "checked = 3"), 1, "checked is not a date"),
        (("[[image]]", "[image]"), 4, "two brackets"),
        (("[[image]]", "[[picture]]"), 4, "picture is not a key"),
        (("user = 2000", "user = "), 13, "Invalid value"),
        (('needs = ["docker login registry.example.com"]', 'needs = ["a\\u001b[31m"]'), 4, "needs"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, change, line, words):
    (tmp_path / "company.toml").write_text(GOOD.replace(*change))
    with pytest.raises(CatalogError) as caught:
        load_catalog(tmp_path)
    assert f"company.toml:{line}" in caught.value.what
    assert words in caught.value.why + caught.value.todo
    assert caught.value.todo


def test_the_second_wrong_image_has_its_own_line(tmp_path):
    (tmp_path / "company.toml").write_text(GOOD + '\n[[image]]\nserves = ["node"]\n')
    with pytest.raises(CatalogError, match=r"company\.toml:17 .*name is missing"):
        load_catalog(tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a = " + b"[" * 100_000, b"#" * 1_100_000])
def test_files_that_are_no_catalogue(tmp_path, content):
    (tmp_path / "company.toml").write_bytes(content)
    with pytest.raises(CatalogError, match=r"company\.toml"):
        load_catalog(tmp_path)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert not any(image.own for image in load_catalog(tmp_path / "nowhere").images)
