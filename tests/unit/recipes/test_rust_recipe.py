"""The Rust recipe: which families, how dependencies are compiled apart, and Dockerfiles that BuildKit and hadolint accept."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.catalog.model import FAMILIES
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

GOLDEN = Path(__file__).parent / "rust_golden"
MANIFEST = Evidence("Cargo.toml", 2)
SERVICE = Component(
    name="api",
    path=".",
    profile="rust",
    version="1.85",
    package_manager="cargo",
    framework="axum",
    entrypoint=("/api",),
    port=3000,
    facts=(
        Fact("package", "api", MANIFEST),
        Fact("binary", "api", Evidence("src/main.rs")),
        Fact("rust_version", "1.85", Evidence("Cargo.toml", 5)),
        Fact("version", "1.85", Evidence("Cargo.toml", 5)),
        Fact("lock_file", "Cargo.lock", Evidence("Cargo.lock")),
        Fact("port", 3000, Evidence("src/main.rs", 12)),
        Fact("profile_lto", True, Evidence("Cargo.toml", 9)),
        Fact("profile_panic", "abort", Evidence("Cargo.toml", 10)),
    ),
)


def with_facts(component: Component, *facts: Fact, without: tuple[str, ...] = (), **fields) -> Component:
    kept = tuple(fact for fact in component.facts if fact.key not in {*without, *(one.key for one in facts)})
    return replace(component, facts=(*kept, *facts), **fields)


OPENSSL = with_facts(
    SERVICE,
    Fact("system_library", "openssl", Evidence("Cargo.lock", 80)),
    Fact("build_tool", "pkg-config", Evidence("Cargo.lock", 90)),
)
MEMBER = with_facts(
    SERVICE,
    Fact("workspace", ".", Evidence("Cargo.toml", 1)),
    Fact("runtime_file", "templates", MANIFEST),
    path="services/api",
)


def text_of(component, family, catalog, **options) -> str:
    return generate(component, family, catalog, Options(**options)).text


def fit_of(component, family, catalog):
    return next(fit for fit in fits(component, catalog) if fit.family == family)


def test_every_family_but_chiselled_serves_a_plain_program(catalog):
    found = {fit.family: fit for fit in fits(SERVICE, catalog)}
    assert [family for family in FAMILIES if not found[family].available] == ["chiselled"]
    assert recommended(tuple(found.values())).family == "distroless"
    assert all(fit.reason.endswith(".") for fit in found.values())


@pytest.mark.parametrize(
    ("family", "builder", "base"),
    [
        ("distroless", "rust:1.98-slim-trixie", "gcr.io/distroless/cc-debian13:nonroot"),
        ("slim", "rust:1.98-slim-trixie", "debian:trixie-slim"),
        ("chainguard", "rust:1.98-slim-trixie", "cgr.dev/chainguard/glibc-dynamic:latest"),
        ("full", "rust:1.98-trixie", "rust:1.98-trixie"),
        ("scratch", "rust:1.98-alpine3.24", "scratch"),
        ("alpine", "rust:1.98-alpine3.24", "alpine:3.24"),
    ],
)
def test_glibc_runs_on_glibc_and_musl_is_static(catalog, family, builder, base):
    fit = fit_of(SERVICE, family, catalog)
    assert (fit.builder.reference, fit.base.reference) == (builder, base)


def test_dependencies_are_compiled_before_the_sources_come(catalog):
    text = text_of(SERVICE, "distroless", catalog)
    plan, first, sources, second = (
        text.index(part) for part in ("COPY --from=plan /plan/ ./", "cargo build", "AS build\n", "touch '{}'")
    )
    assert sources < plan < first < text.rindex("COPY . .") < second
    assert text.count("cargo build --release --locked --bin api --target-dir /target") == 2
    assert text.count("type=cache,target=/usr/local/cargo/registry") == 2
    assert "type=cache" not in text_of(SERVICE, "distroless", catalog, cache_mounts=False)


def test_without_a_lock_file_nothing_is_locked(catalog):
    assert "--locked" not in text_of(with_facts(SERVICE, without=("lock_file",)), "distroless", catalog)


def test_a_member_is_built_from_its_workspace(catalog):
    text = text_of(MEMBER, "distroless", catalog)
    assert "--manifest-path services/api/Cargo.toml --bin api" in text
    assert "COPY --from=build /src/services/api/templates ./templates" in text
    assert "WORKDIR /app" in text


def test_the_chosen_program_is_built(catalog):
    text = text_of(
        with_facts(
            SERVICE, Fact("binary", "worker", MANIFEST), Fact("features", ("jobs", "queue"), MANIFEST)
        ),
        "scratch",
        catalog,
    )
    assert "--bin worker --features jobs,queue" in text
    assert "COPY --from=build /out/worker /worker" in text
    assert 'ENTRYPOINT ["/worker"]' in text


def test_a_native_library_is_installed_collected_or_linked_in(catalog):
    distroless = text_of(OPENSSL, "distroless", catalog)
    assert "apt-get install -y --no-install-recommends pkg-config libssl-dev" in distroless
    assert "ldd /out/api" in distroless
    assert "COPY --from=build /out/libraries/ /\n" in distroless
    assert "install -y --no-install-recommends libssl3t64" in text_of(OPENSSL, "slim", catalog)
    chainguard = text_of(OPENSSL, "chainguard", catalog)
    assert 'LD_LIBRARY_PATH="/usr/local/lib/app"' in chainguard
    assert "libssl" not in chainguard.split("awk")[1].split("sub(")[0]
    alpine = text_of(OPENSSL, "alpine", catalog)
    assert 'RUSTFLAGS="-C target-feature=-crt-static"' in alpine
    assert "apk add --no-cache libgcc libssl3" in alpine
    scratch = text_of(OPENSSL, "scratch", catalog)
    assert "openssl-libs-static" in scratch
    assert "RUSTFLAGS" not in scratch


def test_a_library_without_an_archive_keeps_it_from_scratch(catalog):
    component = with_facts(SERVICE, Fact("system_library", "libpq", Evidence("Cargo.lock", 7)))
    fit = fit_of(component, "scratch", catalog)
    assert not fit.available
    assert "libpq (Cargo.lock:7)" in fit.reason
    with pytest.raises(UnavailableFamily):
        text_of(component, "scratch", catalog)
    assert fit_of(component, "distroless", catalog).available


@pytest.mark.parametrize(
    ("toolchain", "fetched"),
    [
        ("stable", False),
        ("1.80", False),
        ("1.98.0", False),
        ("1.99", True),
        ("nightly-2026-01-01", True),
        ("beta", True),
    ],
)
def test_another_toolchain_is_fetched_only_where_it_must(catalog, toolchain, fetched):
    component = with_facts(
        SERVICE, Fact("toolchain", toolchain, Evidence("rust-toolchain.toml", 2)), version=toolchain
    )
    generated = generate(component, "distroless", catalog, Options())
    assert (f"rustup toolchain install {toolchain} --profile minimal" in generated.text) == fetched
    assert (f'RUSTUP_TOOLCHAIN="{toolchain}"' in generated.text) == fetched
    # A file that would make rustup fetch an older Rust stays out of the build.
    assert ("**/rust-toolchain.toml" in generated.dockerignore) != fetched


def test_rocket_is_told_to_listen_everywhere(catalog):
    text = text_of(replace(SERVICE, framework="rocket", port=8000), "distroless", catalog)
    assert 'ENV ROCKET_ADDRESS="0.0.0.0" ROCKET_PORT="8000"' in text.replace(" \\\n   ", "")


def test_vendored_crates_keep_their_sources_in_the_plan(catalog):
    component = with_facts(SERVICE, Fact("vendored", True), Fact("vendor_folder", "vendor"))
    text = text_of(component, "distroless", catalog)
    assert "-o -path './vendor/*'" in text
    assert "-not -path '/plan/vendor/*'" in text


def test_what_would_make_it_smaller_is_said(catalog):
    component = with_facts(SERVICE, without=("profile_lto", "profile_panic"))
    (finding,) = generate(component, "distroless", catalog, Options()).findings
    assert finding.rule == "smaller-program"
    assert 'lto = "thin"' in finding.fix
    assert generate(SERVICE, "distroless", catalog, Options()).findings == ()


def test_openssl_and_another_platform_are_told(catalog):
    rules = [
        one.rule for one in generate(OPENSSL, "distroless", catalog, Options(platform="linux/arm64")).findings
    ]
    assert rules == ["links-openssl", "emulated-build"]


def test_the_final_stage_is_not_root_and_needs_no_shell(catalog):
    for family in FAMILIES:
        if not fit_of(SERVICE, family, catalog).available:
            continue
        final = text_of(SERVICE, family, catalog).split("AS final")[1]
        assert "USER 65532:65532" in final
        assert 'ENTRYPOINT ["/api"]' in final


def test_hostile_facts_stay_words(catalog):
    component = with_facts(
        SERVICE, Fact("binary", "a; reboot"), Fact("features", ("x'; reboot #",)), Fact("vendor_folder", "v'; reboot"),
        Fact("runtime_file", "../../etc"), Fact("runtime_file", "a b\nRUN reboot"), Fact("toolchain", "$(reboot)"), path="a b'c",
        entrypoint=("/x\nRUN reboot",),
    )  # fmt: skip
    for family in ("distroless", "scratch", None):
        text = text_of(component, family, catalog)
        commands = buildkit.parse_string(text)
        assert all("reboot" not in one.original.split("'")[0] for one in commands if one.cmd.upper() == "RUN")
        assert not any(line.strip().startswith("RUN reboot") for line in text.splitlines())


CASES = [
    *(f"service-{family}" for family in (*(one for one in FAMILIES if one != "chiselled"), "baseline")),
    *(f"openssl-{family}" for family in ("distroless", "slim", "alpine", "scratch", "chainguard", "full")),
    "member-distroless",
]


@pytest.mark.parametrize("case", CASES)
def test_golden(catalog, case):
    name, _, family = case.partition("-")
    component = {"service": SERVICE, "openssl": OPENSSL, "member": MEMBER}[name]
    text = text_of(component, None if family == "baseline" else family, catalog)
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
