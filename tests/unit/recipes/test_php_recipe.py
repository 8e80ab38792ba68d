"""The PHP recipe: an image that answers HTTP by itself, extensions per family, and Dockerfiles that read as written."""

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
from slimdesk.recipes.scripting import accepts

GOLDEN = Path(__file__).parent / "php_golden"


def composer(**require):
    names = {name.replace("__", "/").replace("_", "-"): value for name, value in require.items()}
    return json.dumps({"type": "project", "require": names})


PROJECTS = {
    "laravel": {
        "composer.json": composer(php="^8.2", laravel__framework="*", ext_gd="*"),
        "composer.lock": "{}",
        "artisan": "x",
        "public/index.php": "<?php",
        "package.json": '{"scripts": {"build": "vite build"}}',
        "package-lock.json": "{}",
        "database/migrations/a.php": "<?php",
        ".env.example": "DB_CONNECTION=pgsql\nCACHE=redis\n",
    },
    "symfony": {"composer.json": composer(php=">=8.2", symfony__framework_bundle="*"), "composer.lock": "{}", "public/index.php": "<?php", "bin/console": "x"},
    "plain": {"index.php": "<?php new mysqli();", ".htaccess": "Deny"},
    "wordpress": {"wp-load.php": "<?php", "index.php": "<?php"},
    "script": {"main.php": "<?php echo 1;"},
    "tool": {"composer.json": json.dumps({"bin": "bin/t", "require": {"php": "^8.3", "ext-bcmath": "*"}}), "bin/t": "x"},
    "local": {"composer.json": json.dumps({"require": {"a/b": "*"}, "repositories": [{"type": "path", "url": "packages/*"}]}), "public/index.php": "<?php", "packages/b/composer.json": "{}"},
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
    assert {"full", "slim", "alpine"} <= set(families)
    for family in [*families, None]:
        for options in (Options(), Options(cache_mounts=False, healthcheck=True)):
            made = generate(shop, family, catalog, options)
            read = [command.cmd.upper() for command in buildkit.parse_string(made.text)]
            assert read == [one.keyword for one in made.dockerfile.instructions()]
            # The baseline is what tutorials write: Debian keeps only the newest release of a package.
            explained = {"DL3008"} if family is None else set()
            assert hadolint(made.text) <= explained, made.text
            if family is not None:
                assert words_of(made.text, "USER")[-1] in (["33:33"], ["82:82"], ["65532:65532"])


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("laravel", "slim"),
        ("laravel", "full"),
        ("laravel", "alpine"),
        ("plain", "slim"),
        ("script", "chainguard"),
        ("local", "slim"),
    ],
)
def test_golden(component, catalog, name, family):
    text = generate(component(PROJECTS[name]), family, catalog, Options()).text
    path = GOLDEN / f"{name}-{family}.Dockerfile"
    if os.environ.get("SLIMDESK_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_the_families_say_what_fits(component, catalog):
    web = {fit.family: fit for fit in fits(component(PROJECTS["laravel"]), catalog)}
    assert recommended(tuple(web.values())).family == "slim"
    assert "Google publishes no distroless PHP" in web["distroless"].reason
    assert "FastCGI only" in web["chainguard"].reason


def test_a_script_fits_images_without_a_shell(component, catalog):
    script = {fit.family: fit for fit in fits(component(PROJECTS["script"]), catalog)}
    assert script["chainguard"].available


def test_an_extension_that_cannot_be_installed_is_a_reason(component, catalog):
    found = {fit.family: fit for fit in fits(component(PROJECTS["tool"]), catalog)}
    assert not found["hardened"].available
    assert "bcmath (composer.json:1)" in found["hardened"].reason


def test_debian_has_one_php(component, catalog):
    found = {
        fit.family: fit
        for fit in fits(
            component({"composer.json": composer(php="~8.3.0"), "public/index.php": "<?php"}), catalog
        )
    }
    assert "exactly one version, PHP 8.4" in found["slim"].reason
    assert found["full"].base.reference == "php:8.3-apache-trixie"


def test_an_ended_php_is_refused_with_its_place(component, catalog):
    found = fits(component({"composer.json": composer(php="7.4.*"), "public/index.php": "<?php"}), catalog)
    assert not any(fit.available for fit in found)
    assert "7.4.* (composer.json:1)" in found[0].reason


def test_a_change_of_the_code_does_not_install_again(component, catalog):
    text = generate(component(PROJECTS["laravel"]), "slim", catalog, Options()).text
    assert (
        text.index("COPY composer.json composer.lock ./")
        < text.index("composer install")
        < text.index("COPY . .")
    )
    final = text[text.index("AS final") :]
    assert final.index("apt-get install") < final.index("COPY --from=vendor")


def test_only_what_is_written_to_belongs_to_the_user(component, catalog):
    text = generate(component(PROJECTS["laravel"]), "slim", catalog, Options()).text
    owned = [flags for flags in text.splitlines() if "--chown" in flags]
    assert [line.split()[-1] for line in owned] == ["/var/www/html/storage", "/var/www/html/bootstrap/cache"]


def test_the_site_is_one_port_without_root(component, catalog):
    text = generate(component(PROJECTS["plain"]), "slim", catalog, Options()).text
    assert "Listen 8080" in text
    assert "FallbackResource" not in text
    assert "DocumentRoot /var/www/html'" in text


def test_vendored_packages_go_along_where_there_is_no_composer(component, catalog):
    assert (
        "vendor"
        not in generate(component(PROJECTS["plain"]), "slim", catalog, Options()).dockerignore.splitlines()
    )
    assert (
        "vendor"
        in generate(component(PROJECTS["laravel"]), "slim", catalog, Options()).dockerignore.splitlines()
    )


def test_an_unknown_extension_is_told(component, catalog):
    shop = component({"composer.json": composer(ext_frobnicate="*"), "public/index.php": "<?php"})
    findings = generate(shop, "slim", catalog, Options()).findings
    assert [(finding.rule, finding.line) for finding in findings] == [("extension", 1)]


@pytest.mark.parametrize(
    ("constraint", "series", "wanted"),
    [
        ("^8.2", "8.4", True), ("^8.2", "9.0", False), ("~8.2.0", "8.4", False), ("~8.2", "8.4", True), (">=8.1 <8.4", "8.4", False), ("8.2.*", "8.2", True),
        ("8.2.*", "8.4", False), ("^7.4 || ^8.0", "8.4", True), ("~> 3.3.0", "3.4", False), ("~> 3.3", "3.4", True), ("3.4.7", "3.4", True), (">= 3.2", "4.0", True),
        ("7.4 - 8.3", "8.3", True), ("7.4 - 8.3", "8.4", False), ("!=8.4", "8.4", False), ("*", "8.4", True), ("garbage", "8.4", True), (">=8.4.1", "8.4", True),
    ],
)  # fmt: skip
def test_what_a_constraint_allows(constraint, series, wanted):
    assert accepts(constraint, series) is wanted
