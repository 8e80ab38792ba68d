"""The C and C++ recipe: static or with its libraries, for each build system; accepted by BuildKit and hadolint."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.catalog.model import FAMILIES
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

GOLDEN = Path(__file__).parent / "cpp_golden"
MAIN = Evidence("hello.c", 3)
HELLO = Component(
    name="hello",
    path=".",
    profile="cpp",
    entrypoint=("/hello",),
    facts=(
        Fact("build_system", "compiler", MAIN),
        Fact("binary", "hello", MAIN),
        Fact("cxx", False, MAIN),
        Fact("source", "hello.c", MAIN),
    ),
)
LISTS = Evidence("CMakeLists.txt", 7)
SERVICE = Component(
    name="shop",
    path=".",
    profile="cpp",
    version="C++20",
    package_manager="cmake",
    entrypoint=("/shop",),
    port=8080,
    facts=(
        Fact("build_system", "cmake", LISTS),
        Fact("binary", "shop", LISTS),
        Fact("cxx", True, Evidence("src/main.cpp")),
        Fact("system_library", "libcurl", LISTS),
        Fact("system_library", "sqlite3", LISTS),
        Fact("port", 8080, Evidence("src/main.cpp", 9)),
    ),
)


def with_facts(component: Component, *facts: Fact, without: tuple[str, ...] = (), **fields) -> Component:
    kept = tuple(fact for fact in component.facts if fact.key not in {*without, *(one.key for one in facts)})
    return replace(component, facts=(*kept, *facts), **fields)


MESON = with_facts(
    SERVICE,
    Fact("build_system", "meson", MAIN),
    Fact("build_tool", "pkg-config", MAIN),
    package_manager="meson",
)
AUTOTOOLS = with_facts(
    HELLO, Fact("build_system", "autotools", MAIN), Fact("configure", False, MAIN), Fact("system_library", "zlib", MAIN),
    without=("source",), package_manager="autotools",
)  # fmt: skip
MAKE = with_facts(HELLO, Fact("build_system", "make", MAIN), without=("source",), package_manager="make")


def generated(component, family, catalog, **options):
    return generate(component, family, catalog, Options(**options))


def text_of(component, family, catalog, **options) -> str:
    return generated(component, family, catalog, **options).text


def fit_of(component, family, catalog):
    return next(fit for fit in fits(component, catalog) if fit.family == family)


def test_a_plain_program_is_static_where_the_base_has_no_c_library(catalog):
    bases = {fit.family: fit.base.reference for fit in fits(HELLO, catalog) if fit.available}
    assert bases["scratch"] == "scratch"
    assert bases["distroless"] == "gcr.io/distroless/static-debian13:nonroot"
    assert bases["chainguard"] == "cgr.dev/chainguard/static:latest"
    assert bases["alpine"] == "alpine:3.24"
    assert "chiselled" not in bases
    text = text_of(HELLO, "scratch", catalog)
    assert "gcc -O2 -static -pthread -o /out/hello ./hello.c -lm" in text
    assert "! grep INTERP /tmp/headers" in text
    assert "-static" not in text_of(HELLO, "slim", catalog)
    assert recommended(fits(HELLO, catalog)).family in ("distroless", "scratch")


def test_libraries_come_along_or_keep_it_from_scratch(catalog):
    fit = fit_of(SERVICE, "distroless", catalog)
    assert fit.base.reference == "gcr.io/distroless/cc-debian13:nonroot"
    assert "libcurl, sqlite3 (CMakeLists.txt:7)" in fit.reason
    refused = fit_of(SERVICE, "scratch", catalog)
    assert not refused.available
    assert "libcurl (CMakeLists.txt:7)" in refused.reason
    text = text_of(SERVICE, "distroless", catalog)
    assert "ldd /out/shop" in text
    assert "COPY --from=build /out/libraries/ /\n" in text
    assert text.index("libcurl4-openssl-dev") < text.index("COPY . .")
    slim = text_of(SERVICE, "slim", catalog)
    assert "install -y --no-install-recommends libcurl4t64 libsqlite3-0" in slim
    assert "ldd" not in slim
    alpine = text_of(SERVICE, "alpine", catalog)
    assert "apk add --no-cache build-base cmake samurai curl-dev sqlite-dev" in alpine
    assert "apk add --no-cache libstdc++ libcurl sqlite-libs" in alpine


def test_names_that_are_looked_up_keep_it_from_being_static(catalog):
    component = with_facts(HELLO, Fact("name_lookup", "getaddrinfo", Evidence("net.c", 4)))
    refused = fit_of(component, "scratch", catalog)
    assert not refused.available
    assert "getaddrinfo (net.c:4)" in refused.reason
    assert (
        fit_of(component, "distroless", catalog).base.reference == "gcr.io/distroless/base-debian13:nonroot"
    )


def test_what_the_c_image_lacks_is_collected_too(catalog):
    component = with_facts(HELLO, Fact("system_library", "libuv", MAIN))
    text = text_of(component, "distroless", catalog)
    assert "libgomp" not in text
    assert "libgomp" in text_of(SERVICE, "distroless", catalog)


def test_boost_is_copied_because_its_package_has_a_version_in_its_name(catalog):
    component = with_facts(SERVICE, Fact("system_library", "boost-filesystem", LISTS))
    text = text_of(component, "slim", catalog)
    assert "libboost-filesystem-dev" in text
    assert 'LD_LIBRARY_PATH="/usr/local/lib/app"' in text


@pytest.mark.parametrize(
    ("component", "commands"),
    [
        (
            SERVICE,
            (
                "cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release",
                "cmake --build /build",
                "cmake ninja-build",
            ),
        ),
        (MESON, ("meson setup /build --buildtype=release", "meson compile -C /build", "meson ninja-build")),
        (AUTOTOOLS, ("autoreconf --force --install", "sh ./configure --disable-shared", 'make -j"$(nproc)"')),
        (MAKE, ('make -j"$(nproc)" CC="gcc -static" CXX="g++ -static"',)),
    ],
    ids=["cmake", "meson", "autotools", "make"],
)
def test_each_build_system(catalog, component, commands):
    text = text_of(component, "distroless", catalog)
    assert [one for one in commands if one not in text] == []
    name = component.entrypoint[0]
    assert f"COPY --from=build /out{name} {name}" in text


def test_a_prepared_configure_script_is_not_made_anew(catalog):
    component = with_facts(AUTOTOOLS, Fact("configure", True, MAIN))
    assert "autoreconf" not in text_of(component, "scratch", catalog)


def test_downloads_managers_and_unknown_libraries_are_said(catalog):
    component = with_facts(
        SERVICE,
        Fact("fetches", "fmt", LISTS),
        Fact("cpp_manager", "vcpkg", LISTS),
        Fact("system_library", "frobnicate", LISTS),
    )
    found = {finding.rule: finding for finding in generated(component, "distroless", catalog).findings}
    assert set(found) == {"fetched-while-building", "package-manager", "unknown-library"}
    assert "frobnicate" in found["unknown-library"].message


def test_every_final_stage_runs_as_another_user_and_without_a_shell(catalog):
    for component in (HELLO, SERVICE, MESON, AUTOTOOLS, MAKE):
        for fit in fits(component, catalog):
            if fit.available:
                final = text_of(component, fit.family, catalog).split("AS final")[1]
                assert "USER 65532:65532" in final
                assert f'ENTRYPOINT ["{component.entrypoint[0]}"]' in final


def test_hostile_facts_stay_words(catalog):
    component = with_facts(
        HELLO, Fact("binary", "a; reboot"), Fact("source", "x'; reboot #.c"), Fact("build_tool", "reboot"),
        Fact("runtime_file", "../../etc"), entrypoint=("/x\nRUN reboot",),
    )  # fmt: skip
    for family in ("scratch", "slim", None):
        text = text_of(component, family, catalog)
        assert not any(line.strip().startswith("RUN reboot") for line in text.splitlines())
        for command in buildkit.parse_string(text):
            assert "; reboot" not in command.original.replace("'./x'\"'\"'; reboot #.c'", "")


COMPONENTS = {"hello": HELLO, "cmake": SERVICE, "meson": MESON, "autotools": AUTOTOOLS, "make": MAKE}
CASES = [
    *(f"hello-{family}" for family in (*(one for one in FAMILIES if one != "chiselled"), "baseline")),
    *(f"cmake-{family}" for family in ("distroless", "slim", "alpine", "chainguard", "full", "baseline")),
    *(f"{name}-{family}" for name in ("meson", "autotools", "make") for family in ("distroless", "slim")),
]


@pytest.mark.parametrize("case", CASES)
def test_golden(catalog, case):
    name, _, family = case.partition("-")
    text = text_of(COMPONENTS[name], None if family == "baseline" else family, catalog)
    file = GOLDEN / f"{case}.Dockerfile"
    if os.environ.get("SLIMDESK_UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()
    assert buildkit.parse_string(text)[0].cmd.upper() == "FROM"


# What the baselines do as tutorials do it: packages without a version.
EXPLAINED = {"DL3008"}


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.Dockerfile")), ids=lambda file: file.stem)
def test_golden_files_pass_hadolint(file):
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, "-f", "json", "--no-fail", file], capture_output=True, text=True, check=True, timeout=60
    )
    left = [
        (one["code"], one["line"], one["message"])
        for one in json.loads(done.stdout)
        if one["level"] in ("error", "warning")
        and (one["code"] not in EXPLAINED or "baseline" not in file.stem)
    ]
    assert left == []
