"""A changed source file fetches and compiles no dependency again: said by the flags of the engine's own cache."""

import shutil
from dataclasses import dataclass, replace

import pytest
from engine.standins import trial

pytestmark = pytest.mark.builds


@dataclass(frozen=True)
class Changed:
    """A project, the source file that changes, and words of the steps that must come from the cache."""

    name: str
    file: str
    kept: tuple[str, ...]
    family: str = "distroless"


# Front ends, Rust and Java also have to compile again; for interpreters copying the file is all.
ALL = (
    Changed("go-web", "main.go", ("go mod download",)),
    Changed("node-express", "src/server.js", ("npm ci",)),
    Changed("node-nest", "src/main.ts", ("npm ci --no-audit", "npm ci --omit=dev")),
    Changed("node-yarn", "src/server.ts", ("yarn install --frozen-lockfile", "yarn install --production")),
    Changed(
        "node-pnpm",
        "apps/api/src/index.ts",
        ("npm install --global", "pnpm install --frozen-lockfile", "pnpm install --prod"),
    ),
    Changed("node-workspaces", "apps/api/src/server.ts", ("npm ci --no-audit", "npm ci --omit=dev")),
    Changed("node-native", "server.js", ("npm ci --omit=dev",)),
    Changed("node-bun-hono", "src/index.ts", ("bun install",)),
    Changed("node-deno-hono", "main.ts", ("deno install --frozen",)),
    Changed("python-fastapi", "app/main.py", ("pip --python /venv install",)),
    Changed("python-uv", "src/tides/app.py", ("pip install uv", "uv sync --locked --no-dev --no-install-project")),
    Changed("python-poetry", "harbour/main.py", ("pip install poetry", "poetry export")),
    Changed("python-django", "berths/views.py", ("pip --python /venv install",)),
    Changed("python-workspace", "api/api/main.py", ("pip install uv", "uv sync --frozen --no-dev --no-install-workspace")),
    Changed("java-spring", "src/main/java/com/example/orders/OrdersApplication.java", ("go-offline",)),
    Changed("java-maven", "src/main/java/com/example/greeting/Server.java", ("go-offline",)),
    Changed("java-modules", "web/src/main/java/com/example/web/Main.java", ("go-offline",)),
    Changed("java-quarkus", "src/main/java/com/example/HealthResource.java", ("go-offline",)),
    Changed(
        "react-spring", "backend/src/main/java/com/example/shop/ShopApplication.java", ("npm ci", "npm run build", "go-offline")
    ),
    Changed("rust-axum", "src/main.rs", ("cargo build --release",)),
    Changed("rust-tally", "crates/tally/src/main.rs", ("cargo build --release",)),
    Changed("cpp-cmake", "src/main.cpp", ("apt-get install",)),
    Changed("web-vite-react", "src/main.tsx", ("npm ci",)),
    Changed("ruby-sinatra", "app.rb", ("bundle install",), "slim"),
    Changed("php-web", "public/index.php", ("composer install", "apt-get install"), "slim"),
)  # fmt: skip
# An interpreter and a compiler on every push, the rest with --matrix.
PUSHED = ("node-express", "go-web")
CASES = [
    pytest.param(one, id=one.name, marks=() if one.name in PUSHED else pytest.mark.matrix) for one in ALL
]
COMMENTS = {".py": "#", ".rb": "#"}


@pytest.mark.parametrize("changed", CASES)
async def test_a_changed_source_file_keeps_the_dependencies(modern_engine, tmp_path, changed):
    service = trial.SERVICES[changed.name]
    reason = service.why_not(changed.family)
    if reason:
        pytest.skip(reason)
    # The same name: a folder's name may be the program's.
    folder = tmp_path / service.folder.name
    shutil.copytree(service.folder, folder)
    copied = replace(service, folder=folder)
    tag = f"slimdesk-test/{changed.name}:rebuilt"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, copied, changed.family, tag)
        source = folder / changed.file
        mark = COMMENTS.get(source.suffix, "//")
        source.write_text(f"{source.read_text()}\n{mark} changed {tmp_path.name}\n")
        again = await trial.build(engine, copied, changed.family, tag)
        found = await trial.prove(engine, copied, tag)
    assert found.verdict == "runs", (found.reason, found.log)
    steps = again.result.steps
    for words in changed.kept:
        # The first of them: Rust's second one compiles the project itself.
        first = next(step for step in steps if words in step.name)
        assert first.cached, first.name
    assert not all(step.cached for step in steps if step.number)


def test_every_service_with_a_dependency_step_is_here():
    without = {"go-work", "go-hello", "java-lone", "cpp-hello", "web-html", "java-gradle", "dotnet-web"}
    assert {one.name for one in ALL} == set(trial.SERVICES) - without
