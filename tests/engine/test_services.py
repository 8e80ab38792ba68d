"""One family of each language, from the project's folder to an image that answers: on every push."""

import asyncio

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.verify.run import LABEL

pytestmark = pytest.mark.builds


@pytest.fixture
def service_of():
    """A service of the tests that can be built here; the test is skipped with the reason otherwise."""

    def give(service, family):
        reason = service.why_not(family)
        if reason:
            pytest.skip(reason)
        return service

    return give


# The smallest real family of one project per profile; the rest are rows of the matrix.
PUSHED = (
    ("go-web", "distroless", "65532:65532"),
    ("node-express", "distroless", "65532:65532"),
    ("node-bun-hono", "distroless", "65532:65532"),
    ("node-deno-hono", "distroless", "65532:65532"),
    ("python-fastapi", "distroless", "65532:65532"),
    ("java-lone", "distroless", "65532:65532"),
    ("rust-tally", "distroless", "65532:65532"),
    ("cpp-hello", "distroless", "65532:65532"),
    ("web-html", "distroless", "65532:65532"),
    ("ruby-sinatra", "slim", "65532:65532"),
    ("php-web", "slim", "33:33"),
)


# What the image's own records must name; of the others the unit tests know more.
RECORDED = {
    "ruby-sinatra": {("gem", "sinatra"), ("gem", "rack")},
    "php-web": {("composer", "example/clock")},
}


@pytest.mark.parametrize(("name", "family", "user"), PUSHED)
async def test_what_was_built_runs_as_another_user_than_root(modern_engine, service_of, name, family, user):
    service = service_of(trial.SERVICES[name], family)
    tag = f"slimdesk-test/{name}:{family}"
    async with trial.engine_at(modern_engine) as engine:
        built = await trial.build(engine, service, family, tag)
        made = trial.containers_made(engine)
        found = await trial.prove(engine, service, tag)
        assert found.verdict == "runs", (found.reason, found.log)
        assert found.http_status == (None if service.http is None else 200)
        assert found.user == user
        assert built.pulled == ()
        assert not set(made) & set(await engine.containers(LABEL))
        if name in RECORDED:
            packages = (await trial.measure(engine, tag)).packages or ()
            assert {(one.type, one.name) for one in packages if one.size} >= RECORDED[name]


async def test_a_go_service_on_distroless_is_its_program_and_3_mb(modern_engine, service_of):
    service = service_of(trial.SERVICES["go-web"], "distroless")
    tag = "slimdesk-test/go-web:distroless"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, service, "distroless", tag)
        image = await trial.measure(engine, tag)
    program = image.layers[-1].sizes.files
    assert program > 1_000_000
    assert image.sizes.live - program <= 3_000_000
    assert image.sizes.files - program <= 3_000_000


async def test_the_oldest_engine_builds_and_runs_it_too(debian_engine, service_of):
    """A mounted cache, a frozen installation and a distroless base: all without a newer front end."""
    service = service_of(trial.SERVICES["node-express"], "distroless")
    tag = "slimdesk-test/node-express:distroless"
    async with trial.engine_at(debian_engine) as engine:
        await trial.build(engine, service, "distroless", tag)
        found = await trial.prove(engine, service, tag)
        image = await trial.measure(engine, tag)
    assert found.verdict == "runs", (found.reason, found.log)
    assert image.sizes.live < 200_000_000


async def test_a_missing_variable_is_named_and_blames_no_family(modern_engine, service_of):
    service = service_of(trial.GO_DATABASE, "distroless")
    tag = "slimdesk-test/go-database:distroless"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, service, "distroless", tag)
        without = await trial.prove(engine, service, tag)
        given = await trial.prove(engine, service, tag, DATABASE_URL="postgres://localhost/orders")
    assert (without.verdict, without.exit_code) == ("not-proven", 1)
    assert "DATABASE_URL is not set" in without.reason
    assert given.verdict == "runs", given.reason


def test_the_debug_images_of_distroless_are_the_same_with_a_shell(modern_engine):
    names = [f"gcr.io/distroless/static-debian13:{variant}" for variant in ("nonroot", "debug-nonroot")]
    plain, debug = standins.ensure(modern_engine, names)
    assert debug.layers[: len(plain.layers)] == plain.layers
    assert debug.config["User"] == plain.config["User"] == "65532"
    assert debug.config["Entrypoint"] == ["/busybox/sh"]


async def test_a_cancelled_verification_leaves_no_container(modern_engine):
    await asyncio.to_thread(standins.ensure, modern_engine, ["busybox:1-musl"])
    from slimdesk.operations.verify import verify_image
    from slimdesk.verify.model import RunProfile

    async with trial.engine_at(modern_engine) as engine:
        made = trial.containers_made(engine)
        profile = RunProfile(port=8080, command=("sleep", "600"))
        task = asyncio.create_task(verify_image(engine, "busybox:1-musl", profile))
        for _ in range(1200):
            if made:
                break
            await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert made
        assert not set(made) & set(await engine.containers(LABEL))
