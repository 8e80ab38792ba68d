"""PHP: Composer fetches packages in its own stage; what ships is a PHP that serves HTTP by itself, or one for the command line.

PHP's FastCGI images (fpm) answer no browser: a second server must stand in front of them. So that one image is enough, a web
application gets Apache with PHP inside (full: the official image; slim: Debian's own packages, without a compiler) or
FrankenPHP (alpine), each on port 8080 as another user than root.
"""

from __future__ import annotations

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, expose, healthcheck, run, stage, user, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.recipes.chosen import chosen_base, known
from slimdesk.recipes.fit_words import unavailable
from slimdesk.recipes.health import health_address
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.php_build import (
    COMPOSER,
    PLAIN,
    asset_stage,
    compiled,
    extension_stage,
    vendor_stage,
)
from slimdesk.recipes.php_extensions import (
    debian_packages,
    for_installer,
    to_compile,
    unknown,
    wanted,
)
from slimdesk.recipes.php_server import (
    HTML,
    apache,
    final_words,
    frankenphp,
    is_web,
    root_inside,
    stop_gently,
)
from slimdesk.recipes.scripting import (
    install_packages,
    no_version,
    version_for,
    why_exec_form,
)
from slimdesk.recipes.told import told_at

# Inside the image, where everybody may write.
_TMP = "/tmp"  # noqa: S108
IGNORE = ("vendor", "**/tests", "phpunit.xml*", "auth.json", "storage/logs/*", "storage/framework/cache/*", "var/cache", "var/log", "public/hot", "public/storage", "bootstrap/cache/*.php")  # fmt: skip
RANKS: dict[Family, int] = {"slim": 0, "alpine": 1, "full": 3, "hardened": 2, "chainguard": 4}


class Php:
    """The recipe of the profile php."""

    profile = "php"
    manifests: tuple[str, ...] = ("composer.json", "composer.lock", "package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml")  # fmt: skip
    left_by_tools: tuple[str, ...] = ("**/.phpunit.result.cache", "**/.php-cs-fixer.cache")

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether the family has a PHP that the project accepts and that can serve what it does."""
        web = is_web(component)
        if family == "distroless":
            return unavailable(
                family,
                "Google publishes no distroless PHP. slim has PHP without a compiler; without a shell there are chainguard and hardened for command-line programs.",
            )
        if family == "scratch":
            return unavailable(
                family,
                "PHP needs an interpreter and a C library; scratch has neither. slim is small and has both.",
            )
        if family == "chiselled":
            return unavailable(family, "Ubuntu publishes no chiselled PHP image; slim covers it.")
        if component.entrypoint is None:
            return unavailable(family, "What starts the project was not found; state its entry point first.")
        if web and family in ("chainguard", "hardened"):
            return unavailable(
                family,
                "Its PHP for the web speaks FastCGI only: no browser is answered until a web server of another image stands in front. slim, alpine and full serve HTTP by themselves.",
            )
        extensions = wanted(component)
        if family in ("chainguard", "hardened") and (more := list(to_compile(extensions))):
            evidence = next(fact.evidence for fact in component.all("extension") if fact.value == more[0])
            return unavailable(
                family,
                f"The project needs the extension {more[0]} ({evidence}), and nothing can be installed into this image.",
            )
        word = "php-web" if web else "php"
        offered = catalog.versions(family, word)
        version = version_for(component, offered, catalog, "php")
        if version is None:
            return unavailable(family, no_version(component, family, "PHP", offered))
        base = catalog.find(family, word, version)
        if base is None:
            return unavailable(family, f"The catalogue has no {family} image for PHP {version}.")
        rank = RANKS[family]
        reason = f"PHP {version}{_why(component)}. {_praise(family, version, web=web)}"
        if strange := unknown(extensions):
            reason += f" Nothing is known of the extension {strange[0]}: it is left out, and the program may miss it."
        if (
            (htaccess := component.fact("htaccess"))
            and family == "alpine"
            and not component.fact("front_controller")
        ):
            reason += f" FrankenPHP does not read {htaccess.evidence}."
            rank += 4
        if (shell := component.fact("shell")) and not base.shell:
            reason = f"PHP {version}, but the code starts other programs ({shell.evidence}), and this image has no shell: that part fails."
            rank += 10
        return Fit(family, available=True, reason=reason, base=base, builder=base, rank=rank)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the stages for packages, assets and extensions that are needed, and the final one."""
        base = chosen_base(component, fit)
        stages: list[Stage] = []
        if component.fact("package_manager"):
            stages.append(vendor_stage(component, options))
        if component.fact("asset_build"):
            stages.append(asset_stage(component, options))
        if base.family == "full" and (building := extension_stage(component, base)):
            stages.append(building)
        stages.append(_final_stage(component, base, options))
        return Plan(tuple(stages), _ignored(component), _findings(component))

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write what tutorials show: the official image, everything copied, run as root on port 80 behind 8080."""
        del options
        word = "php-web" if is_web(component) else "php"
        version = version_for(component, catalog.versions("full", word), catalog, "php")
        base = known(catalog.find("full", word, version) or catalog.find("full", word), "PHP")
        body = [workdir(HTML, "Where the application lives")]
        if extensions := to_compile(wanted(component)):
            body += compiled(component, extensions)
        if component.fact("package_manager"):
            body.append(
                copy(
                    "Composer, the package manager", "/usr/bin/composer", "/usr/bin/composer", from_=COMPOSER
                )
            )
            body.append(install_packages("Composer unpacks archives with it", "apt", ("unzip", "git")))
        body.append(copy("The whole project", ".", "."))
        if component.fact("package_manager"):
            body.append(
                run(
                    "Installs everything the project lists, development packages too",
                    "composer install --no-interaction --ignore-platform-reqs --no-scripts",
                )
            )
        if is_web(component):
            body += apache(component)
            body.append(expose(component.port or 8080, "The port it listens on", component.evidence("port")))
            body.append(stop_gently())
        body.append(entrypoint(component.entrypoint or ("php", "-a"), "Starts it, as root"))
        return base, Plan(
            (stage("final", base.reference, "The official image, with compilers in it", body),),
            _ignored(component),
        )


RECIPE = Php()


def _ignored(component: Component) -> tuple[str, ...]:
    # Without Composer the vendor folder is the project's own.
    return IGNORE if component.fact("package_manager") else tuple(one for one in IGNORE if one != "vendor")


def _final_stage(component: Component, base: BaseImage, options: Options) -> Stage:
    web = is_web(component)
    home = _home(component, base)
    body: list[Instruction] = []
    if base.user not in (0, base.run_user):
        body.append(user(0, 0, "To set it up; what runs is another user."))
    body += _interpreter(component, base)
    body.append(workdir(home, "Where the application lives."))
    if web:
        body += apache(component) if base.package_manager == "apt" else frankenphp(component, base)
    body += _code(component, base, home)
    body.append(
        user(base.run_user, base.run_group, "Numeric, so that Kubernetes can check that it is not root.")
    )
    if component.port:
        body.append(expose(component.port, "The port it listens on.", component.evidence("port")))
    if web and base.package_manager == "apt":
        body.append(stop_gently())
    if options.healthcheck and component.port:
        script = f"exit(@file_get_contents('{health_address(component)}') === false ? 1 : 0);"
        body.append(
            healthcheck((base.interpreter or "php", "-r", script), "PHP asks: curl is not in every image.")
        )
    reason = why_exec_form(base, "server")
    body.append(entrypoint(final_words(component, base), reason, component.evidence("start")))
    why = (
        "What ships: PHP that serves HTTP by itself, and the code."
        if web
        else "What ships: PHP and the code."
    )
    return stage("final", base.reference, why, body, evidence=component.evidence("version"))


def _home(component: Component, base: BaseImage) -> str:
    return HTML if is_web(component) and base.package_manager == "apt" else "/app"


def _interpreter(component: Component, base: BaseImage) -> list[Instruction]:
    """PHP itself where the base has none, its extensions and its settings."""
    extensions = wanted(component)
    evidence = component.evidence("extension")
    web = is_web(component)
    if base.family == "slim":
        version = base.version or "8.4"
        server = ["apache2", f"libapache2-mod-php{version}"] if web else []
        names = [
            "ca-certificates",
            f"php{version}-cli",
            *server,
            *debian_packages(dict.fromkeys((*extensions, "mbstring", "curl", "xml")), version),
        ]
        return [
            install_packages(
                "Debian's own PHP with its extensions: packages, so no compiler and security updates from Debian.",
                "apt",
                names,
                evidence,
            )
        ]
    if base.family == "alpine" and web:
        chosen = " ".join(dict.fromkeys((*for_installer(extensions), "opcache")))
        return [
            run(
                "The image's own script installs extensions with what they need.",
                f"install-php-extensions {chosen}",
                'cp "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"',
                evidence=evidence,
            )
        ]
    if base.family == "alpine":
        return _compiled_on_alpine(component, extensions)
    if base.family != "full":
        return []
    body: list[Instruction] = []
    compiled = to_compile(extensions)
    libraries = [word for one in compiled.values() for word in one.run.split()]
    if libraries:
        body.append(install_packages("Libraries that the extensions load.", "apt", libraries, evidence))
    if compiled:
        body += [
            copy(
                "The compiled extensions.",
                "/usr/local/lib/php/extensions",
                "/usr/local/lib/php/extensions",
                from_="extensions",
            ),
            copy(
                "What switches them on.",
                "/usr/local/etc/php/conf.d",
                "/usr/local/etc/php/conf.d",
                from_="extensions",
            ),
        ]
    commands = ['mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"']
    # From 8.5 on it is part of PHP.
    if base.version in ("8.2", "8.3", "8.4"):
        commands.append("docker-php-ext-enable opcache")
    body.append(run("Settings for production, and a cache of compiled code.", *commands))
    return body


def _compiled_on_alpine(component: Component, extensions: list[str]) -> list[Instruction]:
    chosen = for_installer(extensions)
    ini = 'mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"'
    if not chosen:
        return [run("Settings for production.", ini)]
    return [
        copy(
            "A script that installs extensions with what they need.",
            "/usr/bin/install-php-extensions",
            "/usr/local/bin/",
            from_="mlocati/php-extension-installer:2",
        ),
        run(
            "The extensions that the project asks for; settings for production.",
            f"install-php-extensions {' '.join(chosen)}",
            ini,
            evidence=component.evidence("extension"),
        ),
    ]


def _code(component: Component, base: BaseImage, home: str) -> list[Instruction]:
    body: list[Instruction] = []
    if component.fact("package_manager"):
        body.append(
            copy(
                "The code with its packages. It belongs to root: the application cannot change itself.",
                "/app",
                home,
                from_="vendor",
            )
        )
    else:
        body.append(copy("The code. It belongs to root: the application cannot change itself.", ".", "."))
    root = root_inside(component)
    if component.fact("asset_build"):
        body.append(
            copy(
                "Built scripts and styles.",
                f"/app/{root}".rstrip("/."),
                f"{home}/{root}".rstrip("/."),
                from_="assets",
            )
        )
    owner = f"{base.run_user}:{base.run_group}"
    folders = [str(fact.value) for fact in component.all("writes") if PLAIN.fullmatch(str(fact.value))]
    reason = f"{component.framework or 'It'} writes here; mount a volume to keep what must last."
    if component.fact("package_manager"):
        body += [
            copy(reason, f"/app/{name}", f"{home}/{name}", from_="vendor", chown=owner) for name in folders
        ]
    elif folders and base.shell:
        words = " ".join(folders)
        body.append(
            run(
                reason,
                f"mkdir -p {words}",
                f"chown {owner} {words}",
                evidence=component.evidence("writes"),
            )
        )
    return body


def _findings(component: Component) -> tuple[Finding, ...]:
    found = []
    for key, sentence in (
        (
            "migrations",
            "The image does not change the database when it starts: run `{}` in it once per release.",
        ),
        ("worker", "The same image runs the worker too: start it with `{}`."),
    ):
        for fact in component.all(key):
            place = fact.evidence
            found.append(
                told_at(
                    place,
                    key,
                    "info",
                    sentence.format(visible(str(fact.value), 200)),
                )
            )
    for name in unknown(wanted(component)):
        fact = next(one for one in component.all("extension") if one.value == name)
        place = fact.evidence
        found.append(
            told_at(
                place,
                "extension",
                "warning",
                f"The extension {name} is asked for, and SlimDesk does not know how to install it: it is left out.",
            )
        )
    return tuple(found)


def _why(component: Component) -> str:
    evidence = component.evidence("version_pin") or component.evidence("version")
    return f" as {evidence} asks" if evidence else ""


def _praise(family: Family, version: str, *, web: bool) -> str:
    server = {
        "full": "The official image with Apache inside; it also holds a compiler, which the application never uses.",
        "slim": f"Debian with its own PHP {version} and Apache: extensions are packages, nothing is compiled, and no compiler is in it.",
        "alpine": "FrankenPHP: one server with PHP inside. Its C library is musl.",
    }
    alone = {
        "full": "The official image; it also holds a compiler, which the program never uses.",
        "slim": f"Debian with its own PHP {version}: extensions are packages, nothing is compiled, and no compiler is in it.",
        "alpine": "Small, with a shell; its C library is musl.",
        "chainguard": f"No shell; free of charge only the newest PHP ({version}), which moves on without a version tag.",
        "hardened": "No shell, versioned and with an end of life; needs a free sign-in.",
    }
    return (server if web else alone).get(family, "")
