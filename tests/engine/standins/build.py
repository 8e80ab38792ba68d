"""Stand-ins for base images, under the names that the real ones have, for machines that reach no image registry.

`ensure(DOCKER_HOST, names)` gives an engine what a Dockerfile needs; what is not made yet is made (builders on that very
engine), kept between runs under a key of its contents, and given to the next engine as it is. `why_not(name)` says why
there is no stand-in of a name. As a script: `python tests/engine/standins/build.py [--engine DOCKER_HOST] [NAME ...]`.
"""

import argparse
import ast
import hashlib
import inspect
import json
import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.standins import (
    builders,
    client,
    compilers,
    databases,
    debian,
    distroless,
    java,
    javascript,
    musl,
    packages,
    scripting,
    store,
    toolchains,
    web_servers,
)
from engine.standins.store import Image

GO_SERIES = ("1.27", "1.26")
NODE_SERIES = ("24",)
PYTHON_SERIES = ("3.13",)


@dataclass(frozen=True)
class Recipe:
    """How some stand-ins come to be.

    `inputs` are the contents that decide whether they have to be made anew; `bases` are stand-ins they are made on;
    `make(host, bases)` makes them.
    """

    tags: tuple[str, ...]
    inputs: Callable[[], list[str]]
    make: Callable[[str, tuple[Image, ...]], list[Image]]
    bases: tuple[str, ...] = ()


def _text(*parts: object) -> list[str]:
    """What functions and modules say, comments and layout aside: a changed rule makes its stand-ins anew."""
    return [ast.dump(ast.parse(textwrap.dedent(inspect.getsource(part)))) for part in parts]


def _recipes() -> list[Recipe]:
    found = [
        Recipe(
            distroless.tags(),
            lambda: [*distroless.inputs(), *_text(distroless)],
            lambda *_: distroless.make(),
        ),
        Recipe(
            (f"alpine:{musl.RELEASE}",), lambda: [*musl.inputs(), *_text(musl)], lambda *_: musl.make_alpine()
        ),
        Recipe(("busybox:1-musl",), lambda: _text(musl.make_busybox), lambda *_: musl.make_busybox()),
        Recipe(
            ("cgr.dev/chainguard/static:latest",),
            lambda: [*musl.inputs(), *_text(musl, distroless.static_tree)],
            lambda *_: musl.make_chainguard_static(),
        ),
        Recipe(debian.TAGS, lambda: [*debian.inputs(), *_text(debian)], lambda *_: debian.make()),
    ]
    for tag, dockerfile in builders.INSTALLED.items():
        base = dockerfile.split()[1]
        found.append(
            Recipe(
                (tag,),
                lambda tag=tag, text=dockerfile: [
                    text,
                    packages.fingerprint(builders.PACKAGES[tag], closure=True),
                ],
                lambda host, _bases, tag=tag: builders.make_installed(host, tag),
                (base,),
            )
        )
    found.extend(
        Recipe(
            (tag,),
            lambda tag=tag, text=dockerfile: [
                text,
                *scripting.FILES.values(),
                packages.fingerprint(scripting.PACKAGES[tag], closure=True),
            ],
            lambda host, _bases, tag=tag: scripting.make(host, tag),
            scripting.BASES[tag],
        )
        for tag, dockerfile in scripting.DOCKERFILES.items()
    )
    found.extend(
        Recipe(
            (tag,),
            lambda tag=tag, text=dockerfile: [
                text,
                packages.fingerprint(compilers.PACKAGES[tag], closure=True),
            ],
            lambda host, _bases, tag=tag: compilers.make(host, tag),
            compilers.BASES[tag],
        )
        for tag, dockerfile in compilers.DOCKERFILES.items()
    )
    found.extend(
        Recipe(
            (tag,),
            lambda tag=tag, text=dockerfile: [
                text,
                packages.fingerprint(databases.PACKAGES[tag], closure=True),
            ],
            lambda host, _bases, tag=tag: databases.make(host, tag),
            databases.BASES[tag],
        )
        for tag, dockerfile in databases.DOCKERFILES.items()
    )
    for series in GO_SERIES:
        rules = (musl.golang_on, toolchains.add_go)
        found.append(
            Recipe(
                (f"golang:{series}-trixie",),
                lambda series=series, rules=rules: [toolchains.newest_go(series), *_text(*rules)],
                lambda _host, bases, series=series: builders.make_golang(bases[0], series),
                (f"{builders.PRIVATE}/golang-base:trixie",),
            )
        )
        found.append(
            Recipe(
                (f"golang:{series}-alpine{musl.RELEASE}",),
                lambda series=series, rules=rules: [toolchains.newest_go(series), *_text(*rules)],
                lambda _host, bases, series=series: [
                    musl.golang_on(bases[0], series, f"golang:{series}-alpine{musl.RELEASE}")
                ],
                (f"alpine:{musl.RELEASE}",),
            )
        )
    found.extend(
        Recipe(
            (f"node:{series}-trixie{'-slim' if slim else ''}",),
            lambda series=series: [
                toolchains.newest_node(series),
                toolchains.remembered_npm("npm"),
                toolchains.remembered_npm("corepack"),
                *_text(builders.make_node),
            ],
            lambda _host, bases, series=series, slim=slim: builders.make_node(bases[0], series, slim=slim),
            ("debian:trixie-slim" if slim else "buildpack-deps:trixie",),
        )
        for series in NODE_SERIES
        for slim in (False, True)
    )
    for series in PYTHON_SERIES:
        tree = f"{builders.PRIVATE}/cpython:{series}"
        found.append(
            Recipe(
                (tree,),
                # Not the contents of its base: the compiled files are the same after an update of Debian's packages.
                lambda series=series: [
                    packages.source_version(f"python{series}"),
                    builders.cpython_dockerfile(),
                ],
                lambda host, _bases, series=series: builders.make_cpython(host, series),
            )
        )
        for slim in (False, True):
            base = "debian:trixie-slim" if slim else f"{builders.PRIVATE}/python-base:trixie"
            found.append(
                Recipe(
                    (f"python:{series}-{'slim-' if slim else ''}trixie",),
                    lambda series=series, slim=slim: [
                        builders.python_dockerfile(series, slim=slim),
                        packages.fingerprint(builders.PYTHON_SLIM, closure=True),
                    ],
                    lambda host, _bases, series=series, slim=slim: builders.make_python(
                        host, series, slim=slim
                    ),
                    (base, tree, f"{builders.PRIVATE}/python-base:trixie"),
                )
            )
    found.append(
        Recipe(
            java.distroless_tags(),
            lambda: [*java.distroless_inputs(), *_text(java, distroless)],
            lambda *_: java.make_distroless(),
        )
    )
    for series in java.SERIES:
        found.extend(
            Recipe(
                (java.jdk_tag(series, kind),),
                lambda series=series, kind=kind: [
                    java.jdk_dockerfile(series, kind),
                    packages.fingerprint(java.jdk_packages(series, kind), closure=True),
                ],
                lambda host, _bases, series=series, kind=kind: java.make_jdk(host, series, kind),
                ("debian:trixie",),
            )
            for kind in ("jdk", "jre")
        )
        found.append(
            Recipe(
                (java.maven_tag(series),),
                lambda series=series: [
                    java.maven_dockerfile(series),
                    packages.fingerprint(java.MAVEN_PACKAGES, closure=True),
                ],
                lambda host, _bases, series=series: java.make_maven(host, series),
                (java.jdk_tag(series, "jdk"),),
            )
        )
    found.extend(_javascript())
    found.extend(_web_servers())
    return found


def _javascript() -> list[Recipe]:
    found = [
        Recipe(
            (javascript.node_alpine_tag(series),),
            lambda series=series: [javascript.newest_wheel(series), *_text(javascript.make_node_alpine)],
            lambda _host, bases, series=series: javascript.make_node_alpine(bases[0], series),
            (f"alpine:{musl.RELEASE}",),
        )
        for series in NODE_SERIES
    ]
    for make, tags in (
        (javascript.make_bun, javascript.BUN_TAGS),
        (javascript.make_deno, javascript.DENO_TAGS),
    ):
        found.extend(
            Recipe(
                (tag,),
                lambda make=make: [
                    toolchains.remembered_npm(javascript.BUN),
                    toolchains.remembered_npm(javascript.DENO),
                    *_text(make),
                ],
                lambda _host, bases, make=make, tag=tag: make(bases[0] if bases else None, tag),
                (base,) if base else (),
            )
            for tag, base in tags.items()
        )
    return found


def _web_servers() -> list[Recipe]:
    found = [
        Recipe(
            (tag,),
            lambda tag=tag: [
                web_servers.nginx_dockerfile(tag),
                packages.fingerprint(web_servers.NGINX, closure=True),
            ],
            lambda host, _bases, tag=tag: web_servers.make_nginx(host, tag),
            ("debian:trixie-slim",) if base == "debian:trixie-slim" else ("debian:trixie-slim", base),
        )
        for tag, base in web_servers.NGINX_TAGS.items()
    ]
    found.append(
        Recipe(
            (web_servers.SERVER,),
            lambda: [web_servers.server_dockerfile()],
            lambda host, _bases: web_servers.make_server(host),
            ("debian:trixie-slim",),
        )
    )
    return found


RECIPES = {tag: recipe for recipe in _recipes() for tag in recipe.tags}
# What cannot be stood in for, and why: tests that need it are skipped with these words.
NO_STAND_IN = {
    "cgr.dev/chainguard/glibc-dynamic": "Wolfi's glibc 2.43 comes from Chainguard's own package archive alone",
    "cgr.dev/chainguard/": "Wolfi's packages come from Chainguard's own archive alone",
    "dhi.io/": "Docker Hardened Images need a login",
    "mcr.microsoft.com/dotnet/": "Microsoft's .NET comes from its own servers alone",
    "dunglas/frankenphp:": "no source of FrankenPHP but the registry",
    "php:": "no source of this PHP image but the registry",
    "ruby:": "no source of this Ruby image but the registry",
    "eclipse-temurin:": "Debian 13 has OpenJDK 21 and 25 alone, and there is no musl JDK outside of Alpine's archive",
    "maven:": "Debian 13 has OpenJDK 21 and 25 alone, and there is no musl JDK outside of Alpine's archive",
    "gradle:": "Gradle's distribution comes from services.gradle.org alone",
    "gcr.io/distroless/java17": "Debian 13 has no OpenJDK 17",
    "node:": "no source of Node.js images for this variant but the registry",
    "python:": "no source of Python images for this variant but the registry",
}


def why_not(name: str) -> str | None:
    """Why there is no stand-in for this image, in a sentence; None if there is one that can be made here."""
    if name not in RECIPES:
        for prefix, reason in NO_STAND_IN.items():
            if name.startswith(prefix):
                return f"{name} has no stand-in: {reason}"
        return f"{name} has no stand-in"
    reason = debian.why_not()
    return f"{name} cannot be made here: {reason}" if reason and _needs_debian(RECIPES[name]) else None


def ensure(host: str, names: Iterable[str], say: Callable[[str], None] = lambda _text: None) -> list[Image]:
    """Give the engine these images, making what is not kept; returns them in order. Raises KeyError for unknown names."""
    images = [_image(host, name, say) for name in names]
    missing = client.lacks(host, images)
    if missing:
        begun = time.monotonic()
        client.load(host, missing)
        say(f"loaded {', '.join(image.tags[0] for image in missing)} in {time.monotonic() - begun:.0f} s")
    return images


def _image(host: str, name: str, say: Callable[[str], None]) -> Image:
    recipe = RECIPES[name]
    bases = tuple(_image(host, base, say) for base in recipe.bases)
    parts = [os.uname().machine, *recipe.tags, *recipe.inputs()]
    parts += [layer.diff_id for base in bases for layer in base.layers]
    title = "".join(character if character.isalnum() else "-" for character in recipe.tags[0])
    key = f"{title}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]}"
    images = store.kept(key)
    if images is None:
        extra = (f"{builders.PRIVATE}/python-base:trixie",) if "/cpython:" in recipe.tags[0] else ()
        needed = (*bases, *(_image(host, base, say) for base in extra))
        with store.locked():
            images = store.kept(key) or _made(host, recipe, key, needed, say)
    return next(image for image in images if name in image.tags)


def _made(
    host: str, recipe: Recipe, key: str, bases: tuple[Image, ...], say: Callable[[str], None]
) -> tuple[Image, ...]:
    begun = time.monotonic()
    missing = client.lacks(host, bases)
    if missing:
        client.load(host, missing)
    for tries_left in (2, 1, 0):
        try:
            images = tuple(recipe.make(host, bases))
            break
        # Most of it is downloads.
        except (client.StandInBuildError, toolchains.ToolchainError, OSError):
            if not tries_left:
                raise
            time.sleep(5)
    store.keep(key, images)
    store.prune()
    say(f"made {recipe.tags[0]} in {time.monotonic() - begun:.0f} s")
    return images


def _needs_debian(recipe: Recipe) -> bool:
    return recipe.tags == debian.TAGS or any(_needs_debian(RECIPES[base]) for base in recipe.bases)


def main() -> int:
    """Make stand-ins from a shell and give them to an engine."""
    parser = argparse.ArgumentParser(description="Stand-ins for base images, made from Debian's packages.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")
    parser.add_argument("--engine", default=os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    parser.add_argument("--list", action="store_true", help="only print the names")
    args = parser.parse_args()
    names = args.names or [name for name in RECIPES if not name.startswith(builders.PRIVATE)]
    if args.list:
        print("\n".join(names))
        return 0
    reasons = [reason for name in names if (reason := why_not(name))]
    if reasons:
        print("\n".join(reasons), file=sys.stderr)
        return 1
    for name, image in zip(
        names, ensure(args.engine, names, lambda text: print(text, file=sys.stderr)), strict=True
    ):
        download = sum(layer.size for layer in image.layers)
        unpacked = sum(layer.unpacked for layer in image.layers)
        print(f"{download / 1e6:8.1f} MB  {unpacked / 1e6:8.1f} MB  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
