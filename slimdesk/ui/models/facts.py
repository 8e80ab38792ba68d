"""The facts of a component as rows: grouped, several of one kind joined, with a question where something is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.project.corrections import KINDS
from slimdesk.project.languages.registry import title_of
from slimdesk.project.model import Component, Evidence, Fact, Value

CORRECTED_IN = "slimdesk.toml"
TITLES = {
    "profile": "Profile", "version": "Version", "version_pin": "Pinned version", "toolchain": "Toolchain", "framework": "Framework",
    "cgo": "Needs cgo", "native": "Native package", "typescript": "TypeScript", "package_manager": "Package manager",
    "lock": "Lock file", "lock_file": "Lock file", "build": "Build command", "package": "Package", "module": "Module", "binary": "Binary",
    "entrypoint": "Entry point", "start": "Start command", "asgi": "ASGI application", "wsgi": "WSGI application", "port": "Port",
    "other_port": "Also listens on", "health_path": "Health path", "env": "Environment", "env_required": "Must be set", "env_file": "Example values",
    "time_zones": "Time zones", "ca_certificates": "CA certificates", "writes_tmp": "Writes to /tmp", "shell": "Starts a shell",
    "program": "Starts programs", "dockerfile": "Dockerfile", "vendored": "Vendored", "workspace": "Workspace", "requirements": "Requirements",
    "installable": "Installable", "build_tags": "Build tags", "add_dependency": "Added in the image", "output": "Build output",
    "lockfile": "Lock file", "build_file": "Build file", "build_system": "Build system", "main_class": "Main class", "jar": "Jar", "layout": "Layout",
    "framework_version": "Framework version", "rust_version": "Least Rust", "edition": "Edition", "static_folder": "Serves files from",
    "static_embedded": "Files in the program", "output_folder": "Served folder", "base_path": "Base path", "spa": "One page for all paths",
    "build_variable": "Baked in at build", "packages": "Packages", "build_package": "Compiled against", "runtime_package": "Loads when it runs",
    "system_library": "System library", "port_env": "Port from", "handles_sigterm": "Handles SIGTERM", "module_type": "Module type",
    "runtime": "Runtime", "cxx": "C++", "extension": "Extensions", "web_root": "Web root", "front_controller": "Front controller",
    "gemfile": "Gemfile", "server": "Server", "assembly": "Assembly", "dependencies": "Dependencies", "development_dependencies": "Development dependencies",
    "browser": "Drives a browser", "collect_static": "Static files go to", "settings_variable": "Settings ask for", "migrations": "Migrations",
    "private_index": "Private index", "private_modules": "Private modules", "no_musl_wheel": "No wheel for musl", "start_env": "Set in the image",
    "subcommand": "Subcommand", "version_variable": "Version goes to", "path_dependency": "Package in the project", "loads": "Loads libraries",
}  # fmt: skip
GROUPS = {
    "Language": ("profile", "version", "version_pin", "toolchain", "framework", "framework_version", "typescript", "module_type", "runtime", "edition", "rust_version", "cxx", "cgo", "native"),
    "Build": ("package_manager", "build_system", "build_file", "lock", "lock_file", "lockfile", "gemfile", "requirements", "dependencies", "development_dependencies", "build", "package", "module", "binary", "workspace", "vendored", "installable", "main_class", "jar", "assembly", "layout", "output", "output_folder", "build_variable", "collect_static", "settings_variable", "private_index", "private_modules", "path_dependency", "version_variable", "no_musl_wheel", "build_package", "system_library", "dockerfile"),
    "Run": ("entrypoint", "subcommand", "start_env", "asgi", "wsgi", "start", "server", "port", "port_env", "other_port", "health_path", "web_root", "front_controller", "base_path", "spa", "static_folder", "extension", "packages", "runtime_package", "env_required", "env", "env_file", "time_zones", "ca_certificates", "writes_tmp", "shell", "program", "browser", "loads", "migrations", "add_dependency"),
}  # fmt: skip
# Facts that help recipes and mean nothing to a person.
HIDDEN = frozenset(
    {
        "requires",
        "serves",
        "network",
        "replace",
        "embed",
        "import",
        "runtime_file",
        "module_file",
        "user_lookup",
        "source_root",
        "source",
        "main",
        "project",
        "reactor",
        "manifest",
        "start_script",
        "gradle_task",
        "compiled",
        "local_packages",
        "static_embedded",
        "profile_panic",
        "musl_wheels",
    }
)
NO_VALUE = "not known"
# A web server of the image's starts, not something of the project.
SERVED = frozenset({"web", "php"})


@dataclass(frozen=True, slots=True)
class FactRow:
    """A heading (no `key`), or one fact. `place` is the evidence as text; `asks` is why it should be corrected."""

    title: str
    key: str = ""
    value: str = ""
    place: str = ""
    path: str | None = None
    line: int | None = None
    correctable: bool = False
    corrected: bool = False
    asks: str = ""
    tip: str = ""

    @property
    def heading(self) -> bool:
        """Whether it is a group's title."""
        return not self.key


def fact_rows(component: Component) -> list[FactRow]:
    """Return headings and facts in the order of the page; the entry point and a version are there even if not known."""
    known: dict[str, list[Fact]] = {}
    for fact in component.facts:
        known.setdefault(fact.key, []).append(fact)
    basic: dict[str, Value] = {
        "profile": title_of(component.profile),
        "version": component.version,
        "framework": component.framework,
        "package_manager": component.package_manager,
        "entrypoint": component.entrypoint,
        "port": component.port,
    }
    rows: list[FactRow] = []
    placed: set[str] = set(HIDDEN)
    for group, keys in GROUPS.items():
        rows.append(FactRow(group))
        for key in keys:
            placed.add(key)
            if key in basic:
                rows += _basic_row(key, basic[key], known.get(key, []), component)
            elif key in known:
                rows.append(_row(key, known[key]))
    rest = [key for key in known if key not in placed]
    if rest:
        rows.append(FactRow("More"))
        rows += [_row(key, known[key]) for key in rest]
    return rows


def value_text(value: Value) -> str:
    """Return a value as the page shows it: argv as JSON, yes and no in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return NO_VALUE if value is None else str(value)


def _basic_row(key: str, value: Value, facts: Sequence[Fact], component: Component) -> list[FactRow]:
    asks = ""
    if value is None:
        if key == "entrypoint" and component.profile in SERVED:
            return []
        if key == "entrypoint":
            asks = "What starts it was not found: say it here"
        elif key == "port" and component.value("serves"):
            asks = "It serves, but its port was not found: say it here"
        elif key in ("framework", "port", "package_manager"):
            return []
    if facts and key != "entrypoint":
        row = _row(key, facts)
        return [
            FactRow(
                row.title,
                key,
                value_text(value),
                row.place,
                row.path,
                row.line,
                key in KINDS,
                row.corrected,
                asks,
                row.tip,
            )
        ]
    evidence = facts[0].evidence if facts else _start_evidence(component) if key == "entrypoint" else None
    place = str(evidence) if evidence else ""
    return [
        FactRow(
            TITLES[key],
            key,
            value_text(value),
            place,
            evidence.path if evidence else None,
            evidence.line if evidence else None,
            key in KINDS,
            evidence is not None and evidence.path == CORRECTED_IN,
            asks,
        )
    ]


def _row(key: str, facts: Sequence[Fact]) -> FactRow:
    first = facts[0]
    texts = list(dict.fromkeys(value_text(fact.value) for fact in facts))
    shown = ", ".join(texts[:3]) + (f", +{len(texts) - 3}" if len(texts) > 3 else "")
    evidence = first.evidence
    tip = (
        "\n".join(f"{value_text(fact.value)}  {fact.evidence or ''}" for fact in facts[:40])
        if len(facts) > 1
        else ""
    )
    return FactRow(
        TITLES.get(key, key.replace("_", " ").capitalize()),
        key,
        shown,
        str(evidence) if evidence else "",
        evidence.path if evidence else None,
        evidence.line if evidence else None,
        key in KINDS and len(texts) == 1,
        evidence is not None and evidence.path == CORRECTED_IN,
        "",
        tip,
    )


def _start_evidence(component: Component) -> Evidence | None:
    for key in ("start", "asgi", "wsgi", "package", "binary", "main_class", "jar", "module"):
        fact = component.fact(key)
        if fact is not None and fact.evidence is not None:
            return fact.evidence
    return None
