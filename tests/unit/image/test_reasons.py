"""What files are there for, from their places and packages."""

from dataclasses import replace

import pytest
from unit.image.images import Picture, layer, member, old_save, program

from slimdesk.image.package import Package
from slimdesk.image.read import Wanted, read_path
from slimdesk.image.reasons import PART_OF, PARTS, TITLES, Part, Reason, by_part, live_by_reason, reasons


@pytest.fixture
def image(tmp_path):
    def made(*layers):
        path = tmp_path / "image.tar"
        path.write_bytes(old_save([Picture(list(layers))]))
        return read_path(path, Wanted(fast=True))

    return made


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("usr/local/go/src/cmd/x.go", Reason.GO_TOOLCHAIN),
        ("usr/lib/gcc/x86_64-linux-gnu/14/cc1plus", Reason.C_TOOLCHAIN),
        ("usr/lib/x86_64-linux-gnu/libssl.so.3", Reason.LIBRARIES),
        ("usr/lib/x86_64-linux-gnu/libc.a", Reason.C_TOOLCHAIN),
        ("usr/bin/bash", Reason.PROGRAMS),
        ("usr/bin/perl", Reason.PERL),
        ("usr/bin/python3.13", Reason.PYTHON),
        ("usr/local/lib/python3.13/os.py", Reason.PYTHON),
        ("usr/local/lib/python3.13/site-packages/flask/app.py", Reason.PYTHON_PACKAGES),
        ("usr/local/bin/node", Reason.NODE),
        ("usr/local/lib/node_modules/npm/node_modules/semver/index.js", Reason.NPM),
        ("app/node_modules/express/index.js", Reason.NODE_MODULES),
        ("app/server.js", Reason.APPLICATION),
        ("server", Reason.APPLICATION),
        ("app/lib/guava.jar", Reason.APPLICATION),
        ("opt/java/openjdk/lib/modules", Reason.JAVA),
        ("opt/java/openjdk/jmods/java.base.jmod", Reason.JDK),
        ("opt/java/openjdk/bin/javac", Reason.JDK),
        ("usr/share/doc/bash/README", Reason.DOCUMENTATION),
        ("usr/share/zoneinfo/Europe/Berlin", Reason.CERTIFICATES),
        ("etc/ssl/certs/ca-certificates.crt", Reason.CERTIFICATES),
        ("etc/passwd", Reason.CONFIGURATION),
        ("var/lib/dpkg/status", Reason.PACKAGE_DATABASE),
        ("root/.cache/pip/x", Reason.CACHES),
        ("go/pkg/mod/x/y.go", Reason.SOURCES),
        ("usr/lib/git-core/git", Reason.VERSION_CONTROL),
        ("usr/share/misc/magic", Reason.OTHER),
    ],
)
def test_places_say_what_files_are_for(image, path, reason):
    found = image(layer([program(path, b"x" * 9)]))
    assert live_by_reason(found, reasons(found)) == {reason: 9}


def test_a_package_says_more_than_a_place(image):
    found = image(
        layer([member("usr/bin/x86_64-linux-gnu-ld", b"12345"), member("usr/share/doc/binutils/c", b"1")])
    )
    ld, doc = found.table.find("/usr/bin/x86_64-linux-gnu-ld"), found.table.find("/usr/share/doc/binutils/c")
    assert ld is not None
    assert doc is not None
    owner = found.package_of.__class__("i", [-1] * len(found.table))
    owner[ld] = owner[doc] = 0
    packed = replace(
        found, packages=(Package("binutils", "2.44", "deb", "pkg:deb/binutils", 6, None),), package_of=owner
    )
    codes = reasons(packed)
    assert codes[ld] == Reason.C_TOOLCHAIN
    assert codes[doc] == Reason.DOCUMENTATION, "documentation stays documentation"


def test_an_ending_is_that_of_one_name_not_of_two_that_follow_each_other(image):
    names = ("a.s", "o", "q.", "so", "x.so.jar")
    found = image(layer([(f"opt/t/{name}", 1) for name in names]))
    codes = reasons(found)
    said = {name: codes[found.table.find(f"/opt/t/{name}")] for name in names}
    assert said == {**dict.fromkeys(names, Reason.APPLICATION), "x.so.jar": Reason.LIBRARIES}


def test_hidden_bytes_are_there_for_nothing(image):
    found = image(layer([("app/x", 10)]), layer([("app/.wh.x", 0), ("app/y", 4)]))
    assert live_by_reason(found, reasons(found)) == {Reason.APPLICATION: 4}


def test_every_reason_has_a_title_and_a_part():
    assert set(TITLES) == set(Reason) == set(PART_OF)
    assert set(PARTS) == set(Part)
    assert by_part({Reason.PYTHON: 3, Reason.PYTHON_PACKAGES: 4, Reason.LIBRARIES: 1}) == {
        Part.OS: 1, Part.RUNTIME: 3, Part.DEPENDENCIES: 4, Part.APPLICATION: 0, Part.OTHER: 0,
    }  # fmt: skip
