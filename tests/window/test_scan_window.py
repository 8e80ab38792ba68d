"""The window on known vulnerabilities: counts with what they are worth, reasons where there are none."""

import json
import sys
from dataclasses import replace

import pytest
from shiboken6 import isValid
from unit.scan.scan_files import WRITES, answer, stand_in
from window.packaged_image import read_packaged
from window.test_accessible_names import nameless

from slimdesk.ui.pages.scan_window import open_scan

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

FAULTS = [
    ("CVE-2026-1", "libssl3", "3.5.1-1", "HIGH", "3.5.2-1"),
    ("CVE-2026-2", "libssl3", "3.5.1-1", "LOW", ""),
    ("CVE-2026-3", "flask", "3.1.0", "CRITICAL", "3.1.1"),
]


def found(
    faults=FAULTS, packages=("pkg:deb/debian/libssl3@3", "pkg:deb/debian/tzdata@2", "pkg:pypi/flask@3")
):
    return {
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.70.0"},
        "Results": [
            {
                "Class": "os-pkgs",
                "Type": "debian",
                "Packages": [{"Identifier": {"PURL": purl}} for purl in packages],
                "Vulnerabilities": [
                    {
                        "VulnerabilityID": number,
                        "PkgName": name,
                        "InstalledVersion": version,
                        "Severity": severity,
                        "FixedVersion": fixed,
                        "PrimaryURL": f"https://avd.aquasec.com/nvd/{number.lower()}",
                        "PkgIdentifier": {
                            "PURL": f"pkg:{'pypi' if name == 'flask' else 'deb/debian'}/{name}@{version}"
                        },
                    }
                    for number, name, version, severity, fixed in faults
                ],
            }
        ],
    }


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The only folder in which scanners are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("slimdesk.basics.programs.install_places", lambda _environment: ())
    return tmp_path / "bin"


def trivy(path, data):
    text = json.dumps(data)
    stand_in(path, "trivy", f"PATH=/usr/bin:/bin\n{WRITES}\ncat > \"$answer\" <<'END'\n{text}\nEND")


@pytest.fixture
async def kept():
    """Windows to be closed at the end."""
    made = []
    yield made
    for one in made:
        if isValid(one):
            one.close()


async def test_faults_packages_and_layers(window, settled, tmp_path, path, kept):
    trivy(path, found())
    one = open_scan(window.desk, read_packaged(tmp_path))
    kept.append(one)
    await settled(lambda: one.faults.rows)
    assert [row.fault.id for row in one.faults.rows] == ["CVE-2026-3", "CVE-2026-1", "CVE-2026-2"]
    assert [row.layer for row in one.faults.rows] == [1, 1, 1]
    assert one.verdict.text() == "3 known faults found, sees 36\u2009% of this image"
    assert "1 critical, 1 high, 1 low; 2 faults mended by a newer version" in one.words.text()
    assert "trivy 0.70.0" in one.about.text()
    assert [(row.name, len(row.faults)) for row in one.packages.rows] == [
        ("flask 3.1.0", 1),
        ("libssl3 3.5.1-1", 2),
    ]
    assert [len(row.faults) for row in one.layers.rows] == [3]
    one.view.chosen.emit("packages")
    assert one._tables.currentWidget() is one.by_package
    one.filter.setText("flask")
    assert one.table.sorted_rows.rowCount() == 1
    assert nameless(one) == []


async def test_an_image_that_was_scanned_before_shows_that_with_its_date(
    window, settled, tmp_path, path, kept, make_window
):
    trivy(path, found())
    one = open_scan(window.desk, read_packaged(tmp_path))
    kept.append(one)
    await settled(lambda: one.faults.rows)
    stand_in(path, "trivy", "exit 1")
    later = open_scan(make_window().desk, read_packaged(tmp_path))
    kept.append(later)
    assert len(later.faults.rows) == 3
    assert ", scanned Today" in later.about.text()
    assert (later.again.text(), later.again.isEnabled()) == ("Scan again", True)
    later.again.click()
    await settled(lambda: "Scanned again in vain: trivy ended with status 1" in later.about.text())
    assert len(later.faults.rows) == 3


async def test_none_found_says_what_that_is_worth(window, settled, tmp_path, path, kept):
    trivy(path, found(faults=[], packages=["pkg:deb/debian/tzdata@2"]))
    one = open_scan(window.desk, read_packaged(tmp_path))
    kept.append(one)
    await settled(lambda: "0 known faults found" in one.verdict.text())
    assert one.verdict.text() == "0 known faults found, sees under 1\u2009% of this image"
    assert one._body.currentWidget() is one._empty


async def test_without_a_scanner_the_reason_and_what_to_do(window, settled, tmp_path, path, kept):
    one = open_scan(window.desk, read_packaged(tmp_path))
    kept.append(one)
    await settled(lambda: "No scanner was found" in one.words.text())
    assert one.verdict.text() == "Not scanned"
    assert "Install trivy or grype" in one.words.text()
    assert nameless(one) == []


async def test_what_the_reference_has_not_is_marked(window, settled, tmp_path, path, kept):
    reference = read_packaged(tmp_path)
    trivy(path, found(FAULTS[:1]))
    first = open_scan(window.desk, reference)
    kept.append(first)
    await settled(lambda: first.faults.rows)
    (tmp_path / "other").mkdir()
    trivy(path, found(FAULTS[1:]))
    # Other layers, so that the answer on the first is none on this.
    layers = tuple(
        replace(one, diff_id=f"sha256:{number:064}") for number, one in enumerate(reference.layers)
    )
    other = replace(reference, image_id="sha256:other", layers=layers)
    second = open_scan(window.desk, other, reference)
    kept.append(second)
    await settled(lambda: second.faults.rows)
    assert [row.change for row in second.faults.rows] == ["+", "+"]
    assert "Against the reference: 2 new, 1 gone, 0 in both" in second.about.text()


async def test_closing_the_window_ends_the_scan(window, settled, tmp_path, path):
    started = tmp_path / "started"
    stand_in(path, "trivy", f"PATH=/usr/bin:/bin\n: > {started}\nexec sleep 600")
    one = open_scan(window.desk, read_packaged(tmp_path))
    await settled(started.exists)
    job = one.running.job
    one.close()
    await settled(lambda: job.state.ended)
    assert job.state.value == "cancelled"


async def test_the_menu_says_what_uses_the_network(window, settled, tmp_path, path, kept):
    from PySide6.QtWidgets import QMenu

    stand_in(path, "grype", "exit 1")
    stand_in(path, "docker-scout", "exit 1")
    one = open_scan(window.desk, read_packaged(tmp_path), start=False)
    kept.append(one)
    menu = QMenu()
    one._fill_more(menu)
    words = [action.text() for action in menu.actions()]
    assert words == [
        "grype",
        "grype: fetch its database first (uses the network)",
        "scout, which asks a service on the network",
    ]
    menu.deleteLater()
    assert answer("grype-image.json")
    assert open_scan(window.desk, None) is None
