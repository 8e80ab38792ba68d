"""Whatever a Rust, C or C++ project says of itself, it never becomes an instruction of its own."""

import dockerfile as buildkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slimdesk.basics.escaping import without_controls
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
    "<<EOF\nRUN id\nEOF",
    "--from=evil",
    "# escape=`",
    "é漢🎉",
    "\x00\ud800",
    "' \" ` $ \\ ; & | > < ( ) { } [ ] * ? ~ ! # %",
    '\r\nENTRYPOINT ["/bin/sh"]',
    "",
]
RUST_KEYS = ("package", "binary", "toolchain", "rust_version", "lock_file", "system_library", "build_tool", "vendor_folder",
             "patched", "workspace", "runtime_file", "program", "health_path", "framework", "profile_strip")  # fmt: skip
CPP_KEYS = ("binary", "source", "system_library", "build_tool", "fetches", "cpp_manager", "name_lookup", "runtime_file",
            "program", "health_path", "standard", "build")  # fmt: skip


def rust(text: str, path: str = ".", context: str = ".") -> Component:
    facts = [Fact(key, text, Evidence(text, 1)) for key in RUST_KEYS] + [Fact("features", (text, text))]
    return Component(
        name="api", path=path, profile="rust", context=context, version=text, framework="rocket", entrypoint=(text, text),
        port=8080, facts=tuple(facts),
    )  # fmt: skip


def cpp(text: str, system: str) -> Component:
    facts = [Fact(key, text, Evidence(text, 1)) for key in CPP_KEYS if key != "build" or system == "make"]
    facts += [Fact("build_system", system), Fact("cxx", text > "m"), Fact("user_lookup", True)]
    return Component(
        name="api", path=".", profile="cpp", version=text, entrypoint=(text, text), port=8080, facts=tuple(facts)
    )  # fmt: skip


def check(component: Component, catalog) -> None:
    for family in (*(fit.family for fit in fits(component, catalog) if fit.available), None):
        generated = generate(component, family, catalog, Options(healthcheck=True))
        wanted = [one.keyword for one in generated.dockerfile.instructions()]
        assert [command.cmd.upper() for command in buildkit.parse_string(generated.text)] == wanted
        assert wanted.count("ENTRYPOINT") == 1
        for line in (generated.text + generated.dockerignore).split("\n"):
            assert without_controls(line) == line


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_rust_values(catalog, text):
    check(rust(text), catalog)
    check(rust("api", path=f"crates/{text}"), catalog)
    check(rust("api", path=text or "."), catalog)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("system", ["cmake", "meson", "autotools", "make", "compiler", "other"])
def test_hostile_cpp_values(catalog, text, system):
    check(cpp(text, system), catalog)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60))
def test_any_values(catalog, text):
    check(rust(text, path=text or "."), catalog)
    check(cpp(text, "cmake"), catalog)
