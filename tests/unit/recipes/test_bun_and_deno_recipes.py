"""Programs of Bun and Deno: which families, and stages that fetch once."""

import json
import subprocess
import sys
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.catalog.model import FAMILIES
from slimdesk.project.detect import detect
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

DATA = Path(__file__).parents[2] / "data/services"
HADOLINT = Path(sys.executable).parent / "hadolint"
(BUN,) = detect(DATA / "node-bun-hono").components
(DENO,) = detect(DATA / "node-deno-hono").components


def text_of(component, family, catalog):
    return generate(component, family, catalog, Options()).text


def available(component, catalog):
    return {fit.family for fit in fits(component, catalog) if fit.available}


def test_what_is_read():
    assert (BUN.entrypoint, BUN.port, BUN.package_manager) == (("bun", "src/index.ts"), 4000, "bun")
    assert (DENO.name, DENO.port, DENO.package_manager) == ("main", 8000, "deno")
    assert DENO.value("manifest") == "deno.json"


def test_families(catalog):
    assert available(BUN, catalog) == {"full", "slim", "alpine", "distroless", "chainguard"}
    assert available(DENO, catalog) == {"slim", "alpine", "distroless", "chainguard"}
    for component in (BUN, DENO):
        found = fits(component, catalog)
        assert recommended(found).family == "distroless"
        assert all(fit.reason for fit in found)


@pytest.mark.parametrize("component", [BUN, DENO], ids=["bun", "deno"])
@pytest.mark.parametrize("family", [*FAMILIES, None])
def test_every_file_is_one_that_buildkit_and_hadolint_take(component, family, catalog, tmp_path):
    if family is not None and family not in available(component, catalog):
        pytest.skip(f"{family} cannot serve it")
    made = generate(component, family, catalog, Options())
    commands = buildkit.parse_string(made.text)
    words = [one.cmd.upper() for one in commands]
    assert words.count("ENTRYPOINT") == 1
    assert ("USER" in words) == (family is not None)
    assert all(one.reason for one in made.dockerfile.instructions())
    if HADOLINT.exists():
        path = tmp_path / "Dockerfile"
        path.write_text(made.text)
        done = subprocess.run(
            [HADOLINT, "--format", "json", path], capture_output=True, text=True, check=False
        )
        found = {one["code"] for one in json.loads(done.stdout) if one["level"] in ("warning", "error")}
        assert found == set()


def test_bun_is_copied_into_a_current_distroless(catalog):
    text = text_of(BUN, "distroless", catalog)
    assert "FROM gcr.io/distroless/cc-debian13:nonroot AS final" in text
    assert "COPY --from=runtime /usr/local/bin/bun /usr/local/bin/bun" in text
    assert "bun install --production --frozen-lockfile" in text
    assert text.index("COPY package.json bun.lock ./") < text.index("COPY . /app/")


def test_what_helps_to_develop_stays_out(detect_node, catalog):
    component = detect_node(
        {"scripts": {"start": "bun --hot run.ts"}}, {"run.ts": "Bun.serve({ fetch() {} })"}
    )
    assert component.port == 3000
    assert 'ENTRYPOINT ["/usr/local/bin/bun", "run.ts"]' in text_of(component, "slim", catalog)


def test_deno_fetches_in_the_build_and_never_later(catalog):
    text = text_of(DENO, "distroless", catalog)
    assert (
        text.index("RUN deno install --frozen")
        < text.index("COPY . ./")
        < text.index("deno install --entrypoint main.ts")
    )
    assert "COPY --from=build --chown=65532:65532 /deno-dir /deno-dir" in text
    # As in the publisher's own images.
    assert 'DENO_USE_CGROUPS="1"' in text
    assert 'ENTRYPOINT ["/usr/local/bin/deno", "run", "--allow-net", "--allow-env", "main.ts"]' in text


def test_a_build_task_of_deno(detect_node, catalog):
    tasks = {"build": "deno run -A dev.ts build", "start": "deno serve -A _fresh/server.js"}
    component = detect_node(None, {"deno.json": json.dumps({"tasks": tasks}), "dev.ts": ""})
    text = text_of(component, "slim", catalog)
    assert text.index("RUN deno task build") < text.index("deno install --entrypoint _fresh/server.js")
    assert component.port == 8000


@pytest.fixture
def detect_node(tmp_path):
    """Write a package.json and other files; return the only component."""

    def make(manifest, files):
        if manifest is not None:
            (tmp_path / "package.json").write_text(json.dumps(manifest))
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        (component,) = detect(tmp_path).components
        return component

    return make


def test_scripts_for_a_checkout_do_not_run_without_their_tools(detect_node, catalog):
    manifest = {
        "scripts": {"start": "bun index.ts", "prepare": "husky", "build": "bun build index.ts --outdir dist"},
        "dependencies": {"hono": "4"},
        "devDependencies": {"husky": "9"},
    }  # fmt: skip
    text = text_of(
        detect_node(manifest, {"bun.lock": "{}", "index.ts": "Bun.serve({})"}), "distroless", catalog
    )
    assert text.count("bun pm pkg delete scripts.prepare") == 2
    assert "npm pkg" not in text.replace("bun pm pkg", "")
