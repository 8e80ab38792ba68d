"""Whatever a project says of itself, it never becomes an instruction of its own."""

import shlex
from dataclasses import replace
from pathlib import Path

import dockerfile as buildkit
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import without_controls
from slimdesk.catalog.catalog import load_catalog
from slimdesk.catalog.model import FAMILIES
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Options

HOSTILE = [
    "x\nRUN rm -rf /",
    '"; RUN rm -rf / #',
    "'; rm -rf / #",
    "$(touch /pwned)",
    "`touch /pwned`",
    "${PATH}",
    "a\\\nUSER root",
    "\\",
    "\x1b[2J\x1b[31mred\x07",
    "\u202egnp.exe\u2066",
    "<<EOF\nRUN id\nEOF",
    "--from=evil",
    "# escape=`",
    "é漢🎉",
    "\x00\ud800",
    "' \" ` $ \\ ; & | > < ( ) { } [ ] * ? ~ ! # %",
    '\r\nENTRYPOINT ["/bin/sh"]',
    "\u2028RUN id\u0085RUN id",
    "",
    " ",
]
TEXT = st.one_of(st.sampled_from(HOSTILE[:-2]), st.text(max_size=60))
TEXT_KEYS = ("module", "package", "binary", "build_tags", "health_path", "runtime_file", "embed", "import", "program",
             "system_library", "cgo_module", "workspace", "lock_file", "module_file", "toolchain", "framework", "env")  # fmt: skip


def program(
    text: str, *, cgo: bool = False, path: str = ".", context: str = ".", name: str = "api"
) -> Component:
    facts = [Fact(key, text, Evidence(text, 1)) for key in TEXT_KEYS]
    facts += [
        Fact("cgo", cgo),
        Fact("healthcheck", (text, text)),
        Fact("user_lookup", True),
        Fact("requires", 1),
        Fact("time_zones", True),
    ]
    return Component(
        name=name, path=path, profile="go", context=context, version=text, entrypoint=(text, text), port=8080,
        facts=tuple(facts),
    )  # fmt: skip


def shape(text: str) -> list[tuple[str, bool]]:
    """Keywords and forms, as BuildKit's own parser reads them."""
    return [(command.cmd.upper(), command.json) for command in buildkit.parse_string(text)]


def check(component: Component, catalog, **options) -> None:
    families = [fit.family for fit in fits(component, catalog) if fit.available]
    assert set(families) <= set(FAMILIES)
    for family in (*families, None):
        generated = generate(component, family, catalog, Options(healthcheck=True, **options))
        wanted = [one.keyword for one in generated.dockerfile.instructions()]
        assert [keyword for keyword, _ in shape(generated.text)] == wanted
        assert wanted.count("ENTRYPOINT") == 1
        assert ("ENTRYPOINT", True) in shape(generated.text)
        assert [one.arguments[0] for one in generated.dockerfile.instructions() if one.keyword == "USER"] != [
            "root"
        ]
        for line in (generated.text + generated.dockerignore).split("\n"):
            assert without_controls(line) == line


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("cgo", [False, True])
def test_hostile_values(catalog, text, cgo):
    check(program(text, cgo=cgo, name=text), catalog)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_folders(catalog, text):
    check(program("./cmd/api", path=f"services/{text}", context="services"), catalog)
    check(program("./cmd/api", path=text), catalog)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_labels_of_the_person_stay_values(catalog, text):
    check(program("./cmd/api"), catalog, labels={"com.example.note": text})


@settings(max_examples=80, deadline=None)
@given(text=TEXT, name=TEXT, path=TEXT, cgo=st.booleans())
@example(text="-o /etc/passwd", name="-x", path="-C", cgo=False)
def test_any_values(text, name, path, cgo):
    check(program(text, cgo=cgo, name=name, path=path or "."), load_catalog(Path("/no/own/images")))


ENDLESS = "x" * 1_000_000


@pytest.mark.parametrize(
    "component",
    [
        program(ENDLESS),
        program("./cmd/api", name=ENDLESS),
        program("./cmd/api", path=ENDLESS),
        replace(program("./cmd/api"), entrypoint=("/api", ENDLESS)),
    ],
    ids=["facts", "name", "path", "entrypoint"],
)
def test_endless_values_are_refused_in_a_sentence(catalog, component):
    with pytest.raises(BadInput, match="characters, and more than 4096 are not written") as caught:
        generate(component, "distroless", catalog, Options())
    assert len(str(caught.value)) < 400


def test_an_endless_label_is_refused(catalog):
    with pytest.raises(BadInput, match=r"label com\.example"):
        generate(program("."), "distroless", catalog, Options(labels={"com.example": ENDLESS}))


def test_commands_take_hostile_words_literally(catalog):
    text = generate(program("$(touch /pwned)"), "scratch", catalog, Options()).text
    line = next(line for line in text.splitlines() if "go build" in line)
    words = shlex.split(line)
    assert "./$(touch /pwned)" in words
    assert "-tags=$(touch /pwned)" in words
    assert '"$(' not in line


def test_a_dash_does_not_become_a_flag(catalog):
    text = generate(program("-o=/etc/passwd"), "scratch", catalog, Options()).text
    line = next(line for line in text.splitlines() if "go build" in line)
    assert line.endswith(" ./-o=/etc/passwd")
