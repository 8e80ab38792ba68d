"""Whatever stands in a file that is looked at: an answer or none, never an error."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.image.images import Picture, layer, old_save, program
from unit.image.records import elf, go_info, jar, rpm_database, rpm_header

from slimdesk.image.read import read_path
from slimdesk.image.sbom import cyclonedx

POM = "groupId=a\nartifactId=b\nversion=1\n"
RECORDS = {
    "app": elf({b".go.buildinfo": go_info("go1.26", "path\ta\nmod\ta\tv1\n")}, b"/lib/ld.so"),
    "old": elf({b".dep-v0": zlib.compress(json.dumps({"packages": []}).encode())}, wide=False),
    "script": b"#! /usr/bin/env python\n",
    "a.jar": jar(
        {"META-INF/maven/a/b/pom.properties": POM, "lib/c.jar": jar({"META-INF/MANIFEST.MF": "A: b\n"})}
    ),
    "var/lib/dpkg/status": b"Package: a\nStatus: install ok installed\nVersion: 1\n",
    "var/lib/dpkg/info/a.list": b"/usr/bin/a\n/../..//.\n",
    "lib/apk/db/installed": b"P:a\nV:1\nF:usr\nR:a\n\n",
    "s/a.dist-info/METADATA": b"Name: a\nVersion: 1\n\n",
    "s/a.dist-info/RECORD": b'a.py,"x",3\n',
    "node_modules/a/package.json": b'{"name": "a", "version": "1", "license": [{"type": "MIT"}]}',
    "package.json": b'{"devDependencies": {"a": "1"}}',
    "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
    ".env": b"A_TOKEN=abcdef\n",
    ".docker/config.json": b'{"auths": {"a": {"auth": "x"}}}',
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    blob = rpm_header(
        [
            (1000, 6, [b"a"]),
            (1001, 6, [b"1"]),
            (1116, 4, [0]),
            (1117, 8, [b"x"]),
            (1118, 8, [b"/"]),
            (1047, 8, [b"a", b"/x"]),
            (1049, 8, [b"/x", b"", b"(", b"a"]),
        ]
    )
    return {**RECORDS, "var/lib/rpm/rpmdb.sqlite": rpm_database(tmp_path_factory.mktemp("rpm"), [blob])}


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_records_never_raise(data: st.DataObject, records: dict[str, bytes], tmp_path: Path) -> None:
    members = []
    for name, body in records.items():
        place = data.draw(st.integers(0, len(body)))
        length = data.draw(st.sampled_from([0, 0, 1, 4, 40, 100_000]))
        written = data.draw(
            st.one_of(st.just(b""), st.just(b"\xff" * 8), st.just(b"\0"), st.binary(max_size=12))
        )
        members.append(program(name, body[:place] + written + body[place + length :]))
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer(members)], config={"Cmd": ["/app"]})]))
    image = read_path(path)
    assert image.packages is not None
    assert 0 <= image.could_save <= (image.sizes.live or 0)
    json.loads(cyclonedx(image))
