"""A scanner gets an engine's image as the archive that `docker save` writes, on both stores, and nothing of it is left."""

import sys

import pytest
from engine.conftest import BUSYBOX
from unit.scan.scan_files import WRITES, stand_in

from slimdesk.engine.engine import Engine
from slimdesk.operations.analyze import analyze
from slimdesk.operations.scan import scan_image

ANSWER = '{"SchemaVersion": 2, "Results": [{"Class": "os-pkgs", "Type": "debian", "Packages": []}]}'


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
async def test_an_engines_image_is_saved_for_the_scanner(each_engine, busybox, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    engine = await Engine.connect()
    image = await analyze(f"docker://{BUSYBOX}", engine=engine)
    places = tmp_path / "places"
    places.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(places))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("slimdesk.basics.programs.install_places", lambda _environment: ())
    stand_in(
        tmp_path / "bin",
        "trivy",
        f'PATH=/usr/bin:/bin\n{WRITES}\ntar -tf "$image" | grep -q manifest.json && echo \'{ANSWER}\' > "$answer"',
    )
    found = await scan_image(image, engine=engine)
    assert found.scan is not None, found.words
    assert found.scan.vulnerabilities == ()
    assert found.words.startswith("0 found, sees 0")
    assert list(places.iterdir()) == []
