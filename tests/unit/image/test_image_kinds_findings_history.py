"""What is said of files, configurations and history lines; and the sample that comes with the program."""

from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path

import pytest
import zstandard
from unit.image.images import Picture, layer, old_save, program

from slimdesk.basics.resources import resource
from slimdesk.image.findings import findings
from slimdesk.image.gates import Limits, check, is_debug
from slimdesk.image.history import base_layers, instruction_of, layer_history
from slimdesk.image.kinds import TITLES, FileKind, file_kinds
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, read_path


def image_of(tmp_path: Path, members: list, config: dict | None = None) -> Image:
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer(members)], config=config or {})]))
    return read_path(path)


KINDS = {
    "usr/lib/x86_64-linux-gnu/libc.so.6": FileKind.LIBRARY,
    "usr/bin/perl": FileKind.PROGRAM,
    "usr/share/doc/bash/copyright": FileKind.DOCUMENTATION,
    "usr/share/locale/de/LC_MESSAGES/tar.mo": FileKind.DOCUMENTATION,
    "var/lib/dpkg/info/bash.list": FileKind.PACKAGE_DATABASE,
    "var/lib/apt/lists/deb_Packages": FileKind.PACKAGE_DATABASE,
    "root/.cache/pip/http/a.whl": FileKind.BUILD_LEFTOVER,
    "usr/include/stdio.h": FileKind.BUILD_LEFTOVER,
    "usr/lib/x86_64-linux-gnu/libc.a": FileKind.BUILD_LEFTOVER,
    "usr/lib/debug/x.debug": FileKind.DEBUG_SYMBOLS,
    "usr/local/lib/python3.13/site-packages/pandas/core.py": FileKind.PYTHON,
    "usr/local/lib/python3.13/site-packages/pandas/tests/test_x.py": FileKind.TESTS,
    "usr/local/lib/python3.13/__pycache__/ssl.cpython-313.pyc": FileKind.BUILD_LEFTOVER,
    "usr/local/lib/python3.13/site-packages/pandas/_libs.cpython-313-x86_64-linux-gnu.so": FileKind.LIBRARY,
    "app/node_modules/express/index.js": FileKind.NODE,
    "app/server.jar": FileKind.JAVA,
    "app/static/logo.png": FileKind.WEB,
    "etc/passwd": FileKind.CONFIGURATION,
    "usr/share/zoneinfo/Europe/Berlin": FileKind.DATA,
    "app/.git/objects/pack/p.pack": FileKind.BUILD_LEFTOVER,
    "app/LICENSE": FileKind.OTHER,
}


def test_every_file_has_a_kind(tmp_path: Path) -> None:
    table = image_of(tmp_path, [(name, 10) for name in sorted(KINDS)]).table
    kinds = file_kinds(table)
    found = {}
    for name in KINDS:
        node = table.find(name)
        assert node is not None
        found[name] = FileKind(kinds[node])
    assert found == KINDS
    assert set(TITLES) == set(FileKind)


@pytest.mark.parametrize(
    ("text", "instruction"),
    [
        ('/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'),
        ("/bin/sh -c #(nop) ADD file:" + "ab" * 32 + " in / ", "ADD abababababab /"),
        (
            "/bin/sh -c #(nop) COPY --chown=1:1 dir:" + "cd" * 32 + " in /app",
            "COPY --chown=1:1 cdcdcdcdcdcd /app",
        ),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("|2 A=b C=d e /bin/sh -c make", "RUN make"),
        ("/bin/bash -o pipefail -c make", "RUN make"),
        ("RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"),
        ("RUN |1 A=b /bin/sh -c make # buildkit", "RUN make"),
        ("COPY /a /b # buildkit", "COPY /a /b"),
        ("RUN /bin/sh -c a \\\n\t\tb # buildkit", "RUN a \\ b"),
        ("bazel build //base", "bazel build //base"),
        ("cmd /S /C #(nop) USER app", "USER app"),
        ("powershell -Command Install", "RUN Install"),
        ("RUN \x1b]0;x\x07", "RUN \\x1b]0;x\\x07"),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_instructions_read_like_the_dockerfile(text: str | None, instruction: str | None) -> None:
    assert instruction_of(text) == instruction


def test_history_is_matched_with_the_layers() -> None:
    history = [
        {"created_by": "A"},
        {"created_by": "E", "empty_layer": True},
        {"comment": "imported"},
        {"created_by": ""},
    ]
    assert layer_history(history, 3) == ["A", "imported", None]
    assert layer_history(history, 1) == ["A"]
    assert layer_history(None, 2) == [None, None]
    assert layer_history("text", 1) == [None]


def test_the_longest_base_wins() -> None:
    assert base_layers(["a", "b", "c"], [("a",), ("a", "b"), ("b",), ()]) == 2
    assert base_layers(["a"], [("a", "b")]) is None


@pytest.mark.parametrize(
    ("members", "config", "rules"),
    [
        ([program("app")], {"Entrypoint": ["/app"], "User": "65532:65532"}, []),
        ([program("app")], {"Entrypoint": ["/app"]}, ["root-user"]),
        ([program("app")], {"Entrypoint": ["/app"], "User": "root:root"}, ["root-user"]),
        ([("app", 5)], {}, []),
        ([("app", 5)], {"Cmd": ["/bin/sh", "-c", "app"], "User": "1"}, ["shell-form"]),
    ],
)
def test_findings(members: list, config: dict, rules: list[str], tmp_path: Path) -> None:
    assert [finding.rule for finding in findings(image_of(tmp_path, members, config))] == rules


@pytest.mark.parametrize(
    ("members", "severity"),
    [
        ([("x", 1)], "error"),
        ([program("bin/sh")], "warning"),
        ([("bin", "->usr/bin"), ("usr/bin/sh", "->dash"), program("usr/bin/dash")], "warning"),
        ([("bin/sh", "->/usr/../usr/bin/dash"), program("usr/bin/dash")], "warning"),
        ([("bin/sh", "->sh")], "error"),
        ([("bin/sh", "->/nothing")], "error"),
    ],
)
def test_a_shell_is_looked_for_through_links(members: list, severity: str, tmp_path: Path) -> None:
    config = {"Entrypoint": ["/bin/sh", "-c", "exec app --now"], "User": "1"}
    found = [one for one in findings(image_of(tmp_path, members, config)) if one.rule != "shell"]
    assert [(finding.rule, finding.severity) for finding in found] == [("shell-form", severity)]
    assert found[0].fix == 'ENTRYPOINT ["exec", "app", "--now"]'


def test_debug_variants_are_told_by_label_or_shell(tmp_path: Path) -> None:
    assert not is_debug(image_of(tmp_path, [("bin/sh", 1)]))
    assert is_debug(image_of(tmp_path, [("busybox/sh", 1)]))
    labelled = image_of(tmp_path, [("a", 1)], {"Labels": {"io.slimdesk.debug": "true"}})
    gates = check(labelled, (), Limits(forbid_debug=True))
    assert [(gate.rule, gate.value, gate.passed) for gate in gates] == [("forbid-debug", True, False)]


@pytest.mark.parametrize(
    ("config", "debug"),
    [
        (
            {
                "Labels": {
                    "org.opencontainers.image.base.name": "gcr.io/distroless/static-debian13:debug-nonroot"
                }
            },
            True,
        ),
        (
            {"Labels": {"org.opencontainers.image.base.name": "cgr.dev/chainguard/node:latest-dev@sha256:1"}},
            True,
        ),
        ({"Labels": {"org.opencontainers.image.base.name": "localhost:5000/debug/app:nonroot"}}, False),
        ({"Labels": {"org.opencontainers.image.base.name": "debian-dev"}}, False),
        ({"Env": ["JAVA_TOOL_OPTIONS=-Xmx1g -agentlib:jdwp=transport=dt_socket"]}, True),
        ({"Env": ["NODE_OPTIONS=--inspect=0.0.0.0:9229"]}, True),
        ({"Env": ["NODE_OPTIONS=--inspector-is-no-option", "JAVA_TOOL_OPTIONS=-Xmx1g"]}, False),
    ],
)
def test_debug_variants_are_told_by_their_base_and_their_debugger(
    tmp_path: Path, config: dict, debug: bool
) -> None:
    assert is_debug(image_of(tmp_path, [("a", 1)], config)) is debug


def test_the_sample_is_what_its_script_makes_and_opens_with_no_engine() -> None:
    path = Path(__file__).resolve().parents[2] / "data" / "images" / "make_sample.py"
    spec = importlib.util.spec_from_file_location("make_sample", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_sample"] = module
    spec.loader.exec_module(module)
    sample = resource("sample/reports.tar.zst")
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(sample.read_bytes())) as reader:
        assert reader.read() == module.image()
    assert sample.stat().st_size < 20_000
    image = read_path(sample, Wanted())
    assert image.verified
    assert image.name == "reports:2.4"
    assert image.base_layers == 2
    assert image.shadowed > 20_000_000
    assert image.layers[4].instruction == "RUN pip install -r requirements.txt"


@pytest.mark.parametrize("label", ["0", "9", "x", "-1", "²", "1" * 5000, ""])
def test_a_label_that_counts_wrongly_is_not_believed(label: str, tmp_path: Path) -> None:
    image = image_of(tmp_path, [("a", 1)], {"Labels": {"io.slimdesk.base.layers": label}})
    assert image.base_layers is None
