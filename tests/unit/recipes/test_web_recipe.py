"""The recipe of front ends: servers, their settings, and the stages that another image may use.

SLIMDESK_UPDATE_GOLDEN=1 writes the golden files anew.
"""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import FAMILIES
from slimdesk.project.detect import detect
from slimdesk.project.model import Evidence, Fact
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options
from slimdesk.recipes.web_build import build_stages
from slimdesk.recipes.web_server import nginx_conf, server_toml, site_of

GOLDEN = Path(__file__).parent / "web_golden"
DATA = Path(__file__).parents[2] / "data/services"
HADOLINT = Path(sys.executable).parent / "hadolint"
SERVED = tuple(family for family in FAMILIES if family != "chiselled")
(VITE,) = detect(DATA / "web-vite-react").components
(HTML,) = detect(DATA / "web-html").components
VARIANTS = [
    (name, component, family)
    for name, component in (("vite", VITE), ("html", HTML))
    for family in (*SERVED, None)
]


def without_heading(text):
    # The first line and the last tell how the file was made; what they say changes with the rest.
    return text.split("\n\n", 1)[1].rpartition("\n\n")[0] + "\n"


def text_of(component, family, catalog, **options):
    return without_heading(generate(component, family, catalog, Options(**options)).text)


def with_facts(component, *facts, **fields):
    kept = tuple(fact for fact in component.facts if fact.key not in {one.key for one in facts})
    return replace(component, facts=(*kept, *facts), **fields)


@pytest.mark.parametrize(("name", "component", "family"), VARIANTS)
def test_golden(name, component, family, catalog):
    text = text_of(component, family, catalog, healthcheck=True)
    path = GOLDEN / f"{name}-{family or 'baseline'}.Dockerfile"
    if os.environ.get("SLIMDESK_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()
    commands = buildkit.parse_string(text)
    assert [one.cmd.upper() for one in commands].count("ENTRYPOINT") == 1
    users = [one.value[0] for one in commands if one.cmd.upper() == "USER"]
    assert users == (
        []
        if family is None
        else ["101:101" if "nginx" in text and family in ("full", "slim", "alpine") else "65532:65532"]
    )


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not installed")
def test_hadolint_has_nothing_to_say():
    found = []
    for path in sorted(GOLDEN.glob("*.Dockerfile")):
        result = subprocess.run(
            [HADOLINT, "--format", "json", path], capture_output=True, text=True, check=False
        )
        found += [
            (path.name, one["line"], one["code"], one["message"])
            for one in json.loads(result.stdout)
            # The baseline is what tutorials write.
            # The comment that tells it of Chainguard's latest is not in these files.
            if one["code"] != "DL3007" and ("baseline" not in path.name or one["level"] != "info")
        ]
    assert found == []


@pytest.mark.parametrize("family", ["alpine", "scratch"])
def test_the_shell_writes_the_settings_as_they_are(catalog, family):
    (config,) = [
        one for one in generate(VITE, family, catalog, Options()).dockerfile.stages if one.name == "config"
    ]
    (command,) = config.instructions[-1].arguments
    written = subprocess.run(
        ["/bin/sh", "-c", command.rpartition(" > ")[0]], capture_output=True, text=True, check=True
    ).stdout
    lines = nginx_conf(site_of(VITE)) if family == "alpine" else server_toml(site_of(VITE))
    assert written.splitlines() == list(lines)


def test_every_instruction_says_why(catalog):
    for _, component, family in VARIANTS:
        for one in generate(component, family, catalog, Options()).dockerfile.instructions():
            assert one.reason, one


def test_families(catalog):
    found = {fit.family: fit for fit in fits(VITE, catalog)}
    assert {family for family, fit in found.items() if not fit.available} == {"chiselled"}
    assert recommended(tuple(found.values())).family == "distroless"
    assert found["distroless"].extra.name == "joseluisq/static-web-server"
    assert "docker login dhi.io" in found["hardened"].needs


def test_an_own_configuration_is_read_where_there_is_nginx(catalog):
    own = with_facts(
        HTML,
        Fact("nginx_conf", "nginx.conf", Evidence("nginx.conf")),
        Fact("nginx_root", "/srv/site", Evidence("nginx.conf", 3)),
    )
    text = text_of(own, "alpine", catalog)
    assert "COPY nginx.conf /etc/nginx/conf.d/default.conf" in text
    assert "COPY . /srv/site/" in text
    assert "include /etc/nginx/conf.d/*.conf;" in text
    assert recommended(fits(own, catalog)).family == "alpine"
    distroless = next(fit for fit in fits(own, catalog) if fit.family == "distroless")
    assert "nginx.conf is for nginx" in distroless.reason
    rules = [one.rule for one in generate(own, "distroless", catalog, Options()).findings]
    assert "own-configuration" in rules


def test_a_configuration_that_passes_requests_on_needs_nginx(catalog):
    own = with_facts(
        HTML,
        Fact("nginx_conf", "nginx.conf"),
        Fact("nginx_proxy", "http://api:8000", Evidence("nginx.conf", 6)),
    )
    found = {fit.family: fit for fit in fits(own, catalog)}
    assert not found["distroless"].available
    assert "nginx.conf:6" in found["distroless"].reason
    assert found["alpine"].available
    assert "proxied-host" in [one.rule for one in generate(own, "alpine", catalog, Options()).findings]


def test_a_whole_configuration_keeps_its_own_process_id(catalog):
    facts = (Fact("nginx_conf", "nginx.conf"), Fact("nginx_whole", True))
    assert '"-g", "daemon off; pid /tmp/nginx.pid;"' in text_of(with_facts(HTML, *facts), "slim", catalog)
    text = text_of(
        with_facts(HTML, *facts, Fact("nginx_pid", True), Fact("nginx_daemon", True)), "slim", catalog
    )
    assert '"-g"' not in text
    assert "AS config" not in text


def test_settings_below_a_path(catalog):
    site = site_of(with_facts(VITE, Fact("base_path", "/shop/")))
    settings = tomllib.loads("\n".join(server_toml(site)))
    assert settings["advanced"]["rewrites"][-1] == {"source": "/**", "destination": "/shop/index.html"}
    assert settings["advanced"]["redirects"][0]["destination"] == "/shop/"
    assert any(
        "try_files $uri $uri/index.html $uri.html /shop/index.html;" in line for line in nginx_conf(site)
    )
    text = text_of(with_facts(VITE, Fact("base_path", "/shop/")), "distroless", catalog)
    assert "COPY --from=web /app/site/ /public/shop/" in text


def test_the_stages_are_for_other_images_too(catalog):
    stages, name, folder = build_stages(VITE, catalog, Options())
    assert [one.name for one in stages] == ["web-dependencies", "web"]
    assert (name, folder) == ("web", "/app/site")
    moved = replace(VITE, path="frontend", context=".")
    stages, _, folder = build_stages(moved, catalog, Options())
    copied = [one.arguments for stage in stages for one in stage.instructions if one.keyword == "COPY"]
    assert copied == [("frontend/package.json", "frontend/package-lock.json", "./"), ("frontend", "./")]
    assert folder == "/app/site"
    stages, _, folder = build_stages(HTML, catalog, Options())
    assert (stages[0].base, folder) == ("scratch", "/web")


def test_variables_of_the_build_are_arguments(catalog):
    text = text_of(VITE, "alpine", catalog)
    assert text.index("ARG VITE_API_URL") < text.index("RUN npm run build")
    (finding,) = [
        one for one in generate(VITE, "alpine", catalog, Options()).findings if one.rule == "build-variable"
    ]
    assert (finding.path, finding.line) == ("src/main.tsx", 3)


@pytest.mark.parametrize("folder", ["/etc", "../etc", "../../..", "a b", "$(id)", "", "x\ny"])
def test_hostile_folders_are_not_written(catalog, folder):
    text = text_of(with_facts(VITE, Fact("output_folder", folder)), "alpine", catalog)
    assert "COPY --from=web /app/" in text
    assert "$(id)" not in text


def test_what_the_build_reads_stays_in_the_context(catalog):
    own = "*.json\nsrc\n"
    text = generate(VITE, "alpine", catalog, Options(), own_ignore=own).dockerignore
    assert "!*.json" in text.splitlines()
    assert "!src" in text.splitlines()
    assert "site" in text.splitlines()


def test_what_the_servers_image_asks_for_is_told(catalog, monkeypatch):
    find = Catalog.find

    def behind_a_login(self, *words, **more):
        image = find(self, *words, **more)
        wanted = image is not None and image.name == "joseluisq/static-web-server"
        return replace(image, needs=("a login",)) if wanted else image

    monkeypatch.setattr(Catalog, "find", behind_a_login)
    found = {fit.family: fit.needs for fit in fits(VITE, catalog)}
    assert (found["distroless"], found["slim"]) == (("a login",), ())
