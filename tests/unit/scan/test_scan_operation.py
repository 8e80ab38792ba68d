"""Scanning an image: a scanner that answers, refuses, hangs or is not there; and what the command says."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest
from unit.image.images import Picture, layer, old_save, program
from unit.scan.scan_files import WRITES, stand_in

from slimdesk.basics.errors import BadInput
from slimdesk.basics.job import Job
from slimdesk.cli import main
from slimdesk.image.read import read_path
from slimdesk.operations import scan as operation
from slimdesk.operations.scan import by_layer, by_package, placed, scan_image
from slimdesk.scan import scanner_named
from slimdesk.scan.model import NotScanned, Scan, Vulnerability

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

ANSWER = {
    "SchemaVersion": 2,
    "Results": [
        {
            "Class": "os-pkgs",
            "Type": "debian",
            "Packages": [{"Identifier": {"PURL": "pkg:deb/debian/libssl3@3.5.1-1"}}],
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-2026-1",
                    "PkgName": "libssl3",
                    "InstalledVersion": "3.5.1-1",
                    "Severity": "HIGH",
                    "FixedVersion": "3.5.2-1",
                },
                {
                    "VulnerabilityID": "CVE-2026-2",
                    "PkgName": "libssl3",
                    "InstalledVersion": "3.5.1-1",
                    "Severity": "LOW",
                },
            ],
        }
    ],
}
STATUS = b"Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.5.1-1\n"


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The only folder in which scanners are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("slimdesk.basics.programs.install_places", lambda _environment: ())
    return tmp_path / "bin"


def archive(folder, compression=None):
    members = [
        [
            ("var/lib/dpkg/status", STATUS),
            ("var/lib/dpkg/info/libssl3.list", b"/usr/lib/libssl.so.3\n"),
            ("usr/lib/libssl.so.3", 9000),
        ],
        [program("server", b"x" * 91_000)],
    ]
    made = folder / "shop.tar"
    data = old_save([Picture([layer(one) for one in members], "shop:1")])
    if compression == "zstd":
        import zstandard

        data = zstandard.compress(data)
    made.write_bytes(data)
    return made


def trivy(path, tail='cat > "$answer"', data=None):
    text = json.dumps(ANSWER if data is None else data)
    return stand_in(path, "trivy", f"PATH=/usr/bin:/bin\n{WRITES}\n{tail} <<'END'\n{text}\nEND")


async def test_counts_stand_with_their_coverage(tmp_path, path):
    trivy(path)
    image = read_path(archive(tmp_path))
    found = await scan_image(image)
    assert found.scan is not None
    assert found.scan.counts["high"] == 1
    assert found.words == "2 found, sees 9\u2009% of this image"
    answer = found.to_json()
    assert answer["scanned"] is True
    assert answer["fixable"] == 1
    assert answer["coverage"]["enough"] is False
    assert list(by_package(found.scan)) == ["libssl3 3.5.1-1"]
    assert [(index, len(faults)) for index, faults in by_layer(found.scan, image).items()] == [(0, 2)]


async def test_a_path_from_where_we_are_is_found_from_elsewhere(tmp_path, path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trivy(path, tail='test -f "$image" || exit 1; cat > "$answer"')
    archive(tmp_path)
    assert (await scan_image(read_path(Path("shop.tar")))).scan is not None


async def test_none_found_is_a_count_and_says_what_it_is_worth(tmp_path, path):
    trivy(path, data={"SchemaVersion": 2, "Results": None})
    found = await scan_image(read_path(archive(tmp_path)))
    assert found.words == "0 found, sees 0\u2009% of this image"


async def test_without_a_scanner_nothing_is_zero(tmp_path, path):
    found = await scan_image(read_path(archive(tmp_path)))
    assert found.words == "not scanned: no scanner was found"
    assert found.to_json()["counts"] is None
    assert found.to_json()["total"] is None


async def test_a_missing_database_is_a_reason(tmp_path, path):
    stand_in(
        path,
        "grype",
        "echo 'vulnerability database error: database does not exist. Try grype db update' >&2; exit 1",
    )
    found = await scan_image(read_path(archive(tmp_path)))
    assert found.words == "not scanned: grype has no database here"
    assert found.result.todo.startswith("Let it fetch one")


async def test_it_is_kept_off_the_network_unless_that_is_allowed(tmp_path, path):
    trivy(path, tail='echo "$HTTPS_PROXY $TRIVY_SKIP_DB_UPDATE" >&2; cat > "$answer"')
    image = read_path(archive(tmp_path))
    for network, said in ((False, "http://127.0.0.1:9 true"), (True, "")):
        job = Job("scan")
        await scan_image(image, network=network, reporter=job)
        assert [line.strip() for line in job.lines if line.strip()] == ([said] if said else [])


async def test_a_service_is_asked_only_with_leave(tmp_path, path):
    asked = tmp_path / "asked"
    stand_in(path, "docker-scout", f": > {asked}; exit 1")
    found = await scan_image(read_path(archive(tmp_path)))
    assert found.words == "not scanned: scout asks a service on the network"
    assert await scan_image(read_path(archive(tmp_path)), scanner="scout")
    assert not asked.exists()
    await scan_image(read_path(archive(tmp_path)), scanner="scout", network=True)
    assert asked.exists()


async def test_what_ends_without_an_answer_is_not_scanned(tmp_path, path):
    stand_in(path, "trivy", "exit 0")
    assert (await scan_image(read_path(archive(tmp_path)))).words == "not scanned: trivy wrote no answer"
    trivy(path, data=[])
    assert "not what it documents" in (await scan_image(read_path(archive(tmp_path)))).words


async def test_cancelling_ends_the_program_and_what_it_started(tmp_path, path):
    started = tmp_path / "started"
    stand_in(path, "trivy", f"PATH=/usr/bin:/bin\nsleep 600 &\necho $! > {started}\nwait")
    task = asyncio.ensure_future(scan_image(read_path(archive(tmp_path))))
    await asyncio.to_thread(until, lambda: started.exists() and started.read_text().strip())
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 5
    child = int(started.read_text())
    await asyncio.to_thread(until, lambda: not alive(child))


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_an_inflated_archive_goes_afterwards(tmp_path, path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    trivy(path, tail='test -f "$image" && cat > "$answer"')
    found = await scan_image(read_path(archive(tmp_path, "zstd")))
    assert found.scan is not None
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_the_database_is_fetched_when_asked(tmp_path, path):
    stand_in(path, "trivy", f'PATH=/usr/bin:/bin\necho "$@" >> {tmp_path / "calls"}\nexit 1')
    found = await scan_image(read_path(archive(tmp_path)), update=True)
    assert isinstance(found.result, NotScanned)
    # The much larger index of Java archives is left alone: the image holds none.
    assert (tmp_path / "calls").read_text() == "image --download-db-only --no-progress\n"


def test_databases_are_those_that_the_image_needs():
    trivy, grype = scanner_named("trivy"), scanner_named("grype")
    assert [one[2] for one in trivy.update(Path("trivy"), True)] == [
        "--download-db-only",
        "--download-java-db-only",
    ]
    assert len(trivy.update(Path("trivy"), False)) == 1
    assert grype.update(Path("grype"), True) == [["grype", "db", "update"]]
    assert scanner_named("scout").update is None


async def test_a_scanner_that_nobody_knows(tmp_path, path):
    with pytest.raises(BadInput, match="There is no scanner clair"):
        await scan_image(read_path(archive(tmp_path)), scanner="clair")


def test_the_one_that_needs_no_network_is_asked_first(path):
    stand_in(path, "docker-scout", "exit 0")
    stand_in(path, "grype", "exit 0")
    assert [one.scanner.name for one in operation.installed()] == ["grype", "scout"]
    assert operation.chosen().scanner.name == "grype"


def test_the_command_prints_json_and_gates(tmp_path, path, capfd):
    trivy(path)
    made = archive(tmp_path)
    assert main(["scan", str(made), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["total"] == 2
    assert answer["vulnerabilities"][0]["id"] == "CVE-2026-1"
    assert main(["scan", str(made), "--fail-on", "critical"]) == 0
    assert main(["scan", str(made), "--fail-on", "high"]) == 1
    out = capfd.readouterr().out
    assert "2 found, sees 9\u2009% of this image" in out
    assert "mended in 3.5.2-1" in out


def test_the_command_says_what_was_not_scanned(tmp_path, path, capfd):
    assert main(["scan", str(archive(tmp_path)), "--json"]) == 1
    answer = json.loads(capfd.readouterr().out)
    assert answer["scanned"] is False
    assert answer["reason"] == "no scanner was found"
    assert answer["counts"] is None


def test_faults_find_their_layer_by_file_and_by_record(tmp_path):
    image = read_path(archive(tmp_path))
    ids = [one.diff_id for one in image.layers]

    def fault(**fields):
        return Vulnerability("CVE-1", "low", fields.pop("package", "x"), "1", **fields)

    faults = (
        fault(path="/server"),
        fault(package="libssl3", type="deb"),
        fault(package="libssl3"),
        fault(path="/not/there", package="y"),
        fault(layer=ids[1]),
        fault(layer="sha256:" + "0" * 64, path="/server!/inner"),
    )
    found = placed(Scan("x", "1", faults), image)
    assert [one.layer for one in found.vulnerabilities] == [ids[1], ids[0], ids[0], None, ids[1], ids[1]]
