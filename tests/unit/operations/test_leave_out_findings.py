"""A finding that lies in several places, or tells of several packages, is left out as a whole."""

import difflib

import pytest
from unit.image.images import Picture, layer, old_save
from unit.operations.left_out import asked

from slimdesk.basics.finding import Finding
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.detect import open_project

DOCKERFILE = """FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.txt ./
RUN pip install --target /deps -r requirements.txt
RUN make cache

FROM python:3.13-slim
RUN apt-get update && apt-get install -y gcc make curl zlib1g-dev libpq-dev
WORKDIR /app
COPY --from=build /deps /deps
COPY first second ./both/
COPY . /app/
CMD ["python", "main.py"]
"""
FILES = {
    "requirements.txt": "flask==3.1.0\npytest==9.0.0\nmypy==1.19.0\n",
    "main.py": "import flask\n",
    "first": "f" * 200_000,
    "second": "s" * 150_000,
    "docs/.mypy_cache/a": "c" * 20_000,
    "tools/.mypy_cache/b": "c" * 30_000,
    "Dockerfile": DOCKERFILE,
}


def deb(name):
    return f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"


def files_of(name, *paths):
    return (f"var/lib/dpkg/info/{name}.list", "".join(f"/{path}\n" for path in paths).encode())


def dist(name, version, size):
    return [
        (
            f"deps/{name}-{version}.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        ),
        (
            f"deps/{name}-{version}.dist-info/RECORD",
            f"{name}/__init__.py,,\n{name}/tests/test_it.py,,\n".encode(),
        ),
        (f"deps/{name}/__init__.py", size),
    ]


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return open_project(root)


@pytest.fixture
def image(tmp_path):
    system = "".join(map(deb, ("libc6", "gcc", "make", "curl", "zlib1g-dev", "libpq-dev")))
    layers = [
        layer([("var/lib/dpkg/status", deb("libc6").encode()), ("usr/share/doc/libc6/README", 900)]),
        layer(
            [
                ("var/lib/dpkg/status", system.encode()),
                files_of("gcc", "usr/bin/gcc"),
                files_of("make", "usr/bin/make"),
                files_of("zlib1g-dev", "usr/include/zlib.h"),
                files_of("libpq-dev", "usr/include/pq.h"),
                ("usr/include/zlib.h", 60_000),
                ("usr/include/pq.h", 70_000),
                ("usr/bin/gcc", 9_000_000),
                ("usr/bin/make", 400_000),
            ]
        ),
        layer(
            [
                *dist("flask", "3.1.0", 5000),
                *dist("pytest", "9.0.0", 7000),
                *dist("mypy", "1.19.0", 8000),
            ]
        ),
        layer([("app/both/first", 200_000), ("app/both/second", 150_000)]),
        layer([("app/docs/.mypy_cache/a", 20_000), ("app/tools/.mypy_cache/b", 30_000), ("app/main.py", 13)]),
    ]
    history = [
        {"created_by": words}
        for words in ("base", "RUN apt-get", "COPY /deps /deps", "COPY first second ./both/", "COPY . /app/")
    ]
    config = {"User": "1", "Labels": {"io.slimdesk.base.layers": "1"}}
    (tmp_path / "image.tar").write_bytes(old_save([Picture(layers, history=history, config=config)]))
    return read_path(tmp_path / "image.tar", Wanted())


def told(image, rule, word=""):
    return next(one for one in image.findings if one.rule == rule and word in one.message)


def lines(change, sign):
    diff = difflib.ndiff(change.before.splitlines(), change.after.splitlines())
    return [line[2:].strip() for line in diff if line.startswith(sign)]


def test_all_places_of_a_cache_get_a_line_in_dockerignore(project, image):
    finding = told(image, "cache")
    assert finding.paths == ("/app/tools/.mypy_cache", "/app/docs/.mypy_cache")
    assert "paths" not in finding.to_json()
    found = asked(project, image, finding)
    (change,) = found.changes
    assert (change.path, change.after) == (".dockerignore", "tools/.mypy_cache\ndocs/.mypy_cache\n")
    assert found.what == "/app/tools/.mypy_cache and /app/docs/.mypy_cache"
    assert found.gain.live == 50_000
    assert found.gain.live == finding.bytes


def test_sources_of_one_copy_go_one_after_the_other_and_the_copy_with_the_last(project, image):
    finding = Finding(
        "secret", "error", "Two files", path="/app/both/first", paths=("/app/both/first", "/app/both/second")
    )
    found = asked(project, image, finding)
    (change,) = found.changes
    assert lines(change, "- ") == ["COPY first second ./both/"]
    assert lines(change, "+ ") == []
    assert found.gain.live == 350_000


def test_changes_of_different_lines_stand_side_by_side_and_what_the_base_brings_stays(project, image):
    places = (
        "/app/both/first",
        "/app/docs",
        "/deps/flask/__init__.py",
        "/deps/mypy/__init__.py",
        "/usr/share/doc",
    )
    found = asked(project, image, Finding("cache", "warning", "Much", path=places[0], paths=places))
    dockerfile, ignore = found.changes
    assert lines(dockerfile, "- ") == ["COPY first second ./both/"]
    assert lines(dockerfile, "+ ") == [
        "RUN rm -rf /deps/flask/__init__.py /deps/mypy/__init__.py",
        "COPY second ./both/",
    ]
    assert ignore.after == "docs\n"
    assert found.gain.live == 200_000 + 20_000 + 5000 + 8000
    assert found.cautions[-1] == "1 of 5 places stay: they cannot be left out in this way"


def test_where_the_base_brings_all_places_only_another_family_is_without(project, image):
    places = ("/usr/share/doc/libc6", "/usr/share/doc")
    found = asked(project, image, Finding("documentation", "info", "Books", path=places[0], paths=places))
    assert found.changes == ()
    assert found.brings == ("The base image python:3.13-slim brings it",)


def test_packages_for_development_go_with_all_their_lines(project, image):
    finding = told(image, "dev-dependencies", "Python")
    assert len(finding.paths) == 2
    found = asked(project, image, finding)
    manifest = next(one for one in found.changes if one.path == "requirements.txt")
    assert sorted(lines(manifest, "- ")) == ["mypy==1.19.0", "pytest==9.0.0"]
    assert found.gain.live > 15_000


def test_packages_of_the_distribution_for_development_go_from_the_run(project, image):
    finding = told(image, "dev-dependencies", "development package")
    assert finding.paths == ("/usr/include/pq.h", "/usr/include/zlib.h")
    found = asked(project, image, finding)
    (change,) = found.changes
    assert lines(change, "+ ") == ["RUN apt-get update && apt-get install -y gcc make curl"]
    assert found.gain.live >= 130_000


def test_compilers_go_with_the_words_of_the_run_that_installs_them(project, image):
    finding = told(image, "compiler")
    found = asked(project, image, finding)
    (change,) = found.changes
    assert lines(change, "+ ") == ["RUN apt-get update && apt-get install -y curl zlib1g-dev libpq-dev"]
    assert found.gain.live >= 9_400_000
    assert found.what == "gcc 1 and make 1"


@pytest.mark.parametrize(
    ("rule", "path"),
    [("set-uid", "/usr/bin/gcc"), ("world-writable", "/app"), ("entrypoint-missing", "/app/main.py")],
)
def test_what_is_to_be_mended_is_not_left_out(project, image, rule, path):
    found = asked(project, image, Finding(rule, "warning", "So it is", path=path, fix="Mend it"))
    assert (found.changes, found.reason) == ((), "Mend it")
