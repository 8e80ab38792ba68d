"""The Go recipe: which families, which Go, and Dockerfiles that BuildKit and hadolint accept."""

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
from slimdesk.project.detect import detect
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

GOLDEN = Path(__file__).parent / "go_golden"

MAIN = Evidence("cmd/api/main.go", 12)
SERVICE = Component(
    name="api",
    path=".",
    profile="go",
    version="1.26",
    entrypoint=("/api",),
    port=8080,
    facts=(
        Fact("module", "example.com/shop", Evidence("go.mod", 1)),
        Fact("version", "1.26", Evidence("go.mod", 3)),
        Fact("package", "./cmd/api", MAIN),
        Fact("binary", "api", MAIN),
        Fact("cgo", False, MAIN),
        Fact("lock_file", "go.sum", Evidence("go.sum")),
        Fact("requires", 2, Evidence("go.mod", 5)),
        Fact("module_file", "go.mod", Evidence("go.mod")),
        Fact("module_file", "go.sum", Evidence("go.sum")),
        Fact("port", 8080, Evidence("cmd/api/main.go", 20)),
        Fact("health_path", "/healthz", Evidence("cmd/api/main.go", 25)),
    ),
)


def with_facts(component: Component, *facts: Fact, without: tuple[str, ...] = (), **fields) -> Component:
    """The component with these facts instead of its own of the same keys."""
    kept = tuple(fact for fact in component.facts if fact.key not in {*without, *(one.key for one in facts)})
    return replace(component, facts=(*kept, *facts), **fields)


CGO = with_facts(
    SERVICE,
    Fact("cgo", True, Evidence("internal/db.go", 7)),
    Fact("cgo_module", "github.com/mattn/go-sqlite3", Evidence("internal/db.go", 7)),
)


def keywords(text: str) -> list[str]:
    return [command.cmd.upper() for command in buildkit.parse_string(text)]


def text_of(component, family, catalog, **options) -> str:
    return generate(component, family, catalog, Options(**options)).text


def test_all_families_in_order_and_one_recommended(catalog):
    found = fits(SERVICE, catalog)
    assert tuple(fit.family for fit in found) == FAMILIES
    assert [fit.family for fit in found if not fit.available] == ["chiselled"]
    assert recommended(found).family == "distroless"
    assert all(fit.reason for fit in found)
    ranks = [fit.rank for fit in found if fit.available]
    assert len(ranks) == len(set(ranks))
    assert {fit.family: fit.needs for fit in found}["hardened"] == ("docker login dhi.io",)


def test_cgo_needs_a_c_library(catalog):
    found = {fit.family: fit for fit in fits(CGO, catalog)}
    assert not found["scratch"].available
    assert "internal/db.go:7" in found["scratch"].reason
    assert found["distroless"].base.reference == "gcr.io/distroless/base-debian13:nonroot"
    assert found["chainguard"].base.reference == "cgr.dev/chainguard/glibc-dynamic:latest"
    assert found["alpine"].builder.reference == "golang:1.26-alpine3.24"
    assert found["distroless"].builder.reference == "golang:1.26-trixie"
    assert recommended(tuple(found.values())).family == "distroless"
    assert "CGO_ENABLED=1" in text_of(CGO, "distroless", catalog)
    assert "apk add --no-cache gcc musl-dev" in text_of(CGO, "alpine", catalog)


def test_cxx_takes_the_image_with_its_library(catalog):
    program = with_facts(CGO, Fact("cgo_cxx", True, MAIN))
    found = {fit.family: fit for fit in fits(program, catalog)}
    assert found["distroless"].base.name == "gcr.io/distroless/cc-debian13"
    assert not found["hardened"].available
    assert "libstdc++" in text_of(program, "alpine", catalog)


def test_a_c_library_that_no_shell_less_image_holds(catalog):
    program = with_facts(CGO, Fact("system_library", "libvips", Evidence("img.go", 3)))
    found = {fit.family: fit for fit in fits(program, catalog)}
    for family in ("chainguard", "hardened"):
        assert not found[family].available
        assert "libvips" in found[family].reason
        assert "img.go:3" in found[family].reason
    copied = generate(program, "distroless", catalog, Options()).dockerfile
    assert "libvips42t64" in copied.stage("packages").instructions[1].arguments[0]
    assert copied.stage("final").instructions[1].evidence == Evidence("img.go", 3)
    text = text_of(program, "slim", catalog)
    build, final = text.split("AS final")
    assert "libvips-dev" in build
    assert "libvips42t64" in final
    assert "-dev" not in final


def test_an_unknown_c_library_is_told(catalog):
    program = with_facts(CGO, Fact("system_library", "frobnicate", Evidence("img.go", 3)))
    found = {fit.family: fit for fit in fits(program, catalog)}
    assert not found["distroless"].available
    assert "frobnicate" in found["distroless"].reason
    assert recommended(tuple(found.values())).family == "slim"
    generated = generate(program, "slim", catalog, Options())
    (finding,) = generated.findings
    assert finding.rule == "unknown-library"
    assert (finding.path, finding.line) == ("img.go", 3)
    assert "frobnicate" in finding.message
    assert "frobnicate" not in generated.text


def test_openssl_is_in_distroless_base(catalog):
    program = with_facts(CGO, Fact("system_library", "ssl", MAIN))
    found = {fit.family: fit for fit in fits(program, catalog)}
    assert found["distroless"].available
    assert not found["chainguard"].available


def test_a_program_that_calls_a_shell_gets_one(catalog):
    program = with_facts(SERVICE, Fact("shell", True, Evidence("run.go", 5)))
    found = fits(program, catalog)
    assert recommended(found).base.shell
    assert "run.go:5" in {fit.family: fit for fit in found}["distroless"].reason


def test_programs_that_an_image_does_not_hold_are_told(catalog):
    calling = with_facts(
        SERVICE,
        Fact("program", "git", Evidence("git.go", 9)),
        Fact("program", "/bin/ls", Evidence("ls.go", 3)),
    )
    told = {
        family: [finding.path for finding in generate(calling, family, catalog, Options()).findings]
        for family in ("distroless", "alpine", "slim", "full")
    }
    assert told == {"distroless": ["git.go", "ls.go"], "alpine": ["git.go"], "slim": ["git.go"], "full": []}
    assert recommended(fits(calling, catalog)).family == "full"
    only_ls = with_facts(SERVICE, Fact("program", "ls", Evidence("ls.go", 3)))
    assert recommended(fits(only_ls, catalog)).family == "alpine"


@pytest.mark.parametrize(
    ("version", "toolchain", "image", "fetches"),
    [
        ("1.26", None, "golang:1.26-trixie", False),
        ("1.26.3", None, "golang:1.26-trixie", False),
        ("1.27rc1", None, "golang:1.27-trixie", False),
        ("1.21", "go1.26.4", "golang:1.26-trixie", False),
        ("1.21", None, "golang:1.27-trixie", False),
        ("1.25", None, "golang:1.27-trixie", False),
        ("1.99", None, "golang:1.27-trixie", True),
        ("2.0", None, "golang:1.27-trixie", True),
        ("1.26", "go1.30.1", "golang:1.27-trixie", True),
        (None, None, "golang:1.27-trixie", False),
        ("not a version", None, "golang:1.27-trixie", False),
    ],
)
def test_the_compiler_is_new_enough(catalog, version, toolchain, image, fetches):
    program = with_facts(SERVICE, Fact("toolchain", toolchain, Evidence("go.mod", 5)), version=version)
    generated = generate(program, "distroless", catalog, Options())
    assert generated.dockerfile.stage("build").base == image
    assert ('GOTOOLCHAIN="auto"' in generated.text) is fetches
    assert generated.dockerfile.stage("build").instructions[0].reason


def test_scratch_gets_what_it_lacks(catalog):
    text = text_of(SERVICE, "scratch", catalog)
    assert "chmod 1777 /rootfs/tmp" in text
    assert "COPY --from=build /etc/ssl/certs/ca-certificates.crt" in text
    assert "passwd" not in text
    assert "zoneinfo" not in text
    assert "USER 65532:65532" in text
    asking = with_facts(
        SERVICE,
        Fact("user_lookup", True, MAIN),
        Fact("time_zones", True, MAIN),
        Fact("writes_tmp", True, MAIN),
    )
    text = text_of(asking, "scratch", catalog)
    assert "/rootfs/etc/passwd" in text
    assert 'ZONEINFO="/usr/share/zoneinfo.zip"' in text


def test_zones_are_copied_only_where_they_are_missing(catalog):
    asking = with_facts(SERVICE, Fact("time_zones", True, MAIN))
    for family, copied in (
        ("alpine", True),
        ("scratch", True),
        ("distroless", False),
        ("slim", False),
        ("full", False),
    ):
        assert ("zoneinfo" in text_of(asking, family, catalog)) is copied, family
    reasons = {fit.family: fit.reason for fit in fits(asking, catalog)}
    assert "cmd/api/main.go:12" in reasons["scratch"]
    assert "time zones that the program asks for" not in reasons["distroless"]
    embedded = with_facts(asking, Fact("time_zones_embedded", True, MAIN))
    assert "zoneinfo" not in text_of(embedded, "scratch", catalog)


def test_slim_takes_certificates_from_the_build_stage(catalog):
    text = text_of(SERVICE, "slim", catalog)
    assert "COPY --from=build /etc/ssl/certs/ca-certificates.crt" in text
    assert "apt-get" not in text


def test_a_program_that_reaches_nobody_brings_no_certificates(catalog):
    alone = with_facts(SERVICE, without=("requires", "port", "health_path"), port=None)
    assert "ca-certificates.crt" not in text_of(alone, "scratch", catalog)
    asking = with_facts(alone, Fact("network", True, MAIN))
    assert "ca-certificates.crt" in text_of(asking, "scratch", catalog)
    told = with_facts(SERVICE, Fact("ca_certificates", False, Evidence("slimdesk.toml", 2)))
    assert "ca-certificates.crt" not in text_of(told, "scratch", catalog)


def test_static_families_share_their_build_stage(catalog):
    stages = {
        family: tuple((one.keyword, one.arguments, one.flags) for one in stage.instructions)
        for family in FAMILIES
        if family != "chiselled"
        for stage in [generate(SERVICE, family, catalog, Options()).dockerfile.stage("build")]
    }
    assert len(set(stages.values())) == 1


def test_every_line_has_a_reason_and_no_shell_less_stage_runs(catalog):
    for program in (SERVICE, CGO):
        for fit in fits(program, catalog):
            if fit.available:
                generated = generate(program, fit.family, catalog, Options(healthcheck=True))
                assert all(one.reason for one in generated.dockerfile.instructions())
                assert all(one.line for one in generated.dockerfile.instructions())
                final = generated.dockerfile.stage("final").instructions
                if not fit.base.shell:
                    assert "RUN" not in [one.keyword for one in final]
                assert [one.form for one in final if one.keyword == "ENTRYPOINT"] == ["exec"]
                user = next(one for one in final if one.keyword == "USER").arguments[0]
                assert user not in ("0:0", "root")
                assert generated.target == "final"


def test_evidence_reaches_the_lines(catalog):
    found = {
        one.keyword: str(one.evidence)
        for one in generate(SERVICE, "distroless", catalog, Options()).dockerfile.instructions()
        if one.evidence
    }
    assert found["FROM"] == "go.mod:3"
    assert found["EXPOSE"] == "cmd/api/main.go:20"


def test_cache_mounts_are_an_option(catalog):
    assert "--mount=type=cache,target=/go/pkg/mod" in text_of(SERVICE, "distroless", catalog)
    assert "--mount" not in text_of(SERVICE, "distroless", catalog, cache_mounts=False)


def test_vendored_modules_are_not_downloaded(catalog):
    text = text_of(with_facts(SERVICE, Fact("vendored", True, MAIN)), "distroless", catalog)
    assert "go mod download" not in text


def test_without_checksums_the_build_may_write_them(catalog):
    open_ended = with_facts(SERVICE, Fact("module_file", "go.mod"), without=("lock_file",))
    text = text_of(open_ended, "distroless", catalog)
    assert "COPY go.mod ./" in text
    assert "-mod=mod" in text
    assert "go.sum" not in text


def test_a_program_of_the_standard_library_alone_downloads_nothing(catalog):
    alone = with_facts(SERVICE, without=("lock_file", "requires"))
    text = text_of(alone, "distroless", catalog)
    assert "go mod download" not in text
    assert "-mod=" not in text


def test_a_member_of_a_workspace_is_built_from_its_root(catalog):
    files = ("go.work", "services/api/go.mod", "services/api/go.sum", "lib/go.mod")
    member = with_facts(
        SERVICE,
        Fact("workspace", ".", Evidence("go.work", 3)),
        *(Fact("module_file", file, Evidence(file)) for file in files),
        path="services/api",
        context=".",
    )
    generated = generate(member, "distroless", catalog, Options())
    assert generated.context == "."
    assert "COPY go.work ./\n" in generated.text
    assert "COPY services/api/go.mod services/api/go.sum ./services/api/\n" in generated.text
    assert "COPY lib/go.mod ./lib/\n" in generated.text
    assert "go mod download -C services/api" in generated.text
    assert "go build -C services/api " in generated.text
    assert "services/api/Dockerfile*" in generated.dockerignore


def test_many_modules_are_downloaded_while_compiling(catalog):
    files = [Fact("module_file", f"m{number}/go.mod") for number in range(13)]
    text = text_of(with_facts(SERVICE, *files), "distroless", catalog)
    assert "go mod download" not in text
    assert text.count("COPY") == 2


def test_a_module_below_its_context(catalog):
    module = with_facts(SERVICE, Fact("module_file", "src/my api/go.mod"), path="src/my api", context="src")
    text = text_of(module, "distroless", catalog)
    assert "go build -C 'my api' " in text
    assert "COPY my" not in text
    plain = with_facts(SERVICE, Fact("module_file", "src/api/go.mod"), path="src/api", context="src")
    text = text_of(plain, "distroless", catalog)
    assert "COPY api/go.mod ./api/" in text
    assert "go mod download -C api" in text


def test_a_workspace_from_its_files(catalog, tmp_path):
    def write(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    write("go.work", "go 1.26\n\nuse (\n\t./api\n\t./lib\n)\n")
    write(
        "api/go.mod",
        "module x.org/api\n\ngo 1.26\n\nrequire x.org/lib v0.0.0\n\nreplace x.org/old => ../old\n",
    )
    write("api/go.sum", "")
    write("api/main.go", "package main\n\nfunc main() {}\n")
    write("lib/go.mod", "module x.org/lib\n\ngo 1.26\n")
    write("lib/lib.go", "package lib\n")
    write("old/go.mod", "module x.org/old\n")
    (component,) = detect(tmp_path).components
    text = text_of(component, "distroless", catalog)
    for line in (
        "COPY api/go.mod api/go.sum ./api/", "COPY lib/go.mod ./lib/", "COPY old/go.mod ./old/", "COPY go.work ./",
    ):  # fmt: skip
        assert line in text.splitlines()
    (tmp_path / "old/go.mod").unlink()
    (component,) = detect(tmp_path).components
    assert "go mod download" not in text_of(component, "distroless", catalog)


def test_a_lone_program_becomes_a_module(catalog):
    lone = with_facts(
        SERVICE, Fact("import", "github.com/google/uuid", MAIN), without=("module", "lock_file", "requires")
    )
    generated = generate(lone, "distroless", catalog, Options())
    assert 'RUN ["go", "mod", "init", "api"]' in generated.text
    assert 'RUN ["go", "mod", "tidy"]' in generated.text
    alone = text_of(with_facts(lone, without=("import",)), "distroless", catalog)
    assert "tidy" not in alone
    assert "-mod=mod" not in alone


def test_cross_building_compiles_on_the_own_platform(catalog):
    text = text_of(SERVICE, "distroless", catalog, platform="linux/arm64")
    assert "FROM --platform=$BUILDPLATFORM golang:1.26-trixie AS build" in text
    assert 'GOOS="$TARGETOS" GOARCH="$TARGETARCH"' in text
    assert "FROM --platform" not in text_of(CGO, "distroless", catalog, platform="linux/arm64")


def test_healthcheck_only_where_something_can_ask(catalog):
    shell_less = generate(SERVICE, "distroless", catalog, Options(healthcheck=True))
    assert "HEALTHCHECK" not in shell_less.text
    assert [finding.rule for finding in shell_less.findings] == ["no-healthcheck"]
    assert 'HEALTHCHECK CMD ["wget", "-q", "--spider", "http://127.0.0.1:8080/healthz"]' in text_of(
        SERVICE, "alpine", catalog, healthcheck=True
    )
    own = with_facts(SERVICE, Fact("healthcheck", ("healthcheck",), MAIN))
    assert 'HEALTHCHECK CMD ["/api", "healthcheck"]' in text_of(own, "scratch", catalog, healthcheck=True)
    assert "HEALTHCHECK" not in text_of(own, "scratch", catalog)


def test_files_that_the_program_reads_come_along(catalog):
    reading = with_facts(
        SERVICE, Fact("runtime_file", "templates", Evidence("web.go", 4)), Fact("embed", "certs/*.pem", MAIN)
    )
    generated = generate(reading, "distroless", catalog, Options())
    assert "WORKDIR /app" in generated.text
    assert "COPY --from=build /src/templates ./templates" in generated.text
    assert "!cmd/api/certs/*.pem" in generated.dockerignore.splitlines()
    strange = with_facts(SERVICE, Fact("runtime_file", "te$mp/a b", Evidence("web.go", 4)))
    generated = generate(strange, "distroless", catalog, Options())
    assert "te$mp" not in generated.text
    assert [finding.rule for finding in generated.findings] == ["runtime-file-left-out"]


def test_arguments_of_a_corrected_entry_point_stay(catalog):
    serving = replace(SERVICE, entrypoint=("./bin/shop", "serve", "--addr=:8080"))
    assert 'ENTRYPOINT ["/shop", "serve", "--addr=:8080"]' in text_of(serving, "scratch", catalog)


def test_who_looks_up_the_user_is_somebody(catalog):
    asking = with_facts(SERVICE, Fact("user_lookup", True, MAIN))
    assert "USER 65534:65534" in text_of(asking, "slim", catalog)
    assert "USER 65532:65532" in text_of(asking, "distroless", catalog)


def test_baseline_is_one_stage_run_as_root(catalog):
    generated = generate(SERVICE, None, catalog, Options())
    assert len(generated.dockerfile.stages) == 1
    assert "USER" not in keywords(generated.text)
    assert generated.family is None
    assert generated.base.reference == "golang:1.26-trixie"


def test_baseline_of_a_module_below_its_context(catalog):
    text = text_of(replace(SERVICE, path="services/api"), None, catalog)
    assert "RUN go build -C services/api -o /usr/local/bin/api ./cmd/api" in text


def test_what_cannot_be_is_refused_with_the_reason(catalog):
    with pytest.raises(UnavailableFamily, match="chiselled cannot serve api: Ubuntu's"):
        generate(SERVICE, "chiselled", catalog, Options())
    with pytest.raises(UnavailableFamily, match="Choose one of full, slim, alpine, distroless"):
        generate(CGO, "scratch", catalog, Options())


def test_a_language_without_a_recipe(catalog):
    other = replace(SERVICE, profile="cobol")
    assert not any(fit.available for fit in fits(other, catalog))
    with pytest.raises(UnavailableFamily):
        recommended(fits(other, catalog))
    with pytest.raises(UnavailableFamily, match="no recipe for cobol"):
        generate(other, "slim", catalog, Options())


VARIANTS = [
    *(
        (family, SERVICE, debug)
        for family in (*FAMILIES, None)
        if family != "chiselled"
        for debug in (False, True)
    ),
    *((family, CGO, False) for family in ("full", "slim", "alpine", "distroless", "chainguard", "hardened")),
]


@pytest.mark.parametrize(
    ("family", "program", "debug"),
    VARIANTS,
    ids=[
        f"{'cgo-' if one is CGO else ''}{family or 'baseline'}{'-debug' if debug else ''}"
        for family, one, debug in VARIANTS
    ],
)
def test_golden(catalog, family, program, debug, request):
    text = text_of(program, family, catalog, debug=debug)
    file = GOLDEN / f"{request.node.callspec.id}.Dockerfile"
    if os.environ.get("SLIMDESK_UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


# What the baseline does as tutorials do it: packages without a version.
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


SHAPES = {
    "lone": with_facts(SERVICE, Fact("import", "x.org/y", MAIN), without=("module", "lock_file", "requires")),
    "unlocked": with_facts(SERVICE, Fact("module_file", "go.mod"), without=("lock_file",)),
    "future": replace(SERVICE, version="1.99"),
    "everything": with_facts(
        SERVICE, Fact("user_lookup", True), Fact("time_zones", True), Fact("runtime_file", "web"),
        Fact("healthcheck", ("-healthcheck",)), Fact("build_tags", "netgo,osusergo"),
    ),
    "below": with_facts(SERVICE, Fact("module_file", "a/go.mod"), path="a"),
    "vips": with_facts(CGO, Fact("system_library", "vips", MAIN), Fact("cgo_cxx", True, MAIN)),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_passes_hadolint(catalog, shape, tmp_path):
    files = []
    for family in (*(fit.family for fit in fits(SHAPES[shape], catalog) if fit.available), None):
        for platform in (None, "linux/arm64"):
            options = Options(healthcheck=True, platform=platform, cache_mounts=platform is None)
            file = tmp_path / f"{family or 'baseline'}-{platform is None}.Dockerfile"
            file.write_text(generate(SHAPES[shape], family, catalog, options).text)
            files.append(file)
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, "-f", "json", "--no-fail", *files], capture_output=True, text=True, check=True, timeout=60
    )
    left = {
        (one["code"], one["message"], Path(one["file"]).stem)
        for one in json.loads(done.stdout)
        if one["level"] in ("error", "warning")
        and (one["code"] not in EXPLAINED or "baseline" not in Path(one["file"]).stem)
    }
    assert left == set()


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.Dockerfile")), ids=lambda file: file.stem)
def test_golden_files_are_read_by_buildkit(file):
    assert keywords(file.read_text())[0] == "FROM"


def test_a_program_that_has_no_port_of_its_own_is_given_one(catalog):
    component = with_facts(SERVICE, Fact("port_env", "PORT", Evidence("main.go", 6)))
    for family in ("scratch", "slim", None):
        text = text_of(component, family, catalog)
        assert f'ENV PORT="{component.port}"' in text
    assert "ENV PORT" not in text_of(SERVICE, "scratch", catalog)
