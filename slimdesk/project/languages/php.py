"""PHP: Laravel, Symfony and other web applications, WordPress and plain pages, command-line programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.project.code_search import Hit, is_inside, search, shallow_first
from slimdesk.project.facts import FactList
from slimdesk.project.languages.php_composer import Composer, read_composer
from slimdesk.project.manifests import key_line, read_env_example, read_json
from slimdesk.project.model import Component, Evidence
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, folder_of, join

PORT = 8080
# What a web server serves, by the habits of the frameworks; the first that holds an index.php counts.
ROOTS = ("public", "web", "webroot", "public_html", "htdocs", "www", "html", "docroot", "pub")
FRAMEWORKS = {
    "laravel/framework": "Laravel", "laravel/lumen-framework": "Lumen", "symfony/framework-bundle": "Symfony", "slim/slim": "Slim",
    "cakephp/cakephp": "CakePHP", "codeigniter4/framework": "CodeIgniter", "yiisoft/yii2": "Yii", "drupal/core": "Drupal",
    "drupal/core-recommended": "Drupal", "laminas/laminas-mvc": "Laminas", "mezzio/mezzio": "Mezzio", "roots/wordpress": "WordPress",
    "johnpbloch/wordpress": "WordPress", "magento/product-community-edition": "Magento", "typo3/cms-core": "TYPO3", "shopware/core": "Shopware",
}  # fmt: skip
WRITES = {
    "Laravel": ("storage", "bootstrap/cache"), "Lumen": ("storage",), "Symfony": ("var",), "CakePHP": ("tmp", "logs"), "CodeIgniter": ("writable",),
    "Yii": ("runtime", "web/assets"), "Drupal": ("web/sites/default/files",), "WordPress": ("wp-content/uploads",), "TYPO3": ("var", "public/fileadmin"),
    "Shopware": ("var", "public/media"),
}  # fmt: skip
WORDPRESS_NEEDS = ("mysqli", "gd", "intl", "zip", "exif", "bcmath")
SIDE_FOLDERS = frozenset({"test", "tests", "docs", "doc", "examples", "example", "fixtures", "vendor", "node_modules", "stubs", "samples", "tools", "bin", "packages", "benchmark", "build", ".github", "resources"})  # fmt: skip
SCRIPTS = ("main.php", "app.php", "cli.php", "run.php", "bot.php", "worker.php", "server.php", "console.php")
# The names in code that show which extension it needs.
TELLING = {
    "pdo_mysql": r"""["']mysql:(?:host|unix_socket|dbname)=""", "pdo_pgsql": r"""["']pgsql:(?:host|dbname)=""", "mysqli": r"\b(?:mysqli_connect|new\s+\\?mysqli)\s*\(",
    "pgsql": r"\bpg_connect\s*\(", "pdo_sqlite": r"""["']sqlite:""", "redis": r"\bnew\s+\\?Redis\s*\(", "gd": r"\bimagecreate(?:truecolor|from\w+)?\s*\(",
    "imagick": r"\bnew\s+\\?Imagick\b", "zip": r"\bnew\s+\\?ZipArchive\b", "intl": r"\bnew\s+\\?(?:NumberFormatter|IntlDateFormatter|Collator)\b",
    "bcmath": r"\bbc(?:add|sub|mul|div|mod|comp)\s*\(", "soap": r"\bnew\s+\\?SoapClient\b", "pcntl": r"\bpcntl_\w+\s*\(", "sockets": r"\bsocket_create\s*\(",
    "apcu": r"\bapcu_\w+\s*\(", "memcached": r"\bnew\s+\\?Memcached\b", "mongodb": r"\bnew\s+\\?MongoDB\\", "ldap": r"\bldap_connect\s*\(", "gmp": r"\bgmp_\w+\s*\(",
}  # fmt: skip
_DEFAULT_DATABASE = bounded(
    r"""["']default["']\s*=>\s*(?:env\(\s*["']DB_CONNECTION["']\s*,\s*)?["'](mysql|mariadb|pgsql|sqlite)["']"""
)
PATTERNS = {
    "env": bounded(r"""\b(?:getenv|env)\s*\(\s*["']([A-Z][A-Z0-9_]+)["']"""),
    "health": bounded(
        r"""\bhealth:\s*["'](/[a-z]+)["']|->get\(\s*["'](/(?:health|healthz|up|ping|status))["']|#\[Route\(\s*["'](/(?:health|healthz|up|ping|status))["']"""
    ),
    "shell": bounded(r"""(?<![\w>:$])(?:exec|shell_exec|passthru|proc_open|popen|system)\s*\(\s*["'$]"""),
    "command": bounded(r"\$argv\b|\bPHP_SAPI\s*[!=]==?\s*[\"']cli[\"']|\bphp_sapi_name\s*\("),
    **{f"ext {name}": bounded(pattern) for name, pattern in TELLING.items()},
}


class Php:
    """The profile php."""

    profile = "php"

    def find(self, tree: Tree) -> Iterator[Component]:
        """Every folder with a composer.json or an index.php that serves or starts something."""
        files = shallow_first(path for path in tree.files if path.endswith(".php"))
        folders = _candidates(tree, files)
        for folder in folders:
            inner = [one for one in folders if one != folder and is_inside(one, folder)]
            own = [
                path
                for path in files
                if is_inside(path, folder) and not any(is_inside(path, one) for one in inner)
            ]
            component = _component(tree, folder, own)
            if component is not None:
                yield component


LANGUAGE = Php()


def _candidates(tree: Tree, files: list[str]) -> list[str]:
    """Folders with a composer.json; without one, the folder of the first index.php, or the root with scripts."""
    folders = {folder_of(path) for path in tree.named("composer.json")}
    plain = {folder for folder in folders if not SIDE_FOLDERS & set(folder.split("/"))}
    found = plain or folders
    for path in files:
        # wp-config-sample.php marks WordPress wherever it lies.
        if path.endswith(("wp-config-sample.php", "wp-load.php")):
            found = {*found, folder_of(path)}
    starts = [
        path
        for path in files
        if path.rsplit("/", 1)[-1] == "index.php"
        and not SIDE_FOLDERS & set(path.split("/")[:-1])
        and not any(is_inside(path, folder) for folder in found)
    ]
    for path in starts[:20]:
        folder = folder_of(path)
        owner = folder_of(folder) if folder.rsplit("/", 1)[-1] in ROOTS else folder
        if not any(is_inside(owner, one) for one in found):
            found = {*found, owner}
    if not found and any("/" not in path for path in files):
        found = {"."}
    return sorted(found, key=lambda folder: (folder != ".", folder.count("/"), folder))[:100]


def _component(tree: Tree, folder: str, own: list[str]) -> Component | None:
    composer = read_composer(tree, folder)
    code = [path for path in own if not {"tests", "test", "vendor", "migrations"} & set(path.split("/")[:-1])]
    hits = search(tree, code, PATTERNS)
    framework = _framework(tree, composer, folder)
    title = framework[0] if framework else None
    root = _web_root(tree, folder, title, hits)
    command = None if root else _command(tree, composer, folder, code, hits, framework=title)
    if root is None and command is None:
        return None
    facts = FactList()
    _composer_facts(tree, facts, composer, folder)
    if framework:
        facts.add("framework", framework[0], framework[1].path, framework[1].line)
        for name in WRITES.get(framework[0], ()):
            facts.add("writes", name, framework[1].path, framework[1].line)
    _extensions(tree, facts, composer, folder, framework=title, hits=hits)
    argv: tuple[str, ...]
    if root is not None:
        place = join(root, "index.php")
        facts.add("web_root", root, place)
        if framework or root != folder:
            facts.add("front_controller", True, place)
        argv = ("apache2-foreground",)
        facts.add("start", argv, place)
        facts.add("port", PORT, place)
        if tree.has(join(root, ".htaccess")):
            facts.add("htaccess", True, join(root, ".htaccess"))
        _assets(tree, facts, folder)
    else:
        argv, evidence = command or ((), Evidence(folder))
        facts.add("start", argv, evidence.path, evidence.line)
    _source_facts(tree, facts, hits, composer, framework=title, folder=folder)
    version = composer.pin or composer.version
    return Component(
        name=_name(tree, folder, composer),
        path=folder,
        profile="php",
        context=folder,
        version=version[0] if version else None,
        package_manager="composer" if composer.path else None,
        framework=framework[0] if framework else None,
        entrypoint=argv,
        port=PORT if root is not None else None,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )


def _framework(tree: Tree, composer: Composer, folder: str) -> tuple[str, Evidence] | None:
    for name, title in FRAMEWORKS.items():
        if (evidence := composer.has(name)) is not None:
            return title, evidence
    for name in ("wp-load.php", "wp-config-sample.php"):
        if tree.has(join(folder, name)):
            return "WordPress", Evidence(join(folder, name))
    return None


def _web_root(tree: Tree, folder: str, framework: str | None, hits: dict[str, list[Hit]]) -> str | None:
    for name in ROOTS:
        if tree.has(join(folder, f"{name}/index.php")):
            return join(folder, name)
    index = join(folder, "index.php")
    if not tree.has(index):
        return None
    # A page never asks for the words of a command line.
    if framework is None and any(hit.path == index for hit in hits["command"]):
        return None
    return folder


def _command(
    tree: Tree,
    composer: Composer,
    folder: str,
    code: list[str],
    hits: dict[str, list[Hit]],
    *,
    framework: str | None,
) -> tuple[tuple[str, ...], Evidence] | None:
    if framework == "Symfony" and tree.has(join(folder, "bin/console")):
        return ("php", "bin/console"), Evidence(join(folder, "bin/console"))
    if framework == "Laravel" and tree.has(join(folder, "artisan")):
        return ("php", "artisan"), Evidence(join(folder, "artisan"))
    for program in composer.programs:
        path = join(folder, program.removeprefix("./"))
        if tree.has(path):
            line = key_line(tree.text(composer.path or "") or "", "bin")
            return ("php", program.removeprefix("./")), Evidence(composer.path or path, line)
    if composer.kind in (
        "library",
        "composer-plugin",
        "wordpress-plugin",
        "symfony-bundle",
        "drupal-module",
        "metapackage",
    ):
        return None
    here = [
        path for path in code if folder_of(path) == folder and not path.endswith((".blade.php", ".inc.php"))
    ]
    here = [
        path
        for path in here
        if not path.rsplit("/", 1)[-1].startswith((".", "_ide_helper", "rector", "ecs", "config"))
    ]
    named = next((join(folder, name) for name in (*SCRIPTS, "index.php") if join(folder, name) in here), None)
    spoken = next((hit.path for hit in hits["command"] if hit.path in here), None)
    chosen = named or spoken or (here[0] if len(here) == 1 else None)
    if chosen is None:
        return None
    return ("php", chosen if folder == "." else chosen.removeprefix(folder + "/")), Evidence(chosen)


def _composer_facts(tree: Tree, facts: FactList, composer: Composer, folder: str) -> None:
    version = composer.pin or composer.version
    if version:
        facts.add("version", version[0], version[1].path, version[1].line)
    if composer.pin:
        facts.add("version_pin", composer.pin[0], composer.pin[1].path, composer.pin[1].line)
    if composer.path is None:
        return
    facts.add("package_manager", "composer", composer.path)
    if composer.lock:
        facts.add("lock", composer.lock, composer.lock)
    elif composer.packages:
        facts.problem(
            "There is no composer.lock, so every build may take other versions: run `composer install` and keep the file",
            composer.path,
        )
    if (
        tree.has_folder(join(folder, "vendor"))
        and (tree.root / join(folder, "vendor") / "autoload.php").is_file()
    ):
        facts.add("vendor_there", True, composer.path)
    for url in composer.local:
        facts.add("local_packages", url, composer.path)
    if tree.has(join(folder, "auth.json")):
        facts.problem(
            "auth.json holds passwords of package servers and stays out of the image: give it to the build as a secret",
            join(folder, "auth.json"),
        )


def _extensions(
    tree: Tree,
    facts: FactList,
    composer: Composer,
    folder: str,
    *,
    framework: str | None,
    hits: dict[str, list[Hit]],
) -> None:
    for name, evidence in composer.extensions.items():
        if re.fullmatch(r"[a-z0-9_]{1,40}", name):
            facts.add("extension", name, evidence.path, evidence.line)
    for name in TELLING:
        if hits[f"ext {name}"]:
            hit = hits[f"ext {name}"][0]
            facts.add("extension", name, hit.path, hit.line)
    if framework == "WordPress":
        place = facts.facts[-1].evidence if facts.facts else None
        for name in WORDPRESS_NEEDS:
            facts.add("extension", name, place.path if place else join(folder, "wp-load.php"))
    if framework in ("Laravel", "Lumen"):
        database = {
            "mysql": "pdo_mysql",
            "mariadb": "pdo_mysql",
            "pgsql": "pdo_pgsql",
            "sqlite": "pdo_sqlite",
        }
        path = join(folder, ".env.example")
        for setting in read_env_example(tree, path):
            if setting.name == "DB_CONNECTION" and setting.value in database:
                facts.add("extension", database[setting.value], path, setting.line)
        path = join(folder, "config/database.php")
        text = tree.text(path) or ""
        # What .env.example leaves open, the configuration decides.
        if (match := _DEFAULT_DATABASE.search(text)) and not any(
            fact.key == "extension" and fact.value in database.values() for fact in facts.facts
        ):
            facts.add("extension", database[match.group(1)], path, text.count("\n", 0, match.start()) + 1)
    if framework == "Laravel" and composer.has("predis/predis") is None:
        path = join(folder, ".env.example")
        for setting in read_env_example(tree, path):
            if setting.value == "redis":
                facts.add("extension", "redis", path, setting.line)


def _assets(tree: Tree, facts: FactList, folder: str) -> None:
    """A package.json beside composer.json with a build script makes the pages' scripts and styles."""
    path = join(folder, "package.json")
    data = read_json(tree, path) if tree.has(path) else None
    scripts = data.get("scripts") if data else None
    if not isinstance(scripts, dict):
        return
    text = tree.text(path) or ""
    name = next((one for one in ("build", "production", "prod") if isinstance(scripts.get(one), str)), None)
    if name is None:
        return
    facts.add("asset_build", name, path, key_line(text, "scripts", name))
    for lock in ("package-lock.json", "yarn.lock", "pnpm-lock.yaml"):
        if tree.has(join(folder, lock)):
            facts.add("asset_lock", join(folder, lock), join(folder, lock))
            break


def _source_facts(
    tree: Tree,
    facts: FactList,
    hits: dict[str, list[Hit]],
    composer: Composer,
    *,
    framework: str | None,
    folder: str,
) -> None:
    if framework == "Laravel":
        evidence = composer.has("laravel/framework")
        facts.add(
            "env_required",
            "APP_KEY",
            evidence.path if evidence else None,
            evidence.line if evidence else None,
        )
        artisan = join(folder, "artisan")
        if tree.has_folder(join(folder, "app/Jobs")):
            facts.add("worker", "php artisan queue:work", artisan)
        if tree.has_folder(join(folder, "database/migrations")):
            facts.add("migrations", "php artisan migrate --force", artisan)
    if framework == "Symfony":
        evidence = composer.has("symfony/framework-bundle")
        facts.add(
            "env", "APP_SECRET", evidence.path if evidence else None, evidence.line if evidence else None
        )
        if (messenger := composer.has("symfony/messenger")) is not None:
            facts.add("worker", "php bin/console messenger:consume", messenger.path, messenger.line)
        if (doctrine := composer.has("doctrine/doctrine-migrations-bundle")) is not None:
            facts.add(
                "migrations",
                "php bin/console doctrine:migrations:migrate --no-interaction",
                doctrine.path,
                doctrine.line,
            )
    for hit in hits["env"]:
        if "/config/" not in f"/{hit.path}":
            facts.add("env", hit.text, hit.path, hit.line)
    health = min(hits["health"], key=lambda hit: len(hit.text), default=None)
    if health is not None:
        facts.add("health_path", health.text, health.path, health.line)
    if hits["shell"]:
        facts.add("shell", True, hits["shell"][0].path, hits["shell"][0].line)


def _name(tree: Tree, folder: str, composer: Composer) -> str:
    if folder not in (".", ""):
        return folder.rsplit("/", 1)[-1]
    if composer.name and composer.name not in (
        "laravel/laravel",
        "symfony/skeleton",
        "laravel/react-starter-kit",
    ):
        return composer.name.rsplit("/", 1)[-1]
    return tree.root.name
