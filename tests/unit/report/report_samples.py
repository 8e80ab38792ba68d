"""Reports for tests: of images made in memory, and of a matrix."""

import datetime as dt
import json
from pathlib import Path

from unit.image.images import Picture, layer, old_save, program

from slimdesk.basics.job import Silent
from slimdesk.engine.model import BuildError, BuildResult
from slimdesk.image.model import Sizes
from slimdesk.image.read import Wanted
from slimdesk.operations.matrix import Matrix, MatrixRow
from slimdesk.operations.report import report_of_images, report_of_matrix, with_scans, with_worth
from slimdesk.operations.report_project import report_of_parts
from slimdesk.operations.variant_figures import Figures
from slimdesk.report.worth import Assumptions
from slimdesk.scan import scanner_named
from slimdesk.scan.coverage import Coverage
from slimdesk.scan.model import NotScanned, Scan, Vulnerability
from slimdesk.scan.scanned import Scanned
from slimdesk.verify.model import Check, Verification

WHEN = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
HOSTILE = "x`|<script>alert(1)</script><img src=http://evil onerror=alert(1)>](http://evil)@team#1\n|a|**b**\x1b[31m\u202e"
FORMULA = '=HYPERLINK("http://evil")'


def save(path, *members, config=None, tag="app:1"):
    path.write_bytes(old_save([Picture([layer(list(members))], name=tag, config=config or {})]))
    return str(path)


def two_images(folder, **settings):
    one = save(folder / "a.tar", program("bin/sh", b"x" * 3000), ("etc/conf", 10), ("app/main", 500))
    two = save(folder / "b.tar", ("app/main", 500), ("etc/conf", 20), config={"User": "1000"}, tag="app:2")
    return report_of_images([one, two], Wanted(), Silent(), **settings)


def hostile_images(folder, name=HOSTILE):
    one = save(
        folder / "a.tar", program(f"bin/{name.replace('/', '_')}", b"x" * 3000), ("etc/conf", 10), tag="app:1"
    )
    two = save(
        folder / "b.tar", (f"srv/{name.replace('/', '_')}", 50), config={"Env": [f"A={name}"], "User": name},
        tag="app:2",
    )  # fmt: skip
    return report_of_images([one, two], Wanted(), Silent(), title=name)


def figures(files, user="65532"):
    return Figures(Sizes(files // 3, files + 2000, files, files), 3, 4, 0, (), (), "none", ("/tmp",), user)


def verified(verdict="runs", first=0.04, checks=()):
    said = checks or (
        Check("start", True, 0.1, "The engine started it."),
        Check("answer", True, 0.2, "It answered."),
    )
    return Verification(
        verdict, "It answers with 200.", "service", 8080, 200, first_answer=first, user="65532", checks=said
    )


def matrix(project="/work/shop", **changes):
    rows = (
        MatrixRow("distroless", base="gcr.io/distroless/static-debian13:nonroot", recommended=True, place=1,
                  build=BuildResult("sha256:" + "b" * 64, "slimdesk/shop:distroless", 4.2, ()), figures=figures(9_000_000), verification=verified()),
        MatrixRow("baseline", base="golang:1.25", build=BuildResult("sha256:" + "a" * 64, "slimdesk/shop:baseline", 9.0, ()),
                  figures=figures(860_000_000, "0"), verification=verified(first=0.05)),
        MatrixRow("alpine", base="alpine:3.22", build=BuildResult(None, "slimdesk/shop:alpine", 2.0, (), error=BuildError("RUN apk add", "apk: not found", ())),
                  error="RUN apk add: apk: not found"),
        MatrixRow("scratch", build=BuildResult("sha256:" + "c" * 64, "slimdesk/shop:scratch", 3.0, ()), figures=figures(8_000_000),
                  verification=verified("fails", None, (Check("answer", False, 30.0, "Nothing answered."),)), older=("Dockerfile",)),
    )  # fmt: skip
    values = {
        "project": project, "component": "shop", "reference": "baseline", "recommended": "distroless", "rows": rows,
        "made": WHEN, "unavailable": (("chiselled", "There is no Go image of that kind."),), "engine": "unix:///engine.sock",
        "platform": "linux/amd64",
    }  # fmt: skip
    return Matrix(**{**values, **changes})


FAULTS = (
    Vulnerability("CVE-2026-1", "critical", "openssl", "3.5.1-1", "deb", "3.5.2-1", "/var/lib/dpkg/status.d/openssl", None,
                  "A bound is not looked at", "https://nvd.nist.gov/vuln/detail/CVE-2026-1"),
    Vulnerability("CVE-2026-1", "high", "libssl3", "3.5.1-1", "deb", "3.5.2-1", "/var/lib/dpkg/status.d/libssl3"),
    Vulnerability("CVE-2026-2", "low", "log4j", "2.17", "maven", None, "/app/app.jar!/lib/log4j.jar", places=3),
)  # fmt: skip


def scanned(faults=FAULTS, coverage=Coverage(1000, 950, 10, 9), scanner="trivy"):  # noqa: B008 - it is frozen
    return Scanned("x", "x", Scan(scanner, "0.70.0", tuple(faults), "2026-11-20T08:00:00Z"), coverage, WHEN)


def refused():
    return Scanned("x", "x", NotScanned("trivy", "trivy has no database here", "Let it fetch one"))


def hostile_scan(text):
    """What a scanner's answer becomes whose every word is hostile."""
    words = {
        "VulnerabilityID": text, "PkgName": text, "InstalledVersion": text, "Severity": "HIGH", "FixedVersion": text, "Title": text,
        "PkgPath": text, "PrimaryURL": f"https://evil.example/{text}", "PkgIdentifier": {"PURL": f"pkg:deb/{text}@1"},
    }  # fmt: skip
    answer = {
        "SchemaVersion": 2, "Trivy": {"Version": text},
        "Results": [{"Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [words, {**words, "Severity": text, "VulnerabilityID": "no-gain"}]}],
    }  # fmt: skip
    return Scanned(
        "x", text, scanner_named("trivy").parse(json.dumps(answer).encode()), Coverage(9, 1, 0, 0), WHEN
    )


def full_report(folder):
    """Two images with scans and worth."""
    return with_worth(
        with_scans(two_images(folder), [scanned(), scanned(FAULTS[2:])]), Assumptions(8e6, 7, 3)
    )


def project_report(root="/work/shop"):
    """A project of two components, the second a joined one, with scans and worth."""
    parts = []
    for name in ("api", "web+api"):
        rows = [scanned(), scanned(FAULTS[2:], Coverage(1000, 40, 0, 0)), None, refused()]
        parts.append(with_scans(report_of_matrix(matrix(project=root, component=name)), rows))
    return with_worth(report_of_parts(Path(root), parts, missing=("batch",)), Assumptions())
