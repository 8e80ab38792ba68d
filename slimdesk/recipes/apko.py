"""Wolfi by apko: the runtime of a language as an apko.yaml, and the Dockerfile on the image that apko makes of it.

Chainguard's free images hold the newest release of each language alone. Its package archive holds the others too, so
this is how a version stays what the project asks for. Form: chainguard-dev/apko pkg/build/types/schema.json and
docs/apko_file.md, 2026-08-21. Packages: chainguard-images/images */locked_config.json and the wolfi-dev/os tree, 2026-08-22.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slimdesk.basics.errors import BadInput, UnavailableFamily
from slimdesk.basics.escaping import shell_word, slug, visible
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.units import lines_of
from slimdesk.project.model import Component
from slimdesk.recipes.generate import generate
from slimdesk.recipes.join import host_of
from slimdesk.recipes.model import Generated, Options
from slimdesk.recipes.packages import checked_names, wanted_packages
from slimdesk.recipes.packages_apk import apk_names
from slimdesk.recipes.provenance import is_comment, is_heading

REPOSITORY = "https://packages.wolfi.dev/os"
KEYRING = f"{REPOSITORY}/wolfi-signing.rsa.pub"
NONROOT = 65532
FILE, DOCKERFILE = "apko.yaml", "Dockerfile.wolfi"
# The family that a language's packages are compiled in, where its runtime names a version.
_BUILT_ON: dict[str, Family] = {"python": "slim", "node": "full", "java": "full", "ruby": "slim"}
_IMAGE = re.compile(
    r"(?P<name>(?:[a-z0-9.-]+(?::\d{1,5})?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?P<tag>\w[\w.-]{0,127}))?",
    re.ASCII,
)
_PLATFORMS = {"linux/amd64": "amd64", "linux/arm64": "arm64"}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True, slots=True)
class Runtime:
    """What Wolfi needs for one language: {version} stands in package names and the interpreter's path."""

    packages: tuple[str, ...]
    versions: tuple[str, ...] = ()
    interpreter: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


# By the word that recipes ask the catalogue for; the first of a program's words wins.
_COMMON = ("wolfi-baselayout", "ca-certificates-bundle")
RUNTIMES: dict[str, Runtime] = {
    "static": Runtime((*_COMMON, "tzdata")),
    "glibc": Runtime((*_COMMON, "tzdata", "glibc", "libgcc", "libstdc++")),
    "python": Runtime(
        (*_COMMON, "tzdata", "python-{version}"),
        ("3.14", "3.13", "3.12", "3.11"),
        "/usr/bin/python{version}",
        {"LANG": "C.UTF-8"},
    ),
    "node": Runtime((*_COMMON, "tzdata", "nodejs-{version}"), ("26", "24"), "/usr/bin/node"),
    "java": Runtime(
        (*_COMMON, "tzdata", "java-cacerts", "openjdk-{version}-jre", "openjdk-{version}-default-jvm"),
        ("25", "21", "17"),
        "/usr/bin/java",
        {"JAVA_HOME": "/usr/lib/jvm/default-jvm", "LANG": "C.UTF-8"},
    ),
    "ruby": Runtime(
        (*_COMMON, "tzdata", "ruby-{version}"), ("4.0", "3.4", "3.3"), "/usr/bin/ruby", {"LANG": "C.UTF-8"}
    ),
}


@dataclass(frozen=True, slots=True)
class ApkoFiles:
    """An apko.yaml, the name of the image that is made of it, and the Dockerfile that starts from that image.

    `commands` are what a person types, in order, in the folder of the two files.
    """

    config: str
    image: str
    generated: Generated
    commands: tuple[str, ...]


def apko(
    component: Component,
    catalog: Catalog,
    options: Options,
    own_ignore: str | None = None,
    image: str | None = None,
) -> ApkoFiles:
    """Write both files. `image` is the name to give to what apko makes; packages go into apko.yaml, by Wolfi's names.

    Raises UnavailableFamily with the reason, BadInput for an option that cannot be written.
    """
    name, tag = _reference(component, image)
    ours = _wolfi_catalog(catalog, name, tag)
    bare = _without_packages(component)
    generated = generate(bare, "chainguard", ours, replace(options, packages=()), own_ignore)
    base = generated.base
    runtime = next((RUNTIMES[word] for word in RUNTIMES if word in base.serves and base.name == name), None)
    if runtime is None:
        raise UnavailableFamily(
            f"No {FILE} was written for {component.name}",
            f"the Wolfi packages are known for {', '.join(RUNTIMES)}, and a {component.profile} project runs on "
            f"{base.reference}",
            "Take the family chainguard as it is",
        )
    packages = tuple(wanted_packages(host_of(component), base, catalog, options))
    config = _config(component, base, runtime, apk_names(checked_names(packages), wolfi=True), options)
    # What the file says of itself would be compared with chainguard's own Dockerfile, and be wrong.
    lines = [line for line in lines_of(generated.text) if not is_comment(line)][:-1]
    started = f"# Starts from the image that apko makes of {FILE}."
    text = "".join(f"{started if is_heading(line) else line}\n" for line in lines)
    return ApkoFiles(
        config,
        base.reference,
        replace(generated, component=component, text=text),
        _commands(base.reference, component.context),
    )


def _reference(component: Component, image: str | None) -> tuple[str, str]:
    """Name and tag; localhost/ by default, so that nobody's image of that name is pulled instead."""
    if image is None:
        return f"localhost/{slug(component.name)}-runtime", "wolfi"
    match = _IMAGE.fullmatch(image)
    if match is None:
        raise BadInput(
            f"{visible(image, 80) or 'An empty word'} is not a name for an image",
            "names are in small letters, with an optional :TAG",
            "Write for example registry.example.com/team/runtime:1",
        )
    return match["name"], match["tag"] or "wolfi"


def _wolfi_catalog(catalog: Catalog, name: str, tag: str) -> Catalog:
    """Return the catalogue with images that apko can make where Chainguard's own runtimes stand.

    What is compiled is compiled on Debian 13, whose C library is older than Wolfi's, so that it runs there.
    """
    made: list[BaseImage] = []
    kept: list[BaseImage] = []
    for image in catalog.images:
        word = next((word for word in RUNTIMES if word in image.serves), None)
        if image.family != "chainguard" or word is None:
            kept.append(image)
        elif image.role == "runtime":
            made += _made(image, RUNTIMES[word], catalog, name, tag)
        elif image.version is None or word not in _BUILT_ON:
            kept.append(image)
    for word, family in _BUILT_ON.items():
        made += [
            replace(image, family="chainguard")
            for image in catalog.images
            if image.family == family and image.role == "builder" and word in image.serves
        ]
    return replace(catalog, images=(*made, *kept))


def _made(image: BaseImage, runtime: Runtime, catalog: Catalog, name: str, tag: str) -> list[BaseImage]:
    """Chainguard's own image as apko would make it for each version that is still supported."""
    product = catalog.products.get(image.product or "")
    found = []
    for version in runtime.versions or (None,):
        cycle = product.cycle(version) if product is not None and version is not None else None
        if version is not None and cycle is None:
            continue
        found.append(
            replace(
                image,
                name=name,
                tag=tag,
                version=version,
                shell=False,
                user=NONROOT,
                group=NONROOT,
                run_user=NONROOT,
                run_group=NONROOT,
                entrypoint=None,
                interpreter=_filled(runtime.interpreter, version) if runtime.interpreter else None,
                debug_tag=None,
                debug_shell=None,
                debug_entrypoint=None,
                lacks=(),
                note=None,
                end_of_life=cycle.ends if cycle else None,
                size_download=None,
                size_source=None,
            )
        )
    return found


def _without_packages(component: Component) -> Component:
    """They are installed by apko; a stage that adds them would be the second way to the same end."""
    return replace(
        component,
        facts=tuple(fact for fact in component.facts if fact.key != "packages"),
        parts=tuple(_without_packages(part) for part in component.parts),
    )


def _config(
    component: Component, base: BaseImage, runtime: Runtime, packages: tuple[str, ...], options: Options
) -> str:
    """Return apko.yaml: YAML whose texts are written as JSON, which is YAML too."""
    installed = [_filled(one, base.version) for one in runtime.packages]
    content: dict[str, Any] = {
        "contents": {
            "repositories": [REPOSITORY],
            "keyring": [KEYRING],
            "packages": list(dict.fromkeys((*installed, *packages))),
        },
        "accounts": {
            "groups": [{"groupname": "nonroot", "gid": NONROOT}],
            "users": [{"username": "nonroot", "uid": NONROOT, "gid": NONROOT, "homedir": "/home/nonroot"}],
            "run-as": str(NONROOT),
        },
        **({"entrypoint": {"command": base.interpreter}} if base.interpreter else {}),
        "work-dir": "/app",
        "environment": {"PATH": _PATH, "SSL_CERT_FILE": _BUNDLE, **runtime.environment},
        # Decimal, as apko's own lock files write modes: YAML 1.1 and 1.2 read 0o755 differently.
        "paths": [{"path": "/app", "type": "directory", "uid": 0, "gid": 0, "permissions": 0o755}],
        "archs": [_PLATFORMS[options.platform]]
        if options.platform in _PLATFORMS
        else list(_PLATFORMS.values()),
        "annotations": {"org.opencontainers.image.title": f"{slug(component.name)} runtime"},
        # Several layers, so that an update is fetched in part, as Chainguard's own images have it.
        "layering": {"strategy": "origin", "budget": 10},
    }
    title = f"{base.product} {base.version}" if base.version and base.product else "programs"
    lines = [
        f"# The runtime of {slug(component.name)} on Wolfi, for {title}: made by apko, without a shell or a package manager.",
        # YAML ends lines at more letters than a shell does.
        *(
            f"#   {command.encode('ascii', 'backslashreplace').decode()}"
            for command in _commands(base.reference, component.context)
        ),
        *_yaml(content, 0),
    ]
    return "\n".join(lines) + "\n"


def _yaml(value: Any, depth: int) -> list[str]:
    indent = "  " * depth
    lines: list[str] = []
    if isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, (dict, list)):
                lines += [f"{indent}{key}:", *_yaml(one, depth + 1)]
            else:
                lines.append(f"{indent}{key}: {json.dumps(one)}")
        return lines
    for one in value:
        if isinstance(one, dict):
            first, *rest = _yaml(one, depth + 1)
            lines += [f"{indent}- {first.strip()}", *rest]
        else:
            lines.append(f"{indent}- {json.dumps(one)}")
    return lines


def _filled(text: str, version: str | None) -> str:
    return text.replace("{version}", version or "")


def _commands(reference: str, context: str) -> tuple[str, ...]:
    # apko names what it loads NAME-ARCHITECTURE.
    loaded = f"{reference}-$(docker version --format '{{{{.Server.Arch}}}}')"
    return (
        f"apko build --arch host {FILE} {reference} runtime.tar",
        "docker load --input runtime.tar",
        f'docker tag "{loaded}" {reference}',
        f"docker build --file {DOCKERFILE} {shell_word(context)}",
    )
