"""The Ruby recipe: which families and versions, and Dockerfiles that BuildKit and hadolint accept."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.project.detect import detect
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

GOLDEN = Path(__file__).parent / "ruby_golden"
LOCK = "GEM\n  specs:\n    puma (6.6.0)\n    rails (8.1.0)\n\nPLATFORMS\n  ruby\n"
RAILS = {
    "Gemfile": 'gem "rails"\ngem "puma"\ngem "propshaft"\ngem "bootsnap"\ngem "sqlite3"\n',
    "Gemfile.lock": LOCK,
    ".ruby-version": "3.4.7\n",
    "config.ru": "run A\n",
    "config/puma.rb": "port 3000\n",
    "app/assets/a.css": "",
    "db/schema.rb": "",
}
PROJECTS = {
    "rails": RAILS,
    "rails-node": {**RAILS, "package.json": '{"scripts": {"build": "esbuild"}}', "yarn.lock": "# yarn lockfile v1\n"},
    "sinatra": {"Gemfile": 'gem "sinatra"\ngem "puma"\n', "Gemfile.lock": LOCK, "config.ru": "run A\n"},
    "postgres": {"Gemfile": 'gem "puma"\ngem "pg"\n', "Gemfile.lock": LOCK, "config.ru": "run A\n"},
    "no-lock": {"Gemfile": 'gem "puma"\n', "config.ru": "run A\n"},
    "darwin": {"Gemfile": 'gem "puma"\n', "Gemfile.lock": LOCK.replace("  ruby", "  arm64-darwin-24"), "config.ru": "run A\n"},
    "script": {"main.rb": "puts 1\n"},
    "program": {"t.gemspec": 's.executables = ["t"]\n', "exe/t": "#!/usr/bin/env ruby\n", "Gemfile": "gemspec\n", "Gemfile.lock": LOCK, "lib/t.rb": ""},
    "path": {"Gemfile": 'gem "puma"\ngem "core", path: "core"\n', "Gemfile.lock": LOCK, "config.ru": "run A\n", "core/core.rb": "1"},
}  # fmt: skip


@pytest.fixture
def component(tmp_path):
    def make(files):
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return detect(tmp_path / "shop").components[0]

    return make


def hadolint(text):
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [program, "-f", "json", "-"], input=text, text=True, capture_output=True, check=False
    )
    return {found["code"] for found in json.loads(done.stdout)}


def words_of(text, keyword):
    return [list(command.value) for command in buildkit.parse_string(text) if command.cmd.upper() == keyword]


@pytest.mark.parametrize("name", PROJECTS)
def test_every_project_on_every_family_reads_as_it_was_written(component, catalog, name):
    shop = component(PROJECTS[name])
    families = [fit.family for fit in fits(shop, catalog) if fit.available]
    assert "slim" in families
    for family in [*families, None]:
        for options in (Options(), Options(cache_mounts=False, healthcheck=True)):
            made = generate(shop, family, catalog, options)
            read = [command.cmd.upper() for command in buildkit.parse_string(made.text)]
            assert read == [one.keyword for one in made.dockerfile.instructions()]
            # The baseline is what tutorials write: Debian keeps only the newest release of a package.
            explained = {"DL3008"} if family is None else set()
            assert hadolint(made.text) <= explained, made.text
            if family is not None:
                assert words_of(made.text, "USER")[-1] == ["65532:65532"]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("rails", "slim"),
        ("rails-node", "slim"),
        ("sinatra", "chainguard"),
        ("postgres", "alpine"),
        ("script", "slim"),
    ],
)
def test_golden(component, catalog, name, family):
    text = generate(component(PROJECTS[name]), family, catalog, Options()).text
    path = GOLDEN / f"{name}-{family}.Dockerfile"
    if os.environ.get("SLIMDESK_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_slim_is_recommended_and_distroless_says_what_fits(component, catalog):
    found = {fit.family: fit for fit in fits(component(PROJECTS["sinatra"]), catalog)}
    assert recommended(tuple(found.values())).family == "slim"
    assert "Google publishes no distroless Ruby" in found["distroless"].reason
    assert "hardened" in found["distroless"].reason


def test_a_library_that_cannot_be_installed_is_a_reason(component, catalog):
    found = {fit.family: fit for fit in fits(component(PROJECTS["postgres"]), catalog)}
    assert not found["hardened"].available
    assert "libpq5 (Gemfile:2)" in found["hardened"].reason
    text = generate(component(PROJECTS["postgres"]), "slim", catalog, Options()).text
    assert "apt-get install -y --no-install-recommends libpq5" in text


def test_a_pin_decides_and_an_ended_ruby_is_refused_with_its_place(component, catalog):
    assert (
        "ruby:3.3-slim-trixie"
        in generate(
            component({**PROJECTS["sinatra"], ".ruby-version": "3.3.9"}), "slim", catalog, Options()
        ).text
    )
    found = fits(component({**PROJECTS["sinatra"], ".ruby-version": "3.1.4"}), catalog)
    assert not any(fit.available for fit in found)
    assert "3.1.4 (.ruby-version:1)" in found[1].reason


def test_a_lock_from_another_system_gets_linux_in_the_build(component, catalog):
    text = generate(component(PROJECTS["darwin"]), "slim", catalog, Options()).text
    assert "BUNDLE_DEPLOYMENT=false bundle lock --add-platform x86_64-linux aarch64-linux" in text
    assert "COPY --from=build /app/Gemfile.lock /app/" in text


def test_a_change_of_the_code_does_not_install_again(component, catalog):
    text = generate(component(PROJECTS["rails"]), "slim", catalog, Options()).text
    assert text.index("bundle install") < text.index("COPY . ")
    assert "SECRET_KEY_BASE_DUMMY=1" in text


def test_what_the_application_loads_is_there_when_it_builds_its_assets(component, catalog):
    files = {**RAILS, "Gemfile": RAILS["Gemfile"] + 'gem "image_processing"\n'}
    text = generate(component(files), "slim", catalog, Options()).text
    build, final = text.split("AS final")
    assert "libvips42t64" in build
    assert "libvips42t64" in final


def test_without_a_shell_ruby_loads_the_gems_starter(component, catalog):
    text = generate(component(PROJECTS["sinatra"]), "chainguard", catalog, Options()).text
    assert words_of(text, "ENTRYPOINT")[-1][:3] == [
        "/usr/bin/ruby",
        "-rbundler/setup",
        "/usr/local/bundle/ruby/4.0.0/bin/puma",
    ]


def test_migrations_are_a_step_of_their_own(component, catalog):
    found = generate(component(PROJECTS["rails"]), "slim", catalog, Options()).findings
    assert any(finding.rule == "migrations" and "db:prepare" in finding.message for finding in found)
