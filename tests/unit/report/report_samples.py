"""Reports for tests: of images made in memory, and of a matrix."""

import datetime as dt

from unit.image.images import Picture, layer, old_save, program

from slimdesk.basics.job import Silent
from slimdesk.engine.model import BuildError, BuildResult
from slimdesk.image.model import Sizes
from slimdesk.image.read import Wanted
from slimdesk.operations.matrix import Matrix, MatrixRow
from slimdesk.operations.report import report_of_images
from slimdesk.operations.variant_figures import Figures
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
