"""From a project of the tests to a variant that was built on stand-ins, started and measured."""

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from engine.standins import build as standins

from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec
from slimdesk.image.model import Image
from slimdesk.operations.analyze import analyze
from slimdesk.operations.build import Built, build_variant
from slimdesk.operations.connect import connected
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.verify import profile_for, verify_image
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Generated, Options
from slimdesk.recipes.references import images_needed
from slimdesk.verify.model import RunProfile, Verification

DATA = Path(__file__).resolve().parents[2] / "data"
BASELINE = "baseline"


@dataclass(frozen=True)
class Service:
    """One web service that the tests build: its folder, the families it is tried on, and what it must answer.

    `component` is the one of several (`a+b` for a pair). `http` is asked for, and `expect` is part of the answer.
    """

    name: str
    folder: Path
    language: str
    families: tuple[str, ...]
    component: str | None = None
    http: str = "/healthz"
    expect: str = "ok"

    def open(self) -> tuple[Project, Component]:
        project = open_project(self.folder)
        return project, choose_component(project, self.component)

    def generated(self, family: str) -> Generated:
        project, component = self.open()
        return generate_dockerfile(project, component, None if family == BASELINE else family, Options())

    def images(self, family: str) -> tuple[str, ...]:
        """The base images that a variant is built from."""
        generated = self.generated(family)
        return images_needed(generated.dockerfile, generated.target)

    def why_not(self, family: str) -> str | None:
        """Why it cannot be built on stand-ins here, in a sentence; None if it can."""
        return next((reason for name in self.images(family) if (reason := standins.why_not(name))), None)


SERVICES = {
    service.name: service
    for service in (
        Service(
            "go-web",
            DATA / "services" / "go-web",
            "Go",
            (BASELINE, "full", "slim", "alpine", "distroless", "chainguard", "scratch"),
        ),
        Service(
            "node-express",
            DATA / "projects" / "node-express",
            "Node.js (Express)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "python-fastapi",
            DATA / "services" / "python-fastapi",
            "Python (FastAPI)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "java-spring",
            DATA / "services" / "java-spring",
            "Java (Spring Boot)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "java-maven",
            DATA / "services" / "java-maven",
            "Java (Maven)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "java-modules",
            DATA / "services" / "java-modules",
            "Java (Maven, modules)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "java-gradle",
            DATA / "services" / "java-gradle",
            "Java (Gradle)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "java-quarkus",
            DATA / "services" / "java-quarkus",
            "Java (Quarkus)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "java-lone",
            DATA / "services" / "java-lone",
            "Java (javac)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "react-spring",
            DATA / "services" / "react-spring",
            "React + Spring Boot",
            (BASELINE, "full", "slim", "distroless"),
            component="frontend+backend",
            http="/",
            expect="<title>Shop</title>",
        ),
        Service(
            "rust-axum",
            DATA / "services" / "rust-axum",
            "Rust (axum)",
            (BASELINE, "full", "slim", "alpine", "distroless", "scratch"),
        ),
        Service(
            "cpp-cmake",
            DATA / "services" / "cpp-cmake",
            "C++ (CMake)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "ruby-sinatra",
            DATA / "services" / "ruby-sinatra",
            "Ruby (Sinatra)",
            (BASELINE, "full", "slim"),
        ),
        Service(
            "php-web",
            DATA / "services" / "php-web",
            "PHP",
            (BASELINE, "full", "slim"),
        ),
        Service(
            "web-vite-react",
            DATA / "services" / "web-vite-react",
            "Static web (Vite, React)",
            (BASELINE, "full", "slim", "alpine", "distroless", "scratch"),
            # A path that no file has: the page answers.
            http="/ships/7",
            expect='id="root"',
        ),
        Service(
            "web-html",
            DATA / "services" / "web-html",
            "Static web (HTML)",
            (BASELINE, "full", "slim", "alpine", "distroless", "scratch"),
            http="/about/",
            expect="pier",
        ),
        Service(
            "node-bun-hono",
            DATA / "services" / "node-bun-hono",
            "Bun (Hono)",
            (BASELINE, "full", "slim", "distroless"),
        ),
        Service(
            "node-deno-hono",
            DATA / "services" / "node-deno-hono",
            "Deno (Hono)",
            (BASELINE, "slim", "distroless"),
        ),
    )
}
RUST_TALLY = Service("rust-tally", DATA / "services" / "rust-tally", "Rust", ("distroless", "scratch"))
C_HELLO = Service("cpp-hello", DATA / "services" / "cpp-hello", "C", ("scratch", "distroless"))
GO_DATABASE = Service("go-database", DATA / "services" / "go-database", "Go", ("distroless",))


@contextlib.asynccontextmanager
async def engine_at(host: str):
    """The engine of a test, as the program connects to it."""
    before = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = host
    try:
        async with connected() as engine:
            yield engine
    finally:
        if before is None:
            del os.environ["DOCKER_HOST"]
        else:
            os.environ["DOCKER_HOST"] = before


def containers_made(engine: Engine) -> list[str]:
    """The IDs of the containers that are made through `engine` from now on; the list grows."""
    made: list[str] = []
    create = engine.create

    async def remembering(spec: ContainerSpec) -> str:
        made.append(await create(spec))
        return made[-1]

    engine.create = remembering
    return made


async def build(engine: Engine, service: Service, family: str, tag: str) -> Built:
    """Give the engine the stand-ins that the variant needs, and build it."""
    await asyncio.to_thread(standins.ensure, engine.settings.host, service.images(family))
    project, component = service.open()
    wanted = None if family == BASELINE else family
    built = await build_variant(engine, project, component, wanted, Options(), tag=tag)
    if built.result.error is not None:
        error = built.result.error
        raise AssertionError("\n".join([f"{tag}: {error.step}: {error.message}", *error.log]))
    return built


async def prove(
    engine: Engine,
    service: Service,
    tag: str,
    control: str | None = None,
    repeats: int = 1,
    **environment: str,
) -> Verification:
    """Run what was built as its project says."""
    _, component = service.open()
    proposed = profile_for(component)
    profile = RunProfile(
        port=proposed.port,
        http=service.http,
        expect=service.expect,
        environment=environment,
        required=proposed.required,
    )
    return await verify_image(engine, tag, profile, control, repeats=repeats)


async def measure(engine: Engine, tag: str) -> Image:
    """Read what was built."""
    return await analyze(f"docker://{tag}", engine=engine)
