"""PHP projects: what serves, what starts, which extensions, and what a hostile composer.json cannot do."""

import json

import pytest

LARAVEL = {
    "composer.json": json.dumps({"name": "laravel/laravel", "type": "project", "require": {"php": "^8.2", "laravel/framework": "^12.0", "ext-gd": "*"}}, indent=1),
    "composer.lock": json.dumps({"packages": [{"name": "laravel/framework", "require": {"ext-intl": "*", "ext-mbstring": "*"}}], "packages-dev": [{"name": "x/y", "require": {"ext-xdebug": "*"}}]}),
    "artisan": "#!/usr/bin/env php\n",
    "public/index.php": "<?php\n",
    "public/.htaccess": "RewriteEngine On\n",
    "bootstrap/app.php": "<?php\nreturn Application::configure()->withRouting(\n    health: '/up',\n);\n",
    ".env.example": "APP_KEY=\nDB_CONNECTION=mysql\nCACHE_STORE=redis\n",
    "package.json": json.dumps({"scripts": {"build": "vite build"}}),
    "package-lock.json": "{}",
    "app/Jobs/A.php": "<?php\n",
    "database/migrations/1.php": "<?php\n",
}  # fmt: skip


def only(project):
    assert [component.profile for component in project.components] == ["php"], project
    return project.components[0]


def values(component, key):
    return [fact.value for fact in component.all(key)]


def test_laravel(detect_files):
    found = only(detect_files(LARAVEL))
    assert (found.framework, found.package_manager, found.version, found.port) == (
        "Laravel",
        "composer",
        "^8.2",
        8080,
    )
    assert str(found.fact("version").evidence) == "composer.json:5"
    assert set(values(found, "extension")) == {"gd", "intl", "mbstring", "pdo_mysql", "redis"}
    assert (
        str(next(fact for fact in found.all("extension") if fact.value == "pdo_mysql").evidence)
        == ".env.example:2"
    )
    assert found.value("web_root") == "public"
    assert values(found, "writes") == ["storage", "bootstrap/cache"]
    assert (found.value("health_path"), str(found.fact("health_path").evidence)) == (
        "/up",
        "bootstrap/app.php:3",
    )
    assert values(found, "env_required") == ["APP_KEY"]
    assert found.value("asset_build") == "build"
    assert values(found, "worker") == ["php artisan queue:work"]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("files", "framework", "root", "entrypoint"),
    [
        ({"composer.json": '{"require": {"symfony/framework-bundle": "7.*"}}', "composer.lock": "{}", "public/index.php": "<?php", "bin/console": "x"}, "Symfony", "public", ("apache2-foreground",)),
        ({"composer.json": '{"require": {"symfony/framework-bundle": "7.*"}}', "composer.lock": "{}", "bin/console": "x"}, "Symfony", None, ("php", "bin/console")),
        ({"composer.json": '{"require": {"slim/slim": "4.*"}}', "composer.lock": "{}", "public/index.php": "<?php"}, "Slim", "public", ("apache2-foreground",)),
        ({"wp-load.php": "<?php", "wp-config-sample.php": "<?php", "index.php": "<?php", "wp-admin/index.php": "<?php"}, "WordPress", ".", ("apache2-foreground",)),
        ({"index.php": "<?php echo 1;", "about.php": "<?php", "css/site.css": ""}, None, ".", ("apache2-foreground",)),
        ({"site/htdocs/index.php": "<?php"}, None, "site/htdocs", ("apache2-foreground",)),
        ({"main.php": "<?php echo 6 * 7;"}, None, None, ("php", "main.php")),
        ({"report.php": "<?php echo $argv[1];", "lib.php": "<?php"}, None, None, ("php", "report.php")),
        ({"composer.json": '{"bin": ["bin/tool"], "require": {"php": ">=8.1"}}', "bin/tool": "#!/usr/bin/env php"}, None, None, ("php", "bin/tool")),
    ],
    ids=["symfony", "symfony-console", "slim", "wordpress", "plain", "htdocs", "script", "argv", "tool"],
)  # fmt: skip
def test_what_serves_or_starts(detect_files, files, framework, root, entrypoint):
    found = only(detect_files(files))
    assert (found.framework, found.value("web_root"), found.entrypoint) == (framework, root, entrypoint)
    assert found.port == (8080 if root else None)


@pytest.mark.parametrize(
    "files",
    [
        {"composer.json": '{"type": "library", "name": "a/b"}', "src/A.php": "<?php"},
        {"composer.json": '{"require-dev": {"squizlabs/php_codesniffer": "*"}}'},
        {"docs/example/index.php": "<?php"},
    ],
    ids=["library", "tools", "docs"],
)
def test_what_is_no_php_program(detect_files, files):
    assert detect_files(files).components == ()


@pytest.mark.parametrize(
    ("code", "extension"),
    [
        ('new PDO("mysql:host=db")', "pdo_mysql"),
        ("new mysqli($h)", "mysqli"),
        ("$r = new \\Redis();", "redis"),
        ("imagecreatetruecolor(1, 1)", "gd"),
        ("new ZipArchive", "zip"),
        ("bcadd('1', '2')", "bcmath"),
        ("pcntl_fork()", "pcntl"),
    ],
)
def test_code_shows_the_extension_that_it_needs(detect_files, code, extension):
    found = only(detect_files({"index.php": f"<?php\n{code};\n"}))
    fact = found.fact("extension")
    assert (fact.value, str(fact.evidence)) == (extension, "index.php:2")


def test_the_configuration_names_the_database_where_the_example_does_not(detect_files):
    files = {
        **LARAVEL,
        ".env.example": "APP_KEY=\n",
        "config/database.php": "<?php\nreturn [\n  'default' => env('DB_CONNECTION', 'pgsql'),\n];\n",
    }
    found = only(detect_files(files))
    fact = next(one for one in found.all("extension") if one.value == "pdo_pgsql")
    assert str(fact.evidence) == "config/database.php:3"


def test_a_missing_lock_and_passwords_are_told(detect_files):
    found = only(
        detect_files(
            {
                "composer.json": '{"require": {"slim/slim": "*"}}',
                "public/index.php": "<?php",
                "auth.json": "{}",
            }
        )
    )
    assert ["composer.lock" in problem.message for problem in found.problems] == [True, False]
    assert "auth.json" in found.problems[1].message


@pytest.mark.parametrize(
    "text",
    ["[]", "{", "null", '{"require": []}', '{"require": {"php": []}, "bin": {}, "config": 3, "repositories": "x"}', '{"require": {"php": "' + "^" * 100_000 + '"}}',
     '{"require": {"ext-\\u001b[2J": "*", "ext-a b;rm": "*"}}', '{"bin": "../../../etc/passwd"}', '{"a":' * 50_000],
    ids=["list", "open", "null", "list-inside", "types", "long", "controls", "outside", "deep"],
)  # fmt: skip
def test_hostile_manifests_raise_nothing(detect_files, text):
    found = only(
        detect_files(
            {"composer.json": text, "composer.lock": text, "package.json": text, "public/index.php": "<?php"}
        )
    )
    assert found.entrypoint == ("apache2-foreground",)
    assert all(str(value).replace("_", "").isalnum() for value in values(found, "extension"))
