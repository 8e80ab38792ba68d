"""What the recipe reads out of a Java component's facts, made fit for COPY and for a shell."""

from __future__ import annotations

import re

from slimdesk.basics.escaping import shell_word
from slimdesk.project.languages.java_frameworks import (
    CLASSES,
    INSTALLED,
    JAR,
    LIBRARIES,
    QUARKUS,
    SPRING_LAYERTOOLS,
    SPRING_TOOLS,
)
from slimdesk.project.model import Component, Evidence, Fact

LAYOUTS = frozenset({SPRING_TOOLS, SPRING_LAYERTOOLS, QUARKUS, JAR, LIBRARIES, INSTALLED, CLASSES})
# Words that COPY, WORKDIR and a shell take as they stand.
PLAIN = re.compile(r"[A-Za-z0-9_@+.][A-Za-z0-9_@+=,./-]*", re.ASCII)
_JAR = re.compile(r"[A-Za-z0-9_@+./*-]+\.(?:jar|war)", re.ASCII)
_CLASS = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*")
MAX_COPIED = 60


def layout(component: Component) -> str:
    """Return what the build leaves to be shipped; one runnable jar where the fact says nothing known."""
    word = component.value("layout")
    return word if word in LAYOUTS else JAR


def evidence(component: Component, *keys: str) -> Evidence | None:
    """Return the place of the first of these facts that has one."""
    return next((fact.evidence for key in keys if (fact := component.fact(key)) and fact.evidence), None)


def build_files(component: Component) -> dict[str, list[str]]:
    """Folder in the context -> the files in it that name dependencies; empty if there are too many or one is not plain."""
    found: dict[str, list[str]] = {}
    for count, fact in enumerate(component.all("build_file")):
        path = component.from_context(str(fact.value))
        if path is None or not PLAIN.fullmatch(path) or ".." in path.split("/") or count >= MAX_COPIED:
            return {}
        found.setdefault(path.rpartition("/")[0], []).append(path)
    return {} if component.value("build_files_many") is True else found


def build_folders(component: Component) -> list[str]:
    """Folders with the build's own plugins, from the context."""
    paths = [component.from_context(str(fact.value)) for fact in component.all("build_folder")]
    return [path for path in paths if path and PLAIN.fullmatch(path) and ".." not in path.split("/")]


def packed(component: Component, folder: str) -> str:
    """Return the jar that the build leaves, from the source's root, as a shell word; * stays a pattern."""
    path = packed_path(component, folder)
    return path if _JAR.fullmatch(path) and not path.startswith("-") else shell_word(path)


def packed_path(component: Component, folder: str) -> str:
    """Return the jar that the build leaves, from the source's root, as it stands; it may hold a *."""
    jar = component.value("jar")
    name = jar if isinstance(jar, str) else "target/*.jar"
    return f"{folder}/{name}" if folder else name


def start(component: Component, java: str, folder: str = "/app") -> tuple[str, ...] | None:
    """Return the words that start it with that java, its files being in `folder`; None if it is not known.

    A stated entry point is taken as it is but for its first word `java`; a stated main class replaces the detected one.
    """
    words = component.entrypoint
    if words is None:
        return _of_main_class(component, java, folder)
    stated = component.fact("entrypoint")
    if stated is not None or words[0] != "java":
        return (java, *words[1:]) if words[0] == "java" else words
    words = _with_main_class(component, words)
    memory = ("-XX:MaxRAMPercentage=75",) if component.port is not None else ()
    return (java, *memory, *_absolute(words[1:], folder))


def _of_main_class(component: Component, java: str, folder: str) -> tuple[str, ...] | None:
    name = component.value("main_class")
    if not isinstance(name, str) or not _CLASS.fullmatch(name):
        return None
    paths = {LIBRARIES: "app.jar:lib/*", INSTALLED: "lib/*", CLASSES: "classes:lib/*"}
    return (java, *_absolute(("-cp", paths.get(layout(component), "app.jar"), name), folder))


def _with_main_class(component: Component, words: tuple[str, ...]) -> tuple[str, ...]:
    name = component.value("main_class")
    if "-cp" in words and isinstance(name, str) and _CLASS.fullmatch(name):
        return (*words[:-1], name)
    return words


def _absolute(words: tuple[str, ...], folder: str) -> tuple[str, ...]:
    found = list(words)
    for at, word in enumerate(found[:-1]):
        if word == "-jar":
            found[at + 1] = f"{folder}/{found[at + 1]}"
        elif word == "-cp":
            found[at + 1] = ":".join(f"{folder}/{part}" for part in found[at + 1].split(":"))
    return tuple(found)


def stated(component: Component, key: str) -> Fact | None:
    """Return the first fact of that key; None if it says no, as a correction may."""
    fact = component.fact(key)
    return None if fact is None or fact.value is False else fact
