"""The stages that make what a PHP image ships: Composer's packages, built assets, compiled extensions."""

from __future__ import annotations

import re

from slimdesk.basics.escaping import shell_word
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, env, run, stage, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.recipes.model import Options
from slimdesk.recipes.php_extensions import Compiled, to_compile, wanted
from slimdesk.recipes.scripting import NODE_IMAGE, inside, install_packages

COMPOSER = "composer:2"
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,200}", re.ASCII)
# Inside the image, where everybody may write.
_TMP = "/tmp"  # noqa: S108


def vendor_stage(component: Component, options: Options) -> Stage:
    """Return the stage in which Composer fetches the packages and writes the autoloader."""
    names = [
        inside(component, "composer.json" if component.path == "." else f"{component.path}/composer.json")
    ]
    if component.fact("lock"):
        names.append(inside(component, str(component.value("lock"))))
    flags = "--no-dev --prefer-dist --no-interaction --no-progress --no-scripts --ignore-platform-reqs"
    mounts = (f"type=cache,target={_TMP}/composer",) if options.cache_mounts else ()
    body = [
        workdir("/app", "Keeps the sources out of the root folder."),
        env(
            "Where downloads are kept; Composer runs as root here and nowhere else.",
            COMPOSER_CACHE_DIR=f"{_TMP}/composer",
            COMPOSER_ALLOW_SUPERUSER="1",
        ),
    ]
    body.append(
        copy(
            "Only what names packages: they are fetched again only when one of these changes.",
            *names,
            "./",
            evidence=component.evidence("package_manager"),
        )
    )
    if local := _local_folders(component):
        reason = "Packages that are folders of this project."
        evidence = component.evidence("local_packages")
        body += [copy(reason, name, f"./{name}", evidence=evidence) for name in local]
        # A link into this stage would lead nowhere in the image that ships.
        body.append(env("Packages from folders are copied, not linked.", COMPOSER_MIRROR_PATH_REPOS="1"))
    body.append(
        run(
            "Fetches the packages. The extensions are in the image that ships, not in Composer's, so it is told not to look for them.",
            f"composer install {flags} --no-autoloader",
            mounts=mounts,
            evidence=component.evidence("lock") or component.evidence("package_manager"),
        )
    )
    body.append(copy("The code, whose classes the autoloader lists.", ".", "."))
    commands = ["composer dump-autoload --no-dev --optimize --no-scripts --ignore-platform-reqs"]
    does = "Writes the autoloader."
    if folders := writable(component):
        commands.append(f"mkdir -p {' '.join(folders)}")
        does = "Writes the autoloader, and makes the folders that the application writes to."
    body.append(run(does, *commands))
    return stage("vendor", COMPOSER, "Composer; it does not ship.", body)


def _local_folders(component: Component) -> list[str]:
    """Return the folders of path repositories: packages/* is packages."""
    found = (
        str(fact.value).split("*")[0].removeprefix("./").strip("/")
        for fact in component.all("local_packages")
    )
    return [name for name in dict.fromkeys(found) if PLAIN.fullmatch(name) and ".." not in name]


def writable(component: Component) -> list[str]:
    """Return the folders that the application writes to, from its own folder."""
    names = [str(fact.value) for fact in component.all("writes")]
    more = [
        "storage/logs",
        "storage/app/public",
        "storage/framework/cache/data",
        "storage/framework/sessions",
        "storage/framework/views",
    ]
    return [
        name
        for name in (*names, *(more if component.framework == "Laravel" else ()))
        if PLAIN.fullmatch(name)
    ]


def asset_stage(component: Component, options: Options) -> Stage:
    """Return the stage in which Node.js builds what browsers get."""
    lock = str(component.value("asset_lock", ""))
    name = lock.rsplit("/", 1)[-1]
    script = shell_word(str(component.value("asset_build", "build")))
    mounts = ("type=cache,target=/root/.npm",) if options.cache_mounts else ()
    names = ["package.json", *([name] if name else [])]
    tool, install, build = {
        "yarn.lock": ("", "yarn install --frozen-lockfile", f"yarn run {script}"),
        "pnpm-lock.yaml": (
            "npm install --global pnpm@10",
            "pnpm install --frozen-lockfile",
            f"pnpm run {script}",
        ),
        "package-lock.json": ("", "npm ci --no-audit --no-fund", f"npm run {script}"),
    }.get(name, ("", "npm install --no-audit --no-fund", f"npm run {script}"))
    body = [
        workdir("/app", "Keeps the sources out of the root folder."),
        copy(
            "Only what names the front end's packages.",
            *names,
            "./",
            evidence=component.evidence("asset_build"),
        ),
        run(
            "The packages to build scripts and styles with.",
            *([tool] if tool else []),
            install,
            mounts=mounts,
            evidence=component.evidence("asset_lock"),
        ),
        copy("The sources: templates are searched for the styles that they use.", ".", "."),
    ]
    if component.fact("package_manager"):
        body.append(
            copy("Some front ends take files from PHP packages.", "/app/vendor", "./vendor", from_="vendor")
        )
    body.append(run("Builds what browsers load.", build, evidence=component.evidence("asset_build")))
    return stage("assets", NODE_IMAGE, "Node.js, for scripts and styles; nothing of it ships.", body)


def extension_stage(component: Component, base: BaseImage) -> Stage | None:
    """Return the stage that compiles extensions for the official image; None where none is needed."""
    extensions = to_compile(wanted(component))
    if not extensions:
        return None
    return stage(
        "extensions",
        base.reference,
        "Compiles extensions in the very image that will load them.",
        compiled(component, extensions),
    )


def compiled(component: Component, chosen: dict[str, Compiled]) -> list[Instruction]:
    """Return what compiles these extensions, with the headers that they need."""
    packages = [word for one in chosen.values() for word in one.build.split()]
    body = []
    if packages:
        body.append(
            install_packages("Headers to compile against.", "apt", packages, component.evidence("extension"))
        )
    commands = [
        f"docker-php-ext-configure {name} {one.configure}" for name, one in chosen.items() if one.configure
    ]
    plain = [name for name, one in chosen.items() if not one.pecl]
    pecl = [name for name, one in chosen.items() if one.pecl]
    if plain:
        commands.append(f'docker-php-ext-install -j"$(nproc)" {" ".join(plain)}')
    if pecl:
        commands += [f"pecl install {' '.join(pecl)}", f"docker-php-ext-enable {' '.join(pecl)}"]
    return [
        *body,
        run(
            "Compiles the extensions that the project asks for.",
            *commands,
            evidence=component.evidence("extension"),
        ),
    ]
