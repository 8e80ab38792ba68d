"""The bill of materials: valid CycloneDX 1.6, the same bytes for the same image, and nothing for an image that was not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from unit.image.images import Picture, layer, old_save

from slimdesk.basics.errors import BadInput
from slimdesk.cli import main
from slimdesk.image.read import Wanted, read_path
from slimdesk.image.sbom import cyclonedx


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    def record(name: str, licence: Any) -> bytes:
        return json.dumps({"name": name, "version": "1.0.0", "license": licence}).encode()

    members = [
        ("n/node_modules/a/package.json", record("a", "MIT")),
        ("n/node_modules/b/package.json", record("b", "MIT OR Apache-2.0")),
        ("n/node_modules/c/package.json", record("c", "see\u0000 the \u202efile")),
        ("n/node_modules/@s/d/package.json", record("@s/d", None)),
        (
            "var/lib/dpkg/status",
            b"Package: e\nStatus: install ok installed\nVersion: 1:2-3\nArchitecture: amd64\n",
        ),
        ("var/lib/dpkg/status.d/odd", b"Package: \x1b[0m / ?#@\nVersion: %%2\n"),
        ("f.dist-info/METADATA", b"Name: F.g_h\nVersion: 1\nLicense: " + b"long " * 400),
    ]
    path = tmp_path / "app.tar"
    path.write_bytes(old_save([Picture([layer(members)])]))
    return path


def test_it_is_valid_and_names_every_package(archive: Path) -> None:
    image = read_path(archive)
    text = cyclonedx(image)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert document["specVersion"] == "1.6"
    assert document["metadata"]["component"]["name"] == "app:1"
    assert image.packages is not None
    assert {one["purl"] for one in document["components"]} == {one.purl for one in image.packages}
    licences = {one["name"]: one.get("licenses") for one in document["components"]}
    assert licences["a"] == [{"license": {"id": "MIT"}}]
    assert licences["b"] == [{"expression": "MIT OR Apache-2.0"}]
    assert licences["@s/d"] is None


def test_the_same_image_gives_the_same_bytes(archive: Path) -> None:
    assert cyclonedx(read_path(archive)) == cyclonedx(read_path(archive))


def test_an_image_whose_packages_were_not_read_has_none(archive: Path) -> None:
    with pytest.raises(BadInput):
        cyclonedx(read_path(archive, Wanted(fast=True)))


def test_the_command_writes_it(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "bom" / "app.cdx.json"
    assert main(["analyze", str(archive), "--json", "--cyclonedx", str(target)]) == 0
    assert len(json.loads(capsys.readouterr().out)["packages"]) == 7
    assert json.loads(target.read_text())["bomFormat"] == "CycloneDX"


def test_the_command_refuses_it_with_fast(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "app.cdx.json"
    assert main(["analyze", str(archive), "--fast", "--cyclonedx", str(target)]) == 2
    assert capsys.readouterr().out == ""
    assert not target.exists()
