"""From a project of the tests to a variant that was built on stand-ins, started and measured."""

import asyncio
import contextlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.standins import build as standins
from engine.standins import packages

from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec
from slimdesk.image.model import Image
from slimdesk.operations.analyze import analyze
from slimdesk.operations.build import Built, build_variant
from slimdesk.operations.connect import connected
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.verify import profile_for, verify_image
from slimdesk.project.corrections import apply_settings
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Generated, Options
from slimdesk.recipes.references import images_needed
from slimdesk.verify.model import RunProfile, Verification

DATA = Path(__file__).resolve().parents[2] / "data"
BASELINE = "baseline"
# Seconds that a service has to answer: tests share their machine with builds.
PATIENCE = 180.0


@dataclass(frozen=True)
class Service:
    """One project that the tests build: its folder, the families it is tried on, and what it must answer.

    `component` is the one of several (`a+b` for a pair). A web service is asked for `http` and `expect` is part of the
    answer; without `http` it is a command, run with `command`, and `expect` is part of what it prints. `settings` are
    corrections of what was found, `environment` is what it cannot do without; `cannot` says why a family is not tried.
    """

    name: str
    folder: Path
    language: str
    families: tuple[str, ...]
    component: str | None = None
    http: str | None = "/healthz"
    expect: str = "ok"
    command: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    cannot: dict[str, str] = field(default_factory=dict)

    def open(self) -> tuple[Project, Component]:
        project = apply_settings(open_project(self.folder), self.settings)
        return project, choose_component(project, self.component)

    def generated(self, family: str) -> Generated:
        project, component = self.open()
        return generate_dockerfile(project, component, None if family == BASELINE else family, Options())

    def images(self, family: str) -> tuple[str, ...]:
        """The base images that a variant is built from."""
        return _images(self.generated(family))

    def why_not(self, family: str) -> str | None:
        """Why it cannot be built on stand-ins here, in a sentence; None if it can."""
        if family in self.cannot:
            return self.cannot[family]
        generated = self.generated(family)
        reason = next((reason for name in _images(generated) if (reason := standins.why_not(name))), None)
        if reason is None and "apk add" in generated.text:
            return "Alpine's packages come from its own archive alone"
        return reason


def _images(generated: Generated) -> tuple[str, ...]:
    return images_needed(generated.dockerfile, generated.target)


SERVICE_FOLDER, PROJECT_FOLDER = DATA / "services", DATA / "projects"
# The families that have stand-ins, by what a language runs on.
_STATIC = (BASELINE, "full", "slim", "alpine", "distroless", "chainguard", "scratch")
_NATIVE = (BASELINE, "full", "slim", "alpine", "distroless", "scratch")
_NODE = (BASELINE, "full", "slim", "alpine", "distroless")
_GLIBC = (BASELINE, "full", "slim", "distroless")

# Node.js images know what this machine trusts; npm in an image of another language does not.
_NPM_ABROAD = (
    {BASELINE: "npm in Maven's image does not know the authorities that this machine trusts besides"}
    if packages.extra_authorities()
    else {}
)


def _service(name: str, language: str, families: tuple[str, ...], **more: Any) -> Service:
    return Service(name, SERVICE_FOLDER / name, language, families, **more)


SERVICES = {
    service.name: service
    for service in (
        _service("go-web", "Go", _STATIC),
        _service("go-work", "Go (workspace)", _STATIC, component="api"),
        _service("go-hello", "Go, a command", _STATIC, http=None, expect="hello from Go"),
        Service("node-express", PROJECT_FOLDER / "node-express", "Node.js (npm, Express)", _NODE),
        Service(
            "node-nest",
            PROJECT_FOLDER / "node-nest",
            "TypeScript (npm, Nest)",
            _NODE,
            http="/api/health",
            environment={"BILLING_CURRENCY": "EUR"},
        ),
        _service("node-yarn", "TypeScript (yarn, Koa)", _NODE),
        Service(
            "node-pnpm",
            PROJECT_FOLDER / "node-pnpm-workspace",
            "TypeScript (pnpm workspace, Fastify)",
            _NODE,
            component="api",
            http="/health",
        ),
        _service(
            "node-workspaces",
            "TypeScript (npm workspaces, Express)",
            (BASELINE, "distroless"),
            component="api",
        ),
        # bcrypt, sharp, and one that is compiled when it is installed.
        _service(
            "node-native",
            "Node.js (compiled packages)",
            (BASELINE, "distroless"),
            cannot={
                BASELINE: "node-gyp fetches the headers of Node.js from its maker's server, unless it is told where they are"
            },
        ),
        _service("node-bun-hono", "Bun (Hono)", _GLIBC),
        _service("node-deno-hono", "Deno (Hono)", (BASELINE, "slim", "distroless")),
        _service("python-fastapi", "Python (pip, FastAPI)", _GLIBC),
        _service("python-uv", "Python (uv, Flask)", _GLIBC),
        _service(
            "python-poetry",
            "Python (Poetry, Starlette)",
            _GLIBC,
            cannot={BASELINE: "poetry install asks PyPI's own interface, which mirrors of PyPI do not have"},
        ),
        # Fails unless the style sheet was collected in the build.
        _service(
            "python-django",
            "Python (pip, Django)",
            _GLIBC,
            http="/",
            expect="Berths",
            environment={"SECRET_KEY": "only-for-tests"},
        ),
        _service("python-workspace", "Python (uv workspace, Bottle)", _GLIBC, component="api"),
        _service("java-spring", "Java (Spring Boot)", _GLIBC),
        _service("java-maven", "Java (Maven)", _GLIBC),
        _service("java-modules", "Java (Maven, modules)", _GLIBC),
        _service("java-gradle", "Java (Gradle)", _GLIBC),
        _service("java-quarkus", "Java (Quarkus)", _GLIBC),
        _service("java-lone", "Java (javac)", _GLIBC),
        # Both halves in one image of three stages.
        _service(
            "react-spring",
            "React + Spring Boot",
            _GLIBC,
            component="frontend+backend",
            http="/",
            expect="<title>Shop</title>",
            cannot=_NPM_ABROAD,
        ),
        _service("rust-axum", "Rust (axum)", _NATIVE),
        _service(
            "rust-tally",
            "Rust, a command",
            _NATIVE,
            http=None,
            expect="3 words",
            command=("one two", "three"),
        ),
        _service("cpp-cmake", "C++ (CMake)", _GLIBC),
        _service("cpp-hello", "C, a command", _STATIC, http=None, expect="hello from C"),
        _service("dotnet-web", ".NET (ASP.NET)", (BASELINE, "full", "alpine", "chiselled")),
        _service("ruby-sinatra", "Ruby (Sinatra)", (BASELINE, "full", "slim")),
        _service(
            "php-web",
            "PHP",
            (BASELINE, "full", "slim"),
            cannot={
                BASELINE: "Composer in composer:2 is one file that is copied; Debian's, which stands in, is many"
            },
        ),
        # A path that no file has: the page answers.
        _service("web-vite-react", "Static web (Vite, React)", _NATIVE, http="/ships/7", expect='id="root"'),
        _service("web-html", "Static web (HTML)", _NATIVE, http="/about/", expect="pier"),
    )
}
PYTHON_REDIS = _service("python-redis", "Python (pip, FastAPI, Redis)", _GLIBC)
GO_DATABASE = _service("go-database", "Go", ("distroless",))
# Runtimes that a project asks for: of its own modules, and of the newest Java.
JAVA_RUNTIMES = {
    service.name: service
    for service in (
        *(
            _service(name, "Java", ("slim", "distroless"), settings={"runtime": "jlink"})
            for name in ("java-lone", "java-spring", "java-quarkus")
        ),
        replace(_service("java-lone", "Java 25", _GLIBC, settings={"version": "25"}), name="java-25"),
    )
}


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
        port=None if service.http is None else proposed.port,
        http=service.http,
        expect=service.expect,
        command=service.command,
        environment={**service.environment, **environment},
        required=proposed.required,
        timeout=PATIENCE,
    )
    return await verify_image(engine, tag, profile, control, repeats=repeats)


async def measure(engine: Engine, tag: str) -> Image:
    """Read what was built."""
    return await analyze(f"docker://{tag}", engine=engine)
