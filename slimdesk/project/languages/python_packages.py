"""What packages from the index need besides themselves: system libraries, a compiler, a browser, a private index, wheels for musl."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from slimdesk.project.facts import FactList
from slimdesk.project.languages.python_manifest import Manifest
from slimdesk.project.manifests import key_line, read_toml, words_of
from slimdesk.project.walk import Tree, join, normal


class Native(NamedTuple):
    """Debian 13's packages that one from the index is compiled against, and those that it loads when it runs."""

    build: tuple[str, ...] = ()
    run: tuple[str, ...] = ()


# Packages without wheels for Linux (they are compiled), or whose wheels still load a system library.
COMPILED = {
    "psycopg2": Native(("libpq-dev",), ("libpq5",)),
    "mysqlclient": Native(("default-libmysqlclient-dev", "pkg-config"), ("libmariadb3",)),
    "python-ldap": Native(("libldap-dev", "libsasl2-dev"), ("libldap2", "libsasl2-2")),
    "pycairo": Native(("libcairo2-dev", "pkg-config"), ("libcairo2",)),
    "pygraphviz": Native(("libgraphviz-dev", "pkg-config"), ("libcgraph6", "libgvc6")),
    "uwsgi": Native(),
    "pycurl": Native(("libcurl4-openssl-dev", "libssl-dev"), ("libcurl4t64",)),
    "dlib": Native(("cmake", "make")),
    "pyodbc": Native(("unixodbc-dev",), ("libodbc2",)),
    "gdal": Native(("libgdal-dev",), ("libgdal36",)),
    "xmlsec": Native(("libxmlsec1-dev", "pkg-config"), ("libxmlsec1t64-openssl",)),
    "gssapi": Native(("libkrb5-dev",), ("libgssapi-krb5-2",)),
    "kerberos": Native(("libkrb5-dev",), ("libgssapi-krb5-2",)),
    "pyaudio": Native(("portaudio19-dev",), ("libportaudio2",)),
    "pycups": Native(("libcups2-dev",), ("libcups2t64",)),
}
LOADING = {
    "python-magic": Native((), ("libmagic1t64",)),
    "weasyprint": Native((), ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")),
    "cairosvg": Native((), ("libcairo2",)),
    "opencv-python": Native((), ("libgl1", "libglib2.0-0t64")),
    "opencv-contrib-python": Native((), ("libgl1", "libglib2.0-0t64")),
    "pyzbar": Native((), ("libzbar0t64",)),
    "pydub": Native((), ("ffmpeg",)),
    "ffmpeg-python": Native((), ("ffmpeg",)),
    "pytesseract": Native((), ("tesseract-ocr",)),
    "pdf2image": Native((), ("poppler-utils",)),
    "pyvips": Native((), ("libvips42t64",)),
}
BROWSERS = ("playwright", "selenium", "pyppeteer", "undetected-chromedriver")
_ADVICE = {
    "opencv-python": "opencv-python-headless",
    "opencv-contrib-python": "opencv-contrib-python-headless",
}
_PUBLIC = (
    "pypi.org", "pypi.python.org", "files.pythonhosted.org", "download.pytorch.org", "pypi.nvidia.com", "test.pypi.org", "wheels.pytorch.org",
    "data.pyg.org", "abetlen.github.io",
)  # fmt: skip
_CPU = re.compile(r"download\.pytorch\.org/whl/cpu|\btorch==[\w.]+\+cpu\b")
_INDEX = re.compile(r"^(?:-i|--index-url|--extra-index-url|-f|--find-links)[ =]+(\S+)")
_PACKAGE = re.compile(r'name = "([A-Za-z0-9._-]{1,100})"')
_VERSION = re.compile(r'version = "([0-9][A-Za-z0-9.+!_-]{0,50})"')
_WHEEL = re.compile(r'-([A-Za-z0-9_.]{1,60})-([A-Za-z0-9_.]{1,120})\.whl"')
_DEVELOPMENT = re.compile(r'category = "dev"|groups = \["(?:dev|test|tests|lint|docs)"\]')


def package_facts(tree: Tree, manifest: Manifest, facts: FactList) -> None:
    """Add what the packages need, with the places that ask for them."""
    for table in (COMPILED, LOADING):
        for name, native in table.items():
            evidence = manifest.depends_on(name)
            if evidence is None:
                continue
            facts.add("native" if table is COMPILED else "loads", name, evidence.path, evidence.line)
            for package in native.build:
                facts.add("build_package", package, evidence.path, evidence.line)
            for package in native.run:
                facts.add("runtime_package", package, evidence.path, evidence.line)
            if name in _ADVICE:
                facts.problem(
                    f"{name} opens windows on a screen, for which libGL is added; {_ADVICE[name]} does the same work without",
                    evidence.path,
                    evidence.line,
                )
    if evidence := manifest.depends_on(*BROWSERS):
        name = next(one for one in BROWSERS if manifest.depends_on(one))
        facts.add("browser", name, evidence.path, evidence.line)
        facts.problem(
            f"{name} drives a browser, which the image does not hold: run the browser in a container of its own and connect to it",
            evidence.path,
            evidence.line,
        )
    _indexes(tree, manifest, facts)
    _beside(tree, manifest, facts)
    if manifest.lock is not None:
        _without_musl(tree, manifest.lock, facts)


def _beside(tree: Tree, manifest: Manifest, facts: FactList) -> None:
    """Packages of the project itself: those below the manifest's folder can be in its build, others cannot."""
    for written, place in manifest.beside.items():
        folder = normal(join(manifest.folder, written))
        if folder is None or not (manifest.folder == "." or folder.startswith(manifest.folder + "/")):
            facts.problem(
                f"{written} lies outside of the folder that the image is built from: make both members of one uv workspace, "
                "or publish it to an index",
                place.path,
                place.line,
            )
        elif folder != manifest.folder and tree.has_folder(folder):
            facts.add("path_dependency", folder, place.path, place.line)
        elif folder != manifest.folder and not tree.has(folder):
            facts.problem(f"{written} is asked for and not in the project", place.path, place.line)


def _indexes(tree: Tree, manifest: Manifest, facts: FactList) -> None:
    """Indexes other than the public ones, by their host: a URL may hold a password. And PyTorch's, which decides its size."""
    found = [*_of_requirements(tree, manifest), *_of_tables(tree, manifest)]
    for url, path, line in found:
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            continue
        if not host or parts.scheme not in ("http", "https") or host in _PUBLIC:
            continue
        facts.add("private_index", host, path, line)
        if parts.password and "$" not in parts.password:
            facts.problem(
                f"The address of {host} holds a password, which everybody reads who has the project: give it with a netrc file",
                path,
                line,
            )
    torch = manifest.depends_on("torch")
    lists = [
        *manifest.requirements,
        join(manifest.folder, "pyproject.toml"),
        join(manifest.folder, "Pipfile"),
    ]
    if torch is not None and not any(_CPU.search(tree.text(path) or "") for path in lists):
        facts.problem(
            "torch from PyPI brings the libraries for NVIDIA's graphics cards, several GB: where none is used, take it "
            "from the index https://download.pytorch.org/whl/cpu",
            torch.path,
            torch.line,
        )


def _of_requirements(tree: Tree, manifest: Manifest) -> list[tuple[str, str, int | None]]:
    found: list[tuple[str, str, int | None]] = []
    for path in manifest.requirements:
        for number, line in enumerate((tree.text(path) or "").splitlines(), 1):
            match = _INDEX.match(line.strip())
            if match:
                found.append((match.group(1), path, number))
    return found[:20]


def _of_tables(tree: Tree, manifest: Manifest) -> list[tuple[str, str, int | None]]:
    """[[tool.uv.index]], [[tool.poetry.source]], [[tool.pdm.source]] of pyproject.toml, [[source]] of Pipfile."""
    found: list[tuple[str, str, int | None]] = []
    for name, tables in (("pyproject.toml", (("tool", "uv", "index"), ("tool", "poetry", "source"), ("tool", "pdm", "source"))), ("Pipfile", (("source",),))):  # fmt: skip
        path = join(manifest.folder, name)
        if not tree.has(path):
            continue
        data, text = read_toml(tree, path) or {}, tree.text(path) or ""
        for keys in tables:
            value: object = data
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            for one in value[:20] if isinstance(value, list) else ():
                url = words_of(one.get("url")) if isinstance(one, dict) else None
                if url:
                    found.append((url, path, key_line(text, keys[-1], "url")))
    return found


def _without_musl(tree: Tree, lock: str, facts: FactList) -> None:
    """From the names of the wheels in uv.lock, poetry.lock or pdm.lock: which packages Alpine has to compile."""
    name, version, line = "", "", 0
    tags: set[str] = set()
    development = False
    seen = missing = 0
    for number, text in enumerate([*(tree.text(lock) or "").splitlines(), "[[package]]"], 1):
        if text == "[[package]]":
            binary = any("manylinux" in tag for tag in tags)
            if binary and not development and not any("musllinux" in tag or tag == "any" for tag in tags):
                facts.add("no_musl_wheel", f"{name} {version}", lock, line)
                missing += 1
            seen += bool(tags)
            name, version, line, tags, development = "", "", number + 1, set(), False
        elif not name and (match := _PACKAGE.fullmatch(text)):
            name, line = match.group(1), number
        elif not version and (match := _VERSION.fullmatch(text)):
            version = match.group(1)
        elif _DEVELOPMENT.fullmatch(text):
            development = True
        elif ".whl" in text:
            tags.update(match.group(2) for match in _WHEEL.finditer(text))
    if seen and not missing:
        facts.add("musl_wheels", True, lock)
