"""Debian packages on images that have no package manager: what arrives, what is recorded, what it costs."""

import json

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.basics.errors import BuildFailed
from slimdesk.engine.model import ContainerSpec
from slimdesk.operations.build import build_variant
from slimdesk.operations.packages import measured, package_costs
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import images_needed

pytestmark = pytest.mark.builds

POSTGRES = trial.Service(
    "python-postgres", trial.DATA / "services" / "python-postgres", "Python (psycopg2)", ("distroless",)
)
ASK = """
import ctypes.util, json, os, pathlib, psycopg2.extensions
records = pathlib.Path("/var/lib/dpkg/status.d")
print(json.dumps({
    "libpq": psycopg2.extensions.libpq_version(),
    "found": ctypes.util.find_library("pq"),
    "font": pathlib.Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").is_file(),
    "record": (records / "libpq5").read_text(),
    "sums": (records / "libpq5.md5sums").read_text(),
    "records": sorted(path.name for path in records.iterdir()),
    "programs": [name for name in ("/bin/sh", "/usr/bin/apt-get", "/usr/bin/dpkg") if os.path.exists(name)],
    "links": all(os.path.islink(name) for name in ("/bin", "/lib", "/sbin")),
    "user": os.getuid(),
}))
"""


@pytest.fixture
def stood_in(modern_engine):
    """The base images of a Dockerfile, given to the engine; the test is skipped with the reason where they cannot be."""

    def give(*names):
        for name in names:
            reason = standins.why_not(name)
            if reason:
                pytest.skip(reason)
        standins.ensure(modern_engine, names)
        return modern_engine

    return give


async def output_of(engine, image, *command):
    container = await engine.create(ContainerSpec(image=image, entrypoint=command[:1], command=command[1:]))
    try:
        await engine.start(container)
        code = await engine.wait(container, 60)
        out, err = await engine.output(container)
    finally:
        await engine.remove(container)
    assert code == 0, err.decode()
    return out.decode()


async def test_a_python_service_on_distroless_loads_a_debian_library(stood_in):
    host = stood_in(*POSTGRES.images("distroless"))
    tag = "slimdesk-test/python-postgres:distroless"
    async with trial.engine_at(host) as engine:
        await trial.build(engine, POSTGRES, "distroless", tag)
        found = await trial.prove(engine, POSTGRES, tag)
        assert found.verdict == "runs", (found.reason, found.log)
        assert found.user == "65532:65532"
        told = json.loads(await output_of(engine, tag, "/venv/bin/python", "-c", ASK))
        image = await trial.measure(engine, tag)
        project, component = POSTGRES.open()
        before = await package_costs(engine, project, component, "distroless", options=Options())
        left = [name for record in await engine.images() for name in record.tags if "packages-plan" in name]
    assert told["found"] == "libpq.so.5"
    assert told["libpq"] >= 170000
    assert told["font"]
    assert told["record"].startswith("Package: libpq5\n")
    assert "usr/lib/" in told["sums"]
    assert {"libpq5", "libldap2", "fonts-dejavu-core", "libc6"} <= set(told["records"])
    assert not {"adduser", "debconf", "dpkg"} & set(told["records"])
    assert told["programs"] == []
    assert told["links"]
    assert told["user"] == 65532
    # Nothing that the base has comes again but the linker's cache, which lists the new libraries.
    assert image.shadowed < 100_000
    layer = measured(image)
    assert {one.name for one in before.packages if not one.because} == {"libpq5", "fonts-dejavu-core"}
    assert before.download < before.unpacked
    # Manuals and changelogs were left out, and caches were written.
    assert 0.5 * before.unpacked < layer.sizes.files < 1.1 * before.unpacked
    assert left == []


async def test_a_changed_source_file_keeps_the_packages(stood_in, tmp_path):
    import shutil

    go = trial.SERVICES["go-web"]
    folder = tmp_path / "go-web"
    shutil.copytree(go.folder, folder)
    service = trial.Service("go-web", folder, "Go", ("distroless",))
    options = Options(packages=("fonts-dejavu-core",))
    async with trial.engine_at(stood_in(*go.images("distroless"), "debian:trixie-slim")) as engine:
        tag = "slimdesk-test/go-fonts:distroless"
        project, component = service.open()
        first = await build_variant(engine, project, component, "distroless", options, tag=tag)
        assert first.result.error is None, first.result.error
        with (folder / "main.go").open("a") as file:
            file.write("\n// changed\n")
        again = await build_variant(engine, project, component, "distroless", options, tag=tag)
        image = await trial.measure(engine, tag)
    steps = [step for step in again.result.steps if step.stage == "packages" and "RUN" in step.name]
    assert steps
    assert all(step.cached for step in steps)
    # A font is data: no C library comes with it.
    assert measured(image).sizes.files < 4_000_000


async def test_a_package_that_does_not_exist_is_named(stood_in):
    go = trial.SERVICES["go-web"]
    project, component = go.open()
    options = Options(packages=("libpq55",))
    generated_on = ("gcr.io/distroless/static-debian13:nonroot", "debian:trixie-slim")
    async with trial.engine_at(stood_in(*go.images("distroless"), *generated_on)) as engine:
        built = await build_variant(
            engine, project, component, "distroless", options, tag="slimdesk-test/none:1"
        )
        assert images_needed(built.generated.dockerfile, built.generated.target).count(generated_on[1]) == 1
        with pytest.raises(BuildFailed, match="There is no package libpq55"):
            await package_costs(engine, project, component, "distroless", options=options)
    assert built.result.image_id is None
    assert built.result.error.message.startswith("There is no package libpq55 for this base image.")
