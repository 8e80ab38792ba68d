"""Mirrors, digests, labels, debug variants, the syntax line and .dockerignore: the same for every recipe."""

import datetime as dt
from dataclasses import replace

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, entrypoint, run, stage
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.debug import with_shell
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.ignore import dockerignore
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import full_name, images_needed, mirrored, parse_mirror, pinned

DIGEST = "sha256:" + "0123456789abcdef" * 4
OTHER = "sha256:" + "f" * 64
PROGRAM = Component(
    "api", ".", "go", version="1.26", entrypoint=("/api",), port=8080,
    facts=(Fact("module", "example.com/api"), Fact("lock_file", "go.sum"), Fact("package", ".")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "full"),
    [
        ("golang:1.27", "docker.io/library/golang:1.27"),
        ("grafana/loki:3", "docker.io/grafana/loki:3"),
        ("docker.io/library/golang", "docker.io/library/golang"),
        ("index.docker.io/library/golang", "docker.io/library/golang"),
        ("gcr.io/distroless/static-debian13:nonroot", "gcr.io/distroless/static-debian13:nonroot"),
        ("localhost/mine", "localhost/mine"),
        ("host:5000/mine", "host:5000/mine"),
    ],
)
def test_docker_supplies_the_registry(reference, full):
    assert full_name(reference) == full


@pytest.mark.parametrize(
    ("reference", "mirrors", "through"),
    [
        ("golang:1.27", {"docker.io": "mirror.example/hub"}, "mirror.example/hub/library/golang:1.27"),
        (
            "golang:1.27",
            {"docker.io/library": "mirror.example/official"},
            "mirror.example/official/golang:1.27",
        ),
        (
            "golang:1.27",
            {"docker.io": "a.example", "docker.io/library/golang": "b.example/go"},
            "b.example/go:1.27",
        ),
        (
            "gcr.io/distroless/static-debian13:nonroot",
            {"gcr.io": "m:5000"},
            "m:5000/distroless/static-debian13:nonroot",
        ),
        ("golang:1.27", {"gcr.io": "m.example"}, "golang:1.27"),
        # A prefix ends where a name's part ends.
        ("gcr.io/distrolessly/x", {"gcr.io/distroless": "m.example"}, "gcr.io/distrolessly/x"),
        ("scratch", {"docker.io": "m.example"}, "scratch"),
        (
            "cgr.dev/chainguard/node:latest",
            {"cgr.dev/chainguard/node": "m.example/node"},
            "m.example/node:latest",
        ),
    ],
)
def test_mirrors_take_the_longest_prefix(reference, mirrors, through):
    assert mirrored(reference, mirrors) == through


def test_mirror_words():
    assert parse_mirror("mirror.example/hub/") == ("docker.io", "mirror.example/hub")
    assert parse_mirror("gcr.io=mirror.example:5000/gcr") == ("gcr.io", "mirror.example:5000/gcr")
    for wrong in (
        "",
        "=",
        "gcr.io=",
        "a b",
        "https://mirror.example",
        "m.example\nRUN id",
        "m.example/x AS y",
        "x@sha256:1",
    ):
        with pytest.raises(BadInput, match="cannot be used"):
            parse_mirror(wrong)


def test_pins():
    assert pinned("a:1", {"a:1": DIGEST}) == f"a:1@{DIGEST}"
    assert pinned("a:1", {}) == "a:1"
    assert pinned(f"a@{DIGEST}", {f"a@{DIGEST}": OTHER}) == f"a@{DIGEST}"
    for wrong in ("sha256:12", "latest", f"{DIGEST} AS x", f"{DIGEST}\nRUN id"):
        with pytest.raises(BadInput, match="not a sha256 digest"):
            pinned("a:1", {"a:1": wrong})


def test_mirror_and_pin_together(catalog):
    mirrors = {"docker.io": "m.example/hub", "gcr.io": "m.example/gcr"}
    through = "m.example/hub/library/golang:1.26-trixie"
    digests = {through: DIGEST, "gcr.io/distroless/static-debian13:nonroot": OTHER}
    generated = generate(PROGRAM, "distroless", catalog, Options(mirrors=mirrors, digests=digests))
    assert images_needed(generated.dockerfile, generated.target) == (
        f"{through}@{DIGEST}",
        f"m.example/gcr/distroless/static-debian13:nonroot@{OTHER}",
    )
    # Stage names are not images.
    assert "COPY --from=build " in generated.text
    assert f'"org.opencontainers.image.base.digest"="{OTHER}"' in generated.text


def test_images_needed_follows_the_target():
    dockerfile = parse(
        "FROM golang:1.27 AS build\nFROM busybox:1 AS unused\nFROM build AS other\n"
        "FROM scratch AS final\nCOPY --from=other /a /a\nCOPY --from=nginx:1 /b /b\n"
        "FROM final AS debug\nCOPY --from=unused /bin/ /busybox/\nRUN --mount=type=bind,from=alpine:3,target=/x true\n"
        "FROM ubuntu:24.04\n"
    )
    assert set(images_needed(dockerfile, "final")) == {"nginx:1", "golang:1.27"}
    assert set(images_needed(dockerfile, "debug")) == {"busybox:1", "alpine:3", "nginx:1", "golang:1.27"}
    assert images_needed(dockerfile, "build") == ("golang:1.27",)
    assert images_needed(dockerfile, None) == ("ubuntu:24.04",)


def test_images_needed_reads_any_dockerfile():
    dockerfile = parse(
        "ARG BASE=golang:1.27\nARG WHAT\nFROM ${BASE} AS Build\nFROM $WHAT AS unknown\n"
        "FROM scratch\nCOPY --from=0 /a /a\nCOPY --from=unknown /c /c\nCOPY --from=BUILD /b /b\n"
    )
    assert images_needed(dockerfile) == ("golang:1.27",)


def test_an_end_that_is_near_is_told(catalog):
    late = replace(catalog, today=dt.date(2028, 1, 15))
    found = {fit.family: fit for fit in fits(PROGRAM, late)}
    assert "alpine:3.24 gets no updates after 2028-06-01" in found["alpine"].reason
    assert "no updates" not in found["distroless"].reason
    rules = [one.rule for one in generate(PROGRAM, "alpine", late, Options()).findings]
    assert rules == ["ends-soon", "old-catalogue"]
    assert generate(PROGRAM, "alpine", catalog, Options()).findings == ()


def test_labels(catalog):
    generated = generate(
        replace(PROGRAM, port=None),
        "distroless",
        catalog,
        Options(labels={"team": 'web "x" $HOME', "a b": "1"}),
    )
    assert '"io.slimdesk.component"="api"' in generated.text
    assert '"io.slimdesk.family"="distroless"' in generated.text
    assert "io.slimdesk.port" not in generated.text
    assert r'"team"="web \"x\" \$HOME"' in generated.text
    assert generated.text.count("LABEL") == 1
    assert '"io.slimdesk.family"="baseline"' in generate(PROGRAM, None, catalog, Options()).text


@pytest.mark.parametrize("name", ["io.slimdesk.family", "", "a\nb"])
def test_labels_that_cannot_be(catalog, name):
    with pytest.raises(BadInput, match="cannot be set"):
        generate(PROGRAM, "distroless", catalog, Options(labels={name: "x"}))


def test_syntax_line_only_if_asked_and_through_the_mirror(catalog):
    assert not generate(PROGRAM, "slim", catalog, Options()).text.startswith("# syntax")
    text = generate(PROGRAM, "slim", catalog, Options(syntax=True, mirrors={"docker.io": "m.example"})).text
    assert text.startswith("# syntax=m.example/docker/dockerfile:1\n")


def _stage(generated, name):
    return next(one for one in generated.dockerfile.stages if one.name == name)


def test_debug_takes_the_familys_debug_image(catalog):
    generated = generate(PROGRAM, "distroless", catalog, Options(debug=True))
    assert generated.target == "debug"
    debug = _stage(generated, "debug")
    assert debug.base == "gcr.io/distroless/static-debian13:debug-nonroot"
    assert [one.arguments for one in debug.instructions if one.keyword == "ENTRYPOINT"] == [("/api",)]
    assert '"io.slimdesk.debug"="true"' in generated.text
    assert (
        '"org.opencontainers.image.base.name"="gcr.io/distroless/static-debian13:debug-nonroot"'
        in generated.text
    )


@pytest.mark.parametrize("family", ["distroless", "scratch", "alpine", "slim"])
def test_the_production_target_of_a_debug_dockerfile_is_the_production_image(catalog, family):
    plain = generate(PROGRAM, family, catalog, Options())
    debug = generate(PROGRAM, family, catalog, Options(debug=True))
    kept = [one.arguments for one in _stage(plain, "final").instructions]
    assert [one.arguments for one in _stage(debug, "final").instructions] == kept
    assert debug.target == "debug"
    # What `docker build` without --target builds is what was asked for.
    assert debug.dockerfile.stages[-1].name == "debug"


@pytest.mark.parametrize("family", ["scratch", "chainguard"])
def test_debug_adds_a_shell_where_there_is_no_debug_image(catalog, family):
    generated = generate(PROGRAM, family, catalog, Options(debug=True))
    assert generated.target == "debug"
    assert [one.name for one in generated.dockerfile.stages][-3:] == ["final", "shell", "debug"]
    assert "COPY --from=shell /bin/ /busybox/" in generated.text
    assert "busybox:1-musl" in images_needed(generated.dockerfile, "debug")
    assert "busybox:1-musl" not in images_needed(generated.dockerfile, "final")
    assert all(one.reason for one in generated.dockerfile.instructions())


def test_debug_keeps_an_image_that_has_a_shell(catalog):
    generated = generate(PROGRAM, "alpine", catalog, Options(debug=True))
    debug = _stage(generated, "debug")
    assert debug.base == "final"
    assert [one.keyword for one in debug.instructions] == ["FROM", "LABEL"]


def test_debug_tools_come_through_the_mirror(catalog):
    text = generate(PROGRAM, "scratch", catalog, Options(debug=True, mirrors={"docker.io": "m.example"})).text
    assert "FROM m.example/library/busybox:1-musl AS shell" in text


def test_a_recipe_without_an_entry_point_is_refused_a_debug_image(catalog):
    base = catalog.find("distroless", "static")
    with pytest.raises(ValueError, match="no ENTRYPOINT"):
        with_shell((stage("final", base.reference, "x", []),), base)


def test_stage_names_shadow_images():
    stages = (
        stage("golang", "alpine:3.24", "x", [run("x", "true", mounts=["type=bind,from=golang,target=/x"])]),
        stage("final", "golang", "x", [copy("x", "/a", "/a", from_="golang"), entrypoint(("/a",), "x")]),
    )
    assert images_needed(Dockerfile(stages), "final") == ("alpine:3.24",)


def test_dockerignore_keeps_the_projects_own_lines_first():
    text = dockerignore(PROGRAM, ("!certs/ca.pem",), "# ours\n*.log\r\n**/.git\n!keep\n\n")
    lines = text.splitlines()
    assert lines[:4] == ["# ours", "*.log", "**/.git", "!keep"]
    assert lines.count("**/.git") == 1
    assert lines.index("!certs/ca.pem") > lines.index("**/*.pem")
    for pattern in ("**/.env", "**/node_modules", "Dockerfile*", "slimdesk.toml", "**/.venv"):
        assert pattern in lines


@pytest.mark.parametrize(
    ("path", "context", "own"),
    [
        (".", ".", "src"),
        ("api", "api", "src"),
        ("api", ".", "api/src"),
        ("shop/api", "shop", "api/src"),
    ],
)
def test_what_a_language_always_reads_is_let_in_wherever_the_component_lies(path, context, own):
    rust = replace(PROGRAM, profile="rust", path=path, context=context, facts=())
    assert f"!{own}" in dockerignore(rust, own=f"{own}\ndocs\n").splitlines()
    assert "!docs" not in dockerignore(rust, own=f"{own}\ndocs\n").splitlines()


def test_dockerignore_without_one_begins_with_ours():
    assert dockerignore(PROGRAM).startswith("# version control\n")


def test_catalogue_images_are_what_generated_names(catalog):
    generated = generate(PROGRAM, "distroless", catalog, Options())
    assert isinstance(generated.base, BaseImage)
    assert generated.base.reference in generated.text


@pytest.mark.parametrize(
    ("own", "back"),
    [("node_modules\nsrc\ntsconfig.json\n", ["!src", "!tsconfig.json"]), ("*\n!dist\n", ["!*"]), ("node_modules\ntests\n", []), ("src\n!src/a.ts\n", []),
     ("[", []), ("", [])],
)  # fmt: skip
def test_sources_that_the_own_dockerignore_leaves_out_are_let_in(own, back):
    facts = (
        Fact("output", "dist", Evidence("tsconfig.json", 2)),
        Fact("framework", "express", Evidence("src/a.ts", 1)),
        Fact("dockerfile", "Dockerfile", Evidence("Dockerfile")),
        Fact("env", "KEY", Evidence(".env.example", 1)),
    )
    lines = dockerignore(Component("a", ".", "node", facts=facts), own=own).splitlines()
    assert [line for line in lines if line.startswith("!") and line not in own.splitlines()] == back
    if back:
        # Secrets stay out: ours come after what was let in.
        assert lines.index(back[-1]) < lines.index("**/.env")
