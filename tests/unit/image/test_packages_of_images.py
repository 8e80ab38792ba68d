"""Which packages an image has, from every kind of record; whose the bytes are; and records that lie."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from unit.image.images import Picture, layer, old_save, program
from unit.image.records import elf, go_info, jar, rpm_database, rpm_header

from slimdesk.image.model import Image, Package
from slimdesk.image.packages.rpm import parse_header
from slimdesk.image.packages.zips import content, entries
from slimdesk.image.read import Wanted, read_path

OS_RELEASE = ("etc/os-release", b'ID=debian\nVERSION_ID="13"\n')


def read(folder: Path, *layers: list, fast: bool = False) -> Image:
    path = folder / "image.tar"
    path.write_bytes(old_save([Picture([layer(members) for members in layers])]))
    return read_path(path, Wanted(fast=fast))


def packages(image: Image) -> dict[str, Package]:
    assert image.packages is not None
    return {package.name: package for package in image.packages}


def dpkg(*names: str, status: str = "install ok installed") -> bytes:
    return "\n".join(
        f"Package: {name}\nStatus: {status}\nArchitecture: amd64\nVersion: 1.0-{number}\nDescription: x\n y\n"
        for number, name in enumerate(names, 1)
    ).encode()


def test_debian_packages_own_what_their_lists_name_through_merged_usr(tmp_path: Path) -> None:
    image = read(
        tmp_path,
        [
            OS_RELEASE,
            ("var/lib/dpkg/status", dpkg("one", "two")),
            ("var/lib/dpkg/info/one.list", b"/.\n/lib\n/lib/one.so\n/usr/bin/one\n/gone\n"),
            ("var/lib/dpkg/info/two:amd64.md5sums", b"d41d8cd98f00b204e9800998ecf8427e  usr/bin/two\n"),
            ("lib", "->usr/lib"),
            ("usr/lib/one.so", 1000),
            ("usr/bin/one", 200),
            ("usr/bin/two", 30),
            ("usr/bin/mine", 4),
        ],
    )
    found = packages(image)
    assert found["one"].purl == "pkg:deb/debian/one@1.0-1?arch=amd64&distro=debian-13"
    lists = len(b"/.\n/lib\n/lib/one.so\n/usr/bin/one\n/gone\n")
    assert (found["one"].size, found["one"].files) == (1200 + lists, 4)
    assert found["two"].type == "deb"
    owner = image.package_of
    mine, two = image.table.find("/usr/bin/mine"), image.table.find("/usr/bin/two")
    assert mine is not None
    assert two is not None
    assert owner[mine] == -1
    assert image.packages is not None
    assert image.packages[owner[two]].name == "two"


def test_a_package_that_was_removed_is_none(tmp_path: Path) -> None:
    image = read(tmp_path, [("var/lib/dpkg/status", dpkg("left", status="deinstall ok config-files"))])
    assert image.packages == ()


def test_distroless_records_count_one_by_one(tmp_path: Path) -> None:
    image = read(
        tmp_path,
        [
            ("var/lib/dpkg/status.d/tzdata", b"Package: tzdata\nVersion: 2026a-1\nArchitecture: all\n"),
            ("var/lib/dpkg/status.d/tzdata.md5sums", b"d41d8cd98f00b204e9800998ecf8427e  usr/share/zone\n"),
            ("usr/share/zone", 500),
        ],
    )
    assert packages(image)["tzdata"].files == 3
    assert packages(image)["tzdata"].path == "/var/lib/dpkg/status.d/tzdata"


def test_the_newest_record_counts_and_a_deleted_one_does_not(tmp_path: Path) -> None:
    image = read(
        tmp_path,
        [
            ("var/lib/dpkg/status", dpkg("old")),
            ("app/node_modules/gone/package.json", b'{"name": "gone", "version": "1"}'),
        ],
        [("var/lib/dpkg/status", dpkg("old", "new")), ("app/node_modules/.wh.gone", b"")],
    )
    assert sorted(packages(image)) == ["new", "old"]


def test_alpine_packages(tmp_path: Path) -> None:
    record = (
        b"C:Q1\nP:musl\nV:1.2.5-r10\nA:x86_64\nL:MIT\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\n\nP:half\n\n"
    )
    image = read(
        tmp_path,
        [
            ("etc/os-release", b"ID=alpine\nVERSION_ID=3.24.1\n"),
            ("lib/apk/db/installed", record),
            ("lib/ld-musl-x86_64.so.1", 640),
        ],
    )
    assert image.packages == (
        Package(
            "musl",
            "1.2.5-r10",
            "apk",
            "pkg:apk/alpine/musl@1.2.5-r10?arch=x86_64&distro=alpine-3.24.1",
            640,
            "/lib/apk/db/installed",
            "MIT",
            1,
        ),
    )


def test_rpm_packages_are_read_from_the_sqlite_database(tmp_path: Path) -> None:
    blob = rpm_header(
        [
            (1000, 6, [b"bash"]),
            (1001, 6, [b"5.2"]),
            (1002, 6, [b"3.el10"]),
            (1003, 4, [1]),
            (1014, 6, [b"GPL-3.0-or-later"]),
            (1022, 6, [b"x86_64"]),
            (1116, 4, [0, 1]),
            (1117, 8, [b"bash", b"bashrc"]),
            (1118, 8, [b"/usr/bin/", b"/etc/"]),
        ]
    )
    key = rpm_header([(1000, 6, [b"gpg-pubkey"]), (1001, 6, [b"1"])])
    database = rpm_database(tmp_path, [blob, key, b"junk"])
    image = read(
        tmp_path,
        [
            ("etc/os-release", b"ID=fedora\nVERSION_ID=44\n"),
            ("usr/lib/sysimage/rpm/rpmdb.sqlite", database),
            ("usr/bin/bash", 70),
            ("etc/bashrc", 7),
        ],
    )
    (bash,) = image.packages or ()
    assert bash.purl == "pkg:rpm/fedora/bash@5.2-3.el10?arch=x86_64&distro=fedora-44&epoch=1"
    assert (bash.size, bash.files, bash.licence) == (77, 2, "GPL-3.0-or-later")


def test_rpm_packages_say_whom_they_need(tmp_path: Path) -> None:
    def package(name: bytes, *more: tuple[int, int, list[bytes] | list[int]]) -> bytes:
        return rpm_header([(1000, 6, [name]), (1001, 6, [b"1"]), *more])

    blobs = [
        package(
            b"dnf",
            (1049, 8, [b"rpmlib(PayloadIsZstd)", b"libc.so.6()(64bit)", b"(x if y)", b"/bin/sh", b"gone"]),
        ),
        package(
            b"glibc", (1047, 8, [b"glibc", b"libc.so.6()(64bit)"]), (1049, 8, [b"glibc", b"/usr/sbin/ld"])
        ),
        package(
            b"bash", (1116, 4, [0]), (1117, 8, [b"sh"]), (1118, 8, [b"/usr/bin/"]), (1049, 8, [b"glibc"])
        ),
    ]
    image = read(tmp_path, [("var/lib/rpm/rpmdb.sqlite", rpm_database(tmp_path, blobs))])
    assert {one.name: one.requires for one in image.packages or ()} == {
        "dnf": ("glibc", "bash"),
        "glibc": (),
        "bash": ("glibc",),
    }


def test_an_old_rpm_database_is_said_not_to_be_read(tmp_path: Path) -> None:
    image = read(tmp_path, [("var/lib/rpm/Packages", 50)])
    assert image.packages == ()
    assert len(image.warnings) == 1
    assert "old format" in image.warnings[0]


@pytest.mark.parametrize("blob", [b"", b"\xff" * 40, b"\0" * 8, rpm_header([(1000, 6, [b"x"])])])
def test_rpm_headers_that_lie_are_none(blob: bytes) -> None:
    assert parse_header(blob) is None


def test_python_packages_own_what_record_names_and_no_more(tmp_path: Path) -> None:
    site = "venv/lib/python3.13/site-packages"
    metadata = b"Metadata-Version: 2.4\nName: Flask\nVersion: 3.1.0\nLicense-Expression: BSD-3-Clause\n\nName: not this\n"
    image = read(
        tmp_path,
        [
            (f"{site}/flask-3.1.0.dist-info/METADATA", metadata),
            (
                f"{site}/flask-3.1.0.dist-info/RECORD",
                b'flask/__init__.py,sha256=x,90\n../../../bin/flask,,\n"odd, name.py",,\n../../../../../../etc/x,,\n',
            ),
            (f"{site}/flask/__init__.py", 90),
            (f"{site}/other.py", 5),
            ("venv/bin/flask", 8),
        ],
    )
    flask = packages(image)["Flask"]
    assert flask.purl == "pkg:pypi/flask@3.1.0"
    assert flask.licence == "BSD-3-Clause"
    assert flask.files == 4
    other = image.table.find(f"/{site}/other.py")
    assert other is not None
    assert image.package_of[other] == -1


def test_what_the_distribution_brought_is_not_counted_twice(tmp_path: Path) -> None:
    folder = "usr/lib/python3/dist-packages/requests.egg-info"
    image = read(
        tmp_path,
        [
            ("var/lib/dpkg/status", dpkg("python3-requests")),
            ("var/lib/dpkg/info/python3-requests.list", f"/{folder}/PKG-INFO\n".encode()),
            (f"{folder}/PKG-INFO", b"Name: requests\nVersion: 2\n"),
            (
                "opt/app.egg-info/PKG-INFO",
                b"Name: app\nVersion: 1\nClassifier: License :: OSI Approved :: MIT License\n",
            ),
            ("opt/app/x.py", 10),
        ],
    )
    assert sorted(packages(image)) == ["app", "python3-requests"]
    assert packages(image)["app"].licence == "MIT License"
    assert packages(image)["app"].files == 2


def test_node_packages_nested_scoped_and_not_their_fixtures(tmp_path: Path) -> None:
    def record(name: str, **more: Any) -> bytes:
        return json.dumps({"name": name, "version": "1.0.0", **more}).encode()

    modules = "app/node_modules"
    inner = record("inner")
    image = read(
        tmp_path,
        [
            ("app/package.json", record("app")),
            (f"{modules}/outer/package.json", record("outer", license={"type": "MIT"})),
            (f"{modules}/outer/index.js", 100),
            (f"{modules}/outer/node_modules/inner/package.json", inner),
            (f"{modules}/outer/node_modules/inner/index.js", 10),
            (f"{modules}/outer/test/fixture/package.json", record("fixture")),
            (f"{modules}/@scope/name/package.json", record("@scope/name")),
            (f"{modules}/broken/package.json", b"{" * 5000),
            (f"{modules}/odd/package.json", b'{"name": ["x"], "version": 1}'),
        ],
    )
    found = packages(image)
    assert sorted(found) == ["@scope/name", "inner", "outer"]
    assert found["@scope/name"].purl == "pkg:npm/%40scope/name@1.0.0"
    assert found["inner"].size == 10 + len(inner)
    assert found["outer"].files == 3
    assert found["outer"].licence == "MIT"


POM = "META-INF/maven/org.acme/{0}/pom.properties"


def pom(name: str, version: str = "1.0") -> str:
    return f"#made by Maven\ngroupId=org.acme\nartifactId={name}\nversion={version}\n"


def test_jars_in_a_jar_share_its_bytes(tmp_path: Path) -> None:
    one = jar({POM.format("one"): pom("one", "2.5"), "One.class": b"c" * 300})
    two = jar(
        {"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nImplementation-Ver\r\n sion: 9\r\n\r\nName: x\r\n"}
    )
    whole = jar(
        {
            POM.format("app"): pom("app", "0.1"),
            "BOOT-INF/lib/one-2.5.jar": one,
            "BOOT-INF/lib/two.jar": two,
        },
        stored=True,
    )
    whole = b"#!/bin/sh\nexec java -jar $0\n" + whole
    image = read(tmp_path, [("app/app.jar", whole)])
    found = packages(image)
    assert {name: (one.version, one.purl) for name, one in found.items()} == {
        "app": ("0.1", "pkg:maven/org.acme/app@0.1"),
        "one": ("2.5", "pkg:maven/org.acme/one@2.5"),
        "two": ("9", "pkg:maven/two@9"),
    }
    assert found["one"].path == "/app/app.jar!/BOOT-INF/lib/one-2.5.jar"
    assert sum(package.size or 0 for package in found.values()) == len(whole)


def test_libraries_folded_into_a_jar_are_named_and_weigh_nothing(tmp_path: Path) -> None:
    whole = jar({POM.format("app"): pom("app"), POM.format("shaded"): pom("shaded")})
    found = packages(read(tmp_path, [("app-1.0.jar", whole)]))
    assert found["shaded"].size == 0
    assert found["app"].size == len(whole)


@pytest.mark.parametrize("cut", [1, 10, 22, 60, 100])
def test_damaged_jars_never_raise(cut: int, tmp_path: Path) -> None:
    whole = jar({POM.format("app"): pom("app")})
    image = read(
        tmp_path, [("a.jar", whole[:-cut]), ("b.jar", whole[cut:]), ("c.jar", b"PK\x05\x06" + b"\xff" * 30)]
    )
    assert image.packages is not None


def test_a_zip_entry_that_swells_is_not_taken() -> None:
    data = jar({"bomb": b"\0" * 1_000_000})
    (entry,) = entries(data)
    assert content(data, entry, 1000) is None
    assert content(data, entry, 1_000_000) == b"\0" * 1_000_000


def test_go_programs_tell_their_modules(tmp_path: Path) -> None:
    modules = (
        "path\tacme.org/app\nmod\tacme.org/app\t(devel)\t\n"
        "dep\tgithub.com/a/b\tv1.2.3\th1:x=\ndep\told.org/c\tv1.0.0\n=>\tnew.org/c\tv1.1.0\th1:y=\n"
        "build\tX=" + "y" * 200 + "\n"
    )
    body = elf({b".text": b"t" * 3000, b".go.buildinfo": go_info("go1.26.1", modules)})
    image = read(tmp_path, [program("app", body), ("plain", body), program("lib.so", body)])
    found = packages(image)
    assert {name: (one.version, one.size) for name, one in found.items()} == {
        "acme.org/app": ("(devel)", len(body)),
        "stdlib": ("1.26.1", None),
        "github.com/a/b": ("v1.2.3", None),
        "new.org/c": ("v1.1.0", None),
    }
    assert found["github.com/a/b"].purl == "pkg:golang/github.com/a/b@v1.2.3"


def test_rust_programs_tell_their_crates_where_they_were_built_to(tmp_path: Path) -> None:
    crates = {
        "packages": [
            {"name": "app", "version": "0.1.0", "source": "local", "root": True},
            {"name": "serde", "version": "1.0.2", "source": "crates.io"},
            {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"},
            {"name": 5},
            "x",
        ]
    }
    body = elf({b".dep-v0": zlib.compress(json.dumps(crates).encode())}, wide=False)
    found = packages(read(tmp_path, [program("app", body)]))
    assert {name: one.size for name, one in found.items()} == {"app": len(body), "serde": None}


@pytest.mark.parametrize(
    "body",
    [
        b"\x7fELF",
        b"\x7fELF\x02\x01" + b"\xff" * 100,
        elf({b".dep-v0": b"no zlib"}),
        elf({b".dep-v0": zlib.compress(b"[1]")}),
        elf({b".dep-v0": zlib.compress(b"[" * 100_000)}),
        elf({b".go.buildinfo": b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\xff" * 9}),
        elf({b".go.buildinfo": b"short"}),
        b"#!",
    ],
)
def test_programs_that_lie_have_no_packages(body: bytes, tmp_path: Path) -> None:
    image = read(tmp_path, [program("app", body)])
    assert all(package.name == "app" for package in image.packages or ())


def test_hostile_texts_are_harmless(tmp_path: Path) -> None:
    record = json.dumps({"name": "a\x1b[31m\n" + "b" * 900, "version": "1\u202e", "license": "\x07"}).encode()
    image = read(
        tmp_path,
        [
            ("node_modules/x/package.json", record),
            (
                "var/lib/dpkg/status",
                b"Package: \xff\xfe\nStatus: install ok installed\nVersion: \x00\n" + b"x" * 70_000,
            ),
            ("s.dist-info/METADATA", b"Name: ../../x\nVersion: 1\n"),
            ("s.dist-info/RECORD", b'"' * 200_000 + b"\0\n"),
        ],
    )
    for package in image.packages or ():
        for text in (package.name, package.version, package.purl, package.licence or ""):
            assert text.isprintable()
            assert len(text) < 2000


def test_headers_alone_tell_no_packages(tmp_path: Path) -> None:
    image = read(tmp_path, [("var/lib/dpkg/status", dpkg("one"))], fast=True)
    assert image.packages is None
    assert not image.package_of
