"""From a project to an image: bases fetched first, our labels, and nothing else cleaned up."""

import base64
import json

import pytest
from engine.conftest import BUSYBOX
from engine.registry import PASSWORD, USER, serving

from slimdesk.basics.errors import BadInput, DockerfileError, PullFailed
from slimdesk.basics.job import Job, Silent
from slimdesk.cli import main
from slimdesk.dockerfile.parse import parse
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_MADE, BuildRequest, ContainerSpec
from slimdesk.operations.analyze import analyze
from slimdesk.operations.build import build_source, build_variant, own_source
from slimdesk.operations.clean import clean, held
from slimdesk.operations.detect import open_project
from slimdesk.operations.pull import missing_images, missing_words, with_sizes
from slimdesk.recipes.model import Options


@pytest.fixture
async def engine(each_engine, busybox, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    return await Engine.connect()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "shop front"
    made.mkdir()
    (made / "go.mod").write_text("module example.com/shop\n\ngo 1.24\n")
    (made / "main.go").write_text('package main\n\nfunc main() { println("hi") }\n')
    (made / "Dockerfile").write_text(f"FROM {BUSYBOX}\nCOPY main.go /\nRUN echo mine\n")
    return made


def log_in(tmp_path, reference):
    (tmp_path / "docker").mkdir()
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    host = reference.partition("/")[0]
    (tmp_path / "docker" / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))


@pytest.fixture
async def tidy(engine):
    yield
    await clean(engine, None, Silent())


async def test_the_projects_own_dockerfile_is_built_labelled_and_cleaned(engine, folder, tidy, tmp_path):
    project = open_project(folder)
    (component,) = project.components
    built = await build_source(
        engine, project, component, own_source(project, component, folder / "Dockerfile")
    )
    assert built.result.error is None
    assert built.tag == f"slimdesk/{component.name}:yours"
    image = await analyze(f"docker://{built.tag}", engine=engine, fast=True)
    assert image.base_layers == len(image.layers) - 2, "COPY and RUN are the Dockerfile's own"
    assert built.pulled == ()
    record = await engine.inspect(built.tag)
    assert record.labels[LABEL_MADE] == built.tag
    assert record.labels["io.slimdesk.family"] == "yours"
    assert not any(str(tmp_path) in value for value in record.labels.values())

    # An image that somebody made on top of ours, and one of theirs: neither is ours to remove.
    await engine.build(BuildRequest(folder, f"FROM {built.tag}\nENV A=1\n", "*", "theirs/derived:1"))
    other = tmp_path / "other"
    other.mkdir()
    assert await held(engine, other) == ()
    dry = await clean(engine, folder, Silent(), dry_run=True)
    assert [one.tag for one in dry.removed] == [built.tag]
    assert await engine.has_image(built.tag)
    done = await clean(engine, None, Silent())
    assert built.tag in [one.tag for one in done.removed]
    assert not await engine.has_image(built.tag)
    assert await engine.has_image("theirs/derived:1")
    assert await engine.has_image(BUSYBOX)
    await engine.remove_image("theirs/derived:1")


async def test_what_a_container_uses_stays_with_the_reason(engine, folder, tidy):
    project = open_project(folder)
    (component,) = project.components
    built = await build_source(
        engine,
        project,
        component,
        own_source(project, component, folder / "Dockerfile"),
        tag="slimdesk/used:1",
    )
    container = await engine.create(ContainerSpec(built.tag, command=("true",)))
    try:
        done = await clean(engine, folder, Silent())
        assert done.removed == ()
        assert done.kept[0][0] == built.tag
    finally:
        await engine.remove(container)


async def test_a_private_base_comes_with_the_persons_credentials(engine, folder, busybox_tar, tmp_path, tidy):
    with serving(busybox_tar) as (reference, digest):
        text = f"FROM {reference} AS build\nRUN echo {digest}\nFROM scratch\nCOPY --from=build /bin /bin\n"
        assert await engine.download_size(reference) is None
        with pytest.raises(PullFailed, match=r"docker login 127\.0\.0\.1"):
            await engine.pull(reference)

        log_in(tmp_path, reference)
        missing = await missing_images(engine, parse(text))
        assert [one.reference for one in missing] == [reference]
        (sized,) = await with_sizes(engine, missing)
        assert 500_000 < sized.download < len(busybox_tar)
        assert missing_words((sized,)).startswith("1 base image, ")
        assert await engine.digest(reference) == digest

        project = open_project(folder)
        (component,) = project.components
        (folder / "Dockerfile").write_text(text)
        job = Job("build")
        source = own_source(project, component, folder / "Dockerfile")
        built = await build_source(engine, project, component, source, reporter=job)
        assert built.result.error is None
        assert built.pulled == (reference,)
        assert any("1 base image" in line for line in job.lines)
        assert await missing_images(engine, parse(text)) == ()
        await engine.remove_image(built.tag)
        await engine.remove_image(reference)


async def test_a_session_hands_the_credentials_to_a_build(engine, folder, busybox_tar, tmp_path):
    """What nobody pulled before (a name that only the build knows) is fetched by BuildKit itself, as the person."""
    with serving(busybox_tar, "team/other") as (reference, _):
        text = f"ARG BASE={reference}\nFROM $BASE\nCOPY main.go /\n"
        log_in(tmp_path, reference)
        result = await engine.build(BuildRequest(folder, text, "", "slimdesk/test:private"))
        assert result.error is None
        await engine.remove_image("slimdesk/test:private")


async def test_a_base_that_cannot_be_fetched_fails_the_build_with_a_sentence(engine, folder, tidy):
    project = open_project(folder)
    (component,) = project.components
    (folder / "Dockerfile").write_text("FROM 127.0.0.1:1/no/such:1\n")
    source = own_source(project, component, folder / "Dockerfile")
    built = await build_source(engine, project, component, source)
    assert built.result.image_id is None
    assert "127.0.0.1:1/no/such:1 could not be fetched" in built.result.error.message


async def test_an_edited_text_is_what_is_built(engine, folder, tidy):
    project = open_project(folder)
    (component,) = project.components
    text = f"FROM {BUSYBOX} AS edited\nRUN echo edited\n"
    built = await build_variant(engine, project, component, "scratch", Options(), text=text, dockerignore="*")
    assert built.result.error is None
    assert built.tag.endswith(":scratch")
    assert any("edited" in step.log for step in built.result.steps)


async def test_what_cannot_be_built_is_refused_before_the_engine_is_asked(engine, folder):
    project = open_project(folder)
    (component,) = project.components
    (folder / "Dockerfile").write_text("FROM x\nRUNN y\n")
    with pytest.raises(DockerfileError, match="Dockerfile:2"):
        own_source(project, component, folder / "Dockerfile")
    with pytest.raises(BadInput, match="is not a file"):
        own_source(project, component, folder / "nothere")
    (folder / "Dockerfile").write_text(f"FROM {BUSYBOX}\n")
    with pytest.raises(BadInput, match="not a name for an image"):
        await build_source(
            engine,
            project,
            component,
            own_source(project, component, folder / "Dockerfile"),
            tag="Not A Name",
        )


def test_the_command_line_builds_measures_and_cleans(modern_engine, busybox_tar, folder, monkeypatch, capfd):
    from engine.conftest import import_busybox

    import_busybox(modern_engine, busybox_tar)
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    words = ["build", str(folder), "--dockerfile", str(folder / "Dockerfile"), "--tag", "slimdesk/cli:1"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["schema"] == 1
    assert set(told) == {
        "schema",
        "image_id",
        "tag",
        "context",
        "seconds",
        "steps",
        "sizes",
        "error",
        "budget",
    }
    assert (told["tag"], told["error"], told["context"]) == ("slimdesk/cli:1", None, ".")
    assert set(told["steps"][0]) == {"name", "stage", "seconds", "cached", "error"}
    assert told["sizes"]["files"] > 500_000
    assert told["sizes"]["download_from"] in ("blobs", "compressed")

    (folder / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo oh no; exit 3\n")
    assert main([*words, "--json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert told["image_id"] is None
    assert told["sizes"] is None
    assert told["error"]["log"] == ["oh no"]
    assert told["error"]["step"].startswith("[2/2] RUN")

    assert main(["build", str(folder), "--dockerfile", "nothere", "--json"]) == 2
    assert main(["clean", str(folder), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert [one["tag"] for one in told["removed"]] == ["slimdesk/cli:1"]
    assert told["bytes"] == told["removed"][0]["bytes"] > 0
    assert main(["engine", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["reachable"], told["store"], told["builder"]) == (True, "containerd", "buildkit")


def test_the_command_line_without_an_engine(tmp_path, folder, monkeypatch, capfd):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert main(["engine", "--json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert told["reachable"] is False
    assert "nothing listens" in told["reason"]
    assert told["version"] is None
    assert main(["clean"]) == 2
    assert main(["build", str(folder), "--dockerfile", str(folder / "Dockerfile"), "--json"]) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "nothing listens" in shown.err
