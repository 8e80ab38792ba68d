"""What a rewrite keeps, changes and leaves out of an author's Dockerfile, each with a reason and its line."""

import pytest

from slimdesk.basics.errors import DockerfileError, UnavailableFamily
from slimdesk.catalog.catalog import load_catalog
from slimdesk.dockerfile.parse import parse
from slimdesk.operations.rewrite import guessed_component, rewrite_text
from slimdesk.recipes.rewrite import rewrite
from slimdesk.recipes.rewrite_sketch import sketch

GO = """FROM golang:1.27
MAINTAINER Ann <ann@example.com>
ARG VERSION=dev
ARG NPM_TOKEN
ENV PORT=8080 GO111MODULE=on CONFIG=/src/config
ENV API_TOKEN=abc
ENV MODE production
LABEL team="web"
WORKDIR /src
RUN apt-get update && apt-get install -y curl git
COPY . .
RUN go mod download
RUN go build -o server .
RUN ./generate-something
COPY config/app.yaml /etc/app/app.yaml
VOLUME /data
STOPSIGNAL SIGINT
EXPOSE 8080 9090/udp
HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz
USER 1234
CMD ["./server", "--verbose"]
"""


@pytest.fixture
def catalog():
    return load_catalog()


def rewritten(text, catalog, **choices):
    return rewrite(text, guessed_component(parse(text)), catalog, **choices)


def instructions(done, keyword, stage=-1):
    return [
        " ".join(one.arguments)
        for one in done.generated.dockerfile.stages[stage].instructions
        if one.keyword == keyword
    ]


def notes(done, kind):
    return {note.what: note for note in done.notes if note.kind == kind}


def test_what_the_program_needs_is_kept(catalog):
    done = rewritten(GO, catalog)
    assert "PORT=8080" in " ".join(instructions(done, "ENV"))
    assert 'MODE="production"' in instructions(done, "ENV")
    assert instructions(done, "VOLUME") == ["/data"]
    assert "mkdir -p /volumes/data" in instructions(done, "RUN", 0)
    owned = next(
        one
        for one in done.generated.dockerfile.stages[-1].instructions
        if one.arguments == ("/volumes/data", "/data")
    )
    assert owned.flags == ("--from=build", "--chown=1234")
    assert instructions(done, "STOPSIGNAL") == ["SIGINT"]
    assert "9090/udp" in instructions(done, "EXPOSE")
    assert instructions(done, "USER")[-1] == "1234"
    assert 'team="web"' in instructions(done, "LABEL")
    assert "config/app.yaml /etc/app/app.yaml" in instructions(done, "COPY")
    assert instructions(done, "ENTRYPOINT")[-1].endswith("--verbose")
    assert "VERSION=dev" in instructions(done, "ARG", 0)


def test_what_it_does_not_need_is_dropped_with_a_reason(catalog):
    done = rewritten(GO, catalog)
    assert "abc" not in done.text
    assert "NPM_TOKEN" not in done.text
    assert "GO111MODULE" not in done.text
    dropped = notes(done, "dropped")
    assert dropped["ENV API_TOKEN"].line == 6
    assert "package curl" in dropped
    assert dropped["RUN ./generate-something"].line == 14
    changed = notes(done, "changed")
    assert "MAINTAINER" in changed
    assert changed["FROM golang:1.27"].line == 1
    assert all(note.reason for note in done.notes)
    assert done.kept


def test_every_line_of_the_old_file_is_accounted_for(catalog):
    done = rewritten(GO, catalog)
    told = {note.line for note in done.notes}
    building = {12, 13}
    silent = {9}
    assert {one.line for one in parse(GO).instructions()} <= told | building | silent


def test_the_new_one_is_better_and_the_diff_shows_it(catalog):
    done = rewritten(GO, catalog)
    assert len(done.findings_after) < len(done.findings_before)
    assert [one for one in done.findings_after if one.severity == "error"] == []
    assert "-FROM golang:1.27\n" in done.diff
    assert "+FROM gcr.io/distroless/static-debian13:nonroot AS final\n" in done.diff
    assert parse(done.text)


def test_evidence_is_the_authors_line(catalog):
    done = rewritten(GO, catalog, name="old/Dockerfile")
    volume = next(one for one in done.generated.dockerfile.stages[-1].instructions if one.keyword == "VOLUME")
    assert str(volume.evidence) == "old/Dockerfile:16"


def test_a_family_may_be_chosen_and_is_refused_with_a_reason(catalog):
    assert rewritten(GO, catalog, family="scratch").family == "scratch"
    with pytest.raises(UnavailableFamily):
        rewritten(GO, catalog, family="chiselled")


def test_libraries_of_debian_are_kept_and_compilers_are_not(catalog):
    text = (
        "FROM python:3.13\nRUN apt-get update && apt-get install -y gcc libpq-dev libgl1-mesa-glx ffmpeg\nWORKDIR /app\n"
        'COPY . .\nRUN pip install -r requirements.txt\nCMD ["python", "main.py"]\n'
    )
    done = rewritten(text, catalog)
    assert {"package ffmpeg"} <= set(notes(done, "kept"))
    assert {"package libpq-dev", "package libgl1-mesa-glx"} <= set(notes(done, "changed"))
    assert "package gcc" in notes(done, "dropped")
    for name in ("libpq5", "libgl1", "ffmpeg"):
        assert name in done.text


def test_a_front_end_keeps_the_variables_it_is_built_with(catalog):
    text = (
        "FROM node:24 AS build\nWORKDIR /app\nENV VITE_API=https://api.example.com\nCOPY . .\nRUN npm ci && npm run build\n"
        "FROM nginx:1.30\nCOPY --from=build /app/dist /usr/share/nginx/html\nEXPOSE 80\n"
    )
    done = rewritten(text, catalog)
    assert done.generated.component.profile == "web"
    assert "EXPOSE 80" in notes(done, "changed")


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("FROM golang:1.27\nRUN go build -o x ./cmd/x\n", "go"),
        ('FROM debian:13\nRUN cargo build --release\nCMD ["/x"]\n', "rust"),
        ("FROM gradle:9\nRUN gradle build\n", "java"),
        ('FROM ubuntu:24.04\nCMD ["python3", "x.py"]\n', "python"),
        ("FROM gcc:14\nRUN make\n", "cpp"),
        ("FROM node:24\nRUN yarn install\n", "node"),
        ("FROM alpine:3\nRUN echo hello\n", None),
        ("FROM scratch\n", None),
    ],
)
def test_a_dockerfile_alone_says_what_it_builds(text, profile):
    drawn = sketch(parse(text))
    assert (drawn and drawn[0]) == profile


def test_names_that_lead_out_of_the_folder_are_no_project():
    text = 'FROM python:3.13\nRUN pip install -r x\nCMD ["python", "../../../../tmp/evil.py"]\n'
    found = rewrite_text(text)
    assert found.guessed
    assert found.rewrite is None
    assert found.reason


def test_without_a_recipe_it_is_mended_and_says_why():
    found = rewrite_text("FROM alpine\nMAINTAINER me\nRUN echo hello\n")
    assert found.rewrite is None
    assert "LABEL" in found.mended
    assert found.mended_diff
    assert "cannot be told" in found.reason


def test_a_text_that_cannot_be_built_is_refused():
    with pytest.raises(DockerfileError):
        rewrite_text("FRM x\n")


@pytest.mark.parametrize("value", ["'", '"', "a b", "$HOME", "\\\\", "${X:-y}", "\u202e", "x" * 5000])
def test_odd_values_are_carried_or_refused_but_never_break_the_file(catalog, value):
    text = f'FROM golang:1.27\nENV MODE {value}\nLABEL note={value!r}\nRUN go build\nCMD ["./x"]\n'
    try:
        dockerfile = parse(text)
    except DockerfileError:
        return
    done = rewrite(text, guessed_component(dockerfile), catalog)
    assert parse(done.text)
