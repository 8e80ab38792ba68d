"""What the Rust recipe reads from a component, made safe for the place where it is written."""

from __future__ import annotations

import re

from slimdesk.basics.escaping import shell_word, slug
from slimdesk.catalog.model import BaseImage
from slimdesk.project.model import Component
from slimdesk.recipes.go_facts import PLAIN
from slimdesk.recipes.native_packages import Needed, packages_for

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", re.ASCII)
_VERSION = re.compile(r"(\d+)\.(\d+)")
_CHANNEL = re.compile(r"(?:stable|beta|nightly)(?:-\d{4}-\d{2}-\d{2})?|\d+\.\d+(?:\.\d+)?", re.ASCII)


def binary_name(component: Component) -> str:
    """Return the program that cargo is asked for."""
    name = str(component.value("binary") or component.value("package") or component.name)
    return name if _NAME.fullmatch(name) else slug(name)


def program_file(component: Component) -> str:
    """Return the name under which it is shipped: the entry point's, where the project or a person gives one."""
    words = component.entrypoint or ()
    name = words[0].rsplit("/", 1)[-1] if words else ""
    binaries = {str(fact.value) for fact in component.all("binary")}
    return name if name in binaries and _NAME.fullmatch(name) else binary_name(component)


def cargo_arguments(component: Component) -> str:
    """Return what follows `cargo build --release`: the lock, the package, the program and its features."""
    inside = component.folder
    words = ["--locked"] if component.value("lock_file") is not None else []
    if inside:
        words += ["--manifest-path", shell_word(f"{inside}/Cargo.toml")]
    words += ["--bin", shell_word(program_file(component))]
    features = component.value("features")
    if features:
        names = [features] if isinstance(features, str) else list(features)
        words += ["--features", shell_word(",".join(str(name) for name in names))]
    words += ["--target-dir", "/target"]
    return " ".join(words)


def needed_packages(component: Component, *, alpine: bool, static: bool = False) -> Needed:
    """Return the packages that the crates with C code need."""
    tools = [str(fact.value) for fact in component.all("build_tool")]
    libraries = list(component.all("system_library"))
    if libraries and "pkg-config" not in tools:
        tools.append("pkg-config")
    if not libraries and tools == ["pkg-config"]:
        tools = []
    return packages_for(libraries, tools, alpine=alpine, static=static)


def wanted_toolchain(component: Component, builder: BaseImage) -> str | None:
    """Return the toolchain that rustup has to fetch: one that the image is not, and that is not older than it.

    Newer releases of Rust compile what older ones did (https://doc.rust-lang.org/stable/book/appendix-07-nightly-rust.html).
    """
    held = _series(builder.version)
    channel = component.value("toolchain")
    if isinstance(channel, str) and _CHANNEL.fullmatch(channel):
        series = _series(channel)
        newer = series is not None and held is not None and series > held
        return channel if newer or channel.startswith(("nightly", "beta")) else None
    stated = _series(component.value("rust_version") or component.version)
    if stated is not None and held is not None and stated > held:
        return f"{stated[0]}.{stated[1]}"
    return None


def kept_folders(component: Component) -> tuple[str, ...]:
    """Return folders, from the context, whose sources the dependencies are built from: vendored and patched crates."""
    prefix = "" if component.context in (".", "") else f"{component.context}/"
    found: dict[str, None] = {}
    for key in ("vendor_folder", "patched"):
        for fact in component.all(key):
            path = str(fact.value)
            inside = path.removeprefix(prefix)
            if path.startswith(prefix) and PLAIN.fullmatch(inside) and ".." not in inside.split("/"):
                found[inside] = None
    return tuple(found)


def ignored(component: Component, builder: BaseImage) -> tuple[str, ...]:
    """Return patterns for .dockerignore: cargo's output, and a toolchain file that would make rustup fetch an older Rust."""
    found = ["target", "**/*.rs.bk"]
    inside = component.folder
    if inside and PLAIN.fullmatch(inside):
        found.append(f"{inside}/target")
    fact = component.fact("toolchain")
    if fact is not None and wanted_toolchain(component, builder) is None:
        found += ["**/rust-toolchain", "**/rust-toolchain.toml"]
    return tuple(found)


def _series(version: object) -> tuple[int, int] | None:
    match = _VERSION.match(version) if isinstance(version, str) else None
    return (int(match.group(1)), int(match.group(2))) if match else None
