"""Corrections of what was detected: the tables [components.NAME] of slimdesk.toml, and settings of a caller.

    [components.api]
    version = "1.24"
    entrypoint = ["/api"]
    port = 8080

A correction's evidence is its line in slimdesk.toml. What cannot be applied becomes a problem there, and an error where
a caller gave it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.project.budget import KEY, parse_budget
from slimdesk.project.facts import harmless
from slimdesk.project.joining import joined_again
from slimdesk.project.manifests import key_line, read_toml
from slimdesk.project.model import Component, Evidence, Fact, Project, Value
from slimdesk.project.package_names import wrong_package
from slimdesk.project.toml_lines import line_of_key, with_key
from slimdesk.project.walk import Tree, normal

FILE = "slimdesk.toml"
# Other tables that the file may hold, each read by its own package.
OTHER_TABLES = frozenset({"budgets", "catalog", "mirrors", "verify"})

TEXT, NUMBER, YES_NO, WORDS, FOLDER = "a text", "a number", "true or false", "a list of words", "a folder"
KINDS: dict[str, str] = {
    "version": TEXT, "package_manager": TEXT, "framework": TEXT, "entrypoint": WORDS, "port": NUMBER,
    "context": FOLDER,
    "build": TEXT, "start": TEXT, "package": TEXT, "binary": TEXT, "module": TEXT, "main_class": TEXT, "jar": TEXT,
    "assembly": TEXT, "wsgi": TEXT, "asgi": TEXT, "health_path": TEXT, "output": TEXT, "dockerfile": TEXT,
    "static_folder": FOLDER, "toolchain": TEXT, "build_tags": TEXT, "healthcheck": WORDS, "packages": WORDS,
    "budget": TEXT,
    "cgo": YES_NO, "cgo_cxx": YES_NO, "ca_certificates": YES_NO, "time_zones": YES_NO, "writes_tmp": YES_NO,
    "shell": YES_NO, "user_lookup": YES_NO, "vendored": YES_NO, "native": YES_NO,
}  # fmt: skip
_FIELDS = frozenset({"version", "package_manager", "framework", "entrypoint", "port", "context"})


class Refused(Exception):
    """Why a correction cannot be applied, as a sentence."""


def apply_file(tree: Tree, components: tuple[Component, ...]) -> tuple[Component, ...]:
    """Apply slimdesk.toml, if there is one; what it holds that cannot be applied is noted in `tree.problems`."""
    data = read_toml(tree, FILE)
    if not data:
        return components
    text = tree.text(FILE) or ""
    for key in data:
        if key != "components" and key not in OTHER_TABLES:
            tree.problem(
                f"{FILE} has a table {visible(key, 60)} that is not known", FILE, key_line(text, key)
            )
    tables = data.get("components", {})
    if not isinstance(tables, dict):
        tree.problem(f"components in {FILE} must be a table", FILE, key_line(text, "components"))
        return components
    corrected = list(components)
    for name, table in tables.items():
        line = line_of_key(text, ("components", name))
        at = [number for number, one in enumerate(corrected) if name in (one.name, one.path)]
        if not isinstance(table, dict):
            tree.problem(f"components.{visible(name, 60)} in {FILE} must be a table", FILE, line)
        elif not at:
            names = ", ".join(one.name for one in components) or "none"
            tree.problem(
                f"{FILE} corrects {visible(name, 60)}, which is not a component (there is {names})",
                FILE,
                line,
            )
        else:
            for number in at:
                corrected[number] = _corrected_by_table(tree, corrected[number], table, (text, name))
    return tuple(corrected)


def apply_settings(project: Project, settings: Mapping[str, str]) -> Project:
    """Apply FACT -> VALUE or COMPONENT.FACT -> VALUE; the first kind goes to every component that knows the fact.

    Raises BadInput for an unknown fact or component, or a value of the wrong kind.
    """
    components = list(project.components)
    for word, value in settings.items():
        owner, _, key = word.rpartition(".")
        at = [number for number, one in enumerate(components) if not owner or owner in (one.name, one.path)]
        if owner and not at:
            names = ", ".join(one.name for one in components)
            raise BadInput(
                f"There is no component {owner}", f"the project has {names}", "Choose one of these"
            )
        if not owner and key not in KINDS:
            # A fact of one language's own goes to the components that have it.
            at = [number for number in at if components[number].fact(key) is not None] or at
        for number in at:
            try:
                parsed = value_from_text(components[number], key, value)
                components[number] = corrected(components[number], key, parsed, None)
            except Refused as error:
                raise BadInput(f"{word}={value} cannot be set", str(error), "Correct the value") from None
    return replace(project, components=tuple(components), joined=joined_again(project.joined, components))


def corrected(component: Component, key: str, value: Any, evidence: Evidence | None) -> Component:
    """Return the component with one fact replaced. Raises Refused for an unknown key or a value of the wrong kind."""
    checked = _checked(component, key, value)
    facts = [fact for fact in component.facts if fact.key != key]
    place = next((at for at, fact in enumerate(component.facts) if fact.key == key), len(facts))
    facts.insert(place, Fact(key, checked, evidence))
    changed = replace(component, facts=tuple(facts))
    fields: dict[str, Any] = {key: checked} if key in _FIELDS else {}
    return replace(changed, **fields)


def value_from_text(component: Component, key: str, text: str) -> Value:
    """Return a value as the fact wants it, from what a person typed. Raises Refused."""
    kind = kind_of(component, key)
    if kind == NUMBER:
        if not text.strip().isascii() or not text.strip().isdigit():
            raise Refused(f"{key} must be {kind}")
        return int(text.strip()[:10])
    if kind == YES_NO:
        word = text.strip().lower()
        if word not in ("true", "false", "yes", "no", "1", "0"):
            raise Refused(f"{key} must be {kind}")
        return word in ("true", "yes", "1")
    if kind == WORDS:
        return _words(key, text)
    return text


def kind_of(component: Component, key: str) -> str:
    """Return which kind of value a fact has. Raises Refused for a fact that nobody knows."""
    if key in KINDS:
        return KINDS[key]
    fact = component.fact(key)
    if fact is None:
        raise Refused(f"{key} is not a fact of {component.name}; known are {', '.join(sorted(KINDS))}")
    if isinstance(fact.value, bool):
        return YES_NO
    return NUMBER if isinstance(fact.value, int) else WORDS if isinstance(fact.value, tuple) else TEXT


def _corrected_by_table(
    tree: Tree, component: Component, table: dict[str, Any], place: tuple[str, str]
) -> Component:
    text, name = place
    for key, value in table.items():
        evidence = Evidence(FILE, line_of_key(text, ("components", name, key)))
        try:
            component = corrected(component, key, value, evidence)
        except Refused as error:
            tree.problem(f"{FILE}: {visible(str(error), 400)}", FILE, evidence.line)
    return component


def _checked(component: Component, key: str, value: Any) -> Value:
    kind = kind_of(component, key)
    if kind == NUMBER and isinstance(value, int) and not isinstance(value, bool):
        if key == "port" and not 0 < value < 65_536:
            raise Refused("port must be between 1 and 65535")
        return value
    if kind == YES_NO and isinstance(value, bool):
        return value
    if kind == WORDS:
        if isinstance(value, str):
            value = _words(key, value)
        if isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value):
            clean = harmless(tuple(value))
            if key == "packages" and (wrong := wrong_package(value)) is not None:
                raise Refused(wrong)
            if clean is not None:
                return clean
    if kind in (TEXT, FOLDER) and isinstance(value, str):
        clean = harmless(value)
        if key == KEY and clean is not None:
            _check_budget(str(clean))
        if key == "health_path" and clean is not None:
            # As an address has it: people write healthz too.
            return "/" + str(clean).removeprefix("/")
        if clean is not None and (kind == TEXT or normal(str(clean)) is not None):
            return normal(str(clean)) if kind == FOLDER else clean
        if kind == FOLDER:
            raise Refused(f"{key} must be a folder inside of the project")
    raise Refused(f"{key} must be {kind}")


def _check_budget(text: str) -> None:
    try:
        parse_budget(text)
    except ValueError:
        raise Refused('budget must be a size such as "50MB" or "20MB download"') from None


def _words(key: str, text: str) -> tuple[str, ...]:
    """Split what a person typed: a JSON list, or words as a shell would split them."""
    if text.lstrip().startswith("["):
        try:
            words = json.loads(text)
        except (ValueError, RecursionError):
            raise Refused(f'{key} must be {WORDS}, such as ["node", "server.js"]') from None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return tuple(words)
        raise Refused(f"{key} must be {WORDS}")
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise Refused(f"{key} cannot be split into words: {error}") from None


def text_with_correction(old: str, component: str, key: str, value: Value) -> str:
    """Return slimdesk.toml's new text with one correction set, or taken back where `value` is None.

    Pure: the caller shows the difference and writes. All else in the text stays as it was. Raises ProjectError if `old` is
    not TOML or cannot be changed line by line.
    """
    return with_key(old, ("components", component), key, value)
