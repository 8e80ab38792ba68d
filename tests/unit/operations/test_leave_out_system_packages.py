"""A package of the distribution that a RUN of the project's Dockerfile installs: the word goes, with all that only it needs."""

from dataclasses import replace

import pytest
from unit.image.images import Picture, layer, old_save
from unit.operations.left_out import asked

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.parse import parse
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.detect import open_project
from slimdesk.operations.image_findings import known_of
from slimdesk.recipes.leave_out_dockerfile import without_package
from slimdesk.recipes.leave_out_manifest import CannotTakeOut

DOCKERFILE = """FROM node:24-slim
RUN apt-get update && \\
    apt-get install -y --no-install-recommends curl=8.1 \\
      tini && \\
    rm -rf /var/lib/apt/lists/*
COPY . /app
CMD ["node", "/app/server.js"]
"""


def record(name, *needs):
    depends = f"Depends: {', '.join(needs)}\n" if needs else ""
    return f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n{depends}\n"


def installed(name, size):
    return [
        (f"var/lib/dpkg/info/{name}.list", f"/usr/lib/{name}\n".encode()),
        (f"usr/lib/{name}", size),
    ]


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    (root / "package.json").write_text('{"name": "a", "main": "server.js"}')
    (root / "server.js").write_text("")
    (root / "Dockerfile").write_text(DOCKERFILE)
    return open_project(root)


@pytest.fixture
def image(tmp_path):
    base = record("libc6")
    whole = (
        base
        + record("curl", "libc6 (>= 2.34)", "libcurl4 (= 1) | other")
        + record("libcurl4", "libc6")
        + record("tini", "libc6")
    )
    layers = [
        layer([("var/lib/dpkg/status", base.encode()), *installed("libc6", 9000)]),
        layer(
            [
                ("var/lib/dpkg/status", whole.encode()),
                *installed("curl", 300),
                *installed("libcurl4", 700),
                *installed("tini", 50),
            ]
        ),
        layer([("app/server.js", 10)]),
    ]
    history = [
        {"created_by": words} for words in ("RUN base", "RUN /bin/sh -c apt-get update", "COPY . /app")
    ]
    config = {"User": "1", "Labels": {"io.slimdesk.base.layers": "1"}}
    (tmp_path / "image.tar").write_bytes(old_save([Picture(layers, history=history, config=config)]))
    return read_path(tmp_path / "image.tar", Wanted())


def of(image, name):
    return next(one for one in image.packages if one.name == name)


def test_the_word_goes_and_what_only_it_needs(project, image):
    found = asked(project, image, of(image, "libcurl4"))
    assert found.brings == (
        "Dockerfile:2 → curl → libcurl4",
        "1 other package that nothing else needs go too: curl",
    )
    (change,) = found.changes
    assert change.after == DOCKERFILE.replace("curl=8.1 \\\n      tini", "tini")
    lists = len(b"/usr/lib/curl\n") + len(b"/usr/lib/libcurl4\n")
    assert found.gain.live == 1000 + lists


def test_the_base_keeps_what_is_its_own(project, image):
    found = asked(project, image, of(image, "libc6"))
    assert found.brings == ("The base image node:24-slim brings it",)


@pytest.mark.parametrize(
    ("run", "name", "after"),
    [
        ("RUN apt-get install -y a b c", "b", "RUN apt-get install -y a c"),
        ("RUN apt-get install -y a b", "b", "RUN apt-get install -y a"),
        ("RUN apt-get install -y a b && b --version", "b", "RUN apt-get install -y a && b --version"),
        (
            "RUN apt-get install -y \\\n    a \\\n    b \\\n    c",
            "b",
            "RUN apt-get install -y \\\n    a \\\n    c",
        ),
        ("RUN apt-get install -y lib-b b", "b", "RUN apt-get install -y lib-b"),
    ],
)
def test_only_that_word_is_cut_out(run, name, after):
    text = f"FROM a\n{run}\n"
    done = without_package(text, parse(text).stages[0].instructions[1], name)
    assert [line.rstrip() for line in done.splitlines()] == ["FROM a", *after.splitlines()]


@pytest.mark.parametrize("run", ["RUN apt-get install -y b", "RUN echo b", "RUN b && apt-get install -y $b"])
def test_what_is_not_plain_is_left_to_the_person(run):
    text = f"FROM a\n{run}\n"
    with pytest.raises(CannotTakeOut):
        without_package(text, parse(text).stages[0].instructions[1], "b")


def test_a_finding_in_such_a_package_names_the_line_of_the_dockerfile(project, image):
    heavy = replace(
        image, findings=(Finding("set-uid", "info", "It runs as root", path="/usr/lib/libcurl4"),)
    )
    (found,) = known_of(heavy, project, project.components[0]).findings
    assert found.message == "It runs as root. Brought by Dockerfile:2 → curl → libcurl4"
    base = replace(image, findings=(Finding("set-uid", "info", "It runs as root", path="/usr/lib/libc6"),))
    assert known_of(base, project, project.components[0]).findings == base.findings


APK = "P:musl\nV:1\nF:lib\nR:musl\n\n"
CURL = "P:curl\nV:8\nD:so:libcurl.so.4 musl\nF:usr/bin\nR:curl\n\nP:libcurl\nV:8\nD:musl\np:so:libcurl.so.4=4\nF:usr/lib\nR:libcurl.so.4\n\n"
ALPINE = """FROM node:24-alpine
RUN apk add --no-cache curl tini
COPY . /app
CMD ["node", "/app/server.js"]
"""


def test_alpines_packages_are_left_out_in_the_same_way(project, tmp_path):
    (project.root / "Dockerfile").write_text(ALPINE)
    tini = "P:tini\nV:1\nF:sbin\nR:tini\n\n"
    layers = [
        layer([("lib/apk/db/installed", APK.encode()), ("lib/musl", 9000)]),
        layer(
            [
                ("lib/apk/db/installed", f"{APK}{CURL}{tini}".encode()),
                ("usr/bin/curl", 300), ("usr/lib/libcurl.so.4", 700), ("sbin/tini", 50),
            ]
        ),
        layer([("app/server.js", 10)]),
    ]  # fmt: skip
    words = ("RUN base", "RUN /bin/sh -c apk add", "COPY . /app")
    history = [{"created_by": one} for one in words]
    config = {"User": "1", "Labels": {"io.slimdesk.base.layers": "1"}}
    (tmp_path / "alpine.tar").write_bytes(old_save([Picture(layers, history=history, config=config)]))
    image = read_path(tmp_path / "alpine.tar", Wanted())
    found = asked(project, image, of(image, "libcurl"))
    assert found.brings[0] == "Dockerfile:2 → curl → libcurl"
    assert "RUN apk add --no-cache tini" in found.changes[0].after
    assert found.gain.live == 1000


def test_what_a_run_brings_most_of_is_told_and_can_be_left_out(project, tmp_path):
    base = record("libc6")
    whole = base + record("chromium", "libc6", "libcodec") + record("libcodec") + record("tini", "libc6")
    (project.root / "Dockerfile").write_text(DOCKERFILE.replace("curl=8.1", "chromium"))
    layers = [
        layer([("var/lib/dpkg/status", base.encode()), *installed("libc6", 9_000_000)]),
        layer(
            [
                ("var/lib/dpkg/status", whole.encode()),
                *installed("chromium", 20_000_000),
                *installed("libcodec", 1_000_000),
                *installed("tini", 50),
            ]
        ),
    ]
    config = {"User": "1", "Labels": {"io.slimdesk.base.layers": "1"}}
    history = [{"created_by": one} for one in ("RUN base", "RUN /bin/sh -c apt-get update")]
    (tmp_path / "heavy.tar").write_bytes(old_save([Picture(layers, history=history, config=config)]))
    image = read_path(tmp_path / "heavy.tar", Wanted())
    told = known_of(image, project, project.components[0]).findings
    heavy = next(one for one in told if one.rule == "heavy-dependency")
    assert (heavy.path, heavy.bytes) == ("/usr/lib/chromium", 21_000_000 + 2 * len("/usr/lib/libcodec\n"))
    assert "asked for in Dockerfile:2" in heavy.message
    found = asked(project, image, heavy)
    assert "tini" in found.changes[0].after
    assert "chromium" not in found.changes[0].after


def test_a_finding_in_several_packages_says_that_there_are_others(project, image):
    places = ("/usr/lib/curl", "/usr/lib/tini", "/usr/lib/libc6")
    both = replace(image, findings=(Finding("headers", "info", "Headers", path=places[0], paths=places),))
    (found,) = known_of(both, project, project.components[0]).findings
    assert (
        found.message.replace("\u2009", " ") == "Headers. Brought by Dockerfile:2 → curl and 1 other package"
    )
