"""What compose files start inside the images that they build: entrypoint, command and healthcheck.

Rules of the Compose specification: a string for `command` or `entrypoint` is split into words, no shell; a list is
taken as it is; a string for `healthcheck.test` and a list that begins with CMD-SHELL go to /bin/sh -c; `entrypoint`
replaces the image's ENTRYPOINT and CMD, `command` only the CMD.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from slimdesk.project.calls_reading import Place, call_of_text, call_of_words
from slimdesk.project.compose import compose_files
from slimdesk.project.model import Call, CallKind, Component, Evidence
from slimdesk.project.walk import Tree
from slimdesk.project.yaml_nodes import Yaml, yaml_documents


def compose_calls(tree: Tree, built: Mapping[tuple[str, str], Component]) -> Iterable[Call]:
    """Yield the calls of every service that builds a component; `built` maps (file, service) to it."""
    wanted = {file for file, _ in built}
    for file in compose_files(tree):
        document = next(iter(yaml_documents(tree.text(file) or "")), None) if file in wanted else None
        for name, service in document.get("services").items() if document else ():
            component = built.get((file, name))
            if component is not None:
                yield from _service_calls(tree, file, service, component)


def _service_calls(tree: Tree, file: str, service: Yaml, component: Component) -> Iterable[Call]:
    entrypoint, command = service.get("entrypoint"), service.get("command")
    calls = [
        _start(tree, file, entrypoint, command, component),
        _healthcheck(tree, file, service.get("healthcheck", "test"), component),
        _hook(tree, file, service.get("post_start"), component, before_stop=False),
        _hook(tree, file, service.get("pre_stop"), component, before_stop=True),
    ]
    yield from (call for call in calls if call is not None)


def _start(tree: Tree, file: str, entrypoint: Yaml, command: Yaml, component: Component) -> Call | None:
    first, second = _words(entrypoint), _words(command)
    if first:
        place = Place("entrypoint", "compose", Evidence(file, entrypoint.line), component)
        return _call(tree, place, (first, second))
    if second:
        return _call(tree, Place("arguments", "compose", Evidence(file, command.line), component), (second,))
    return None


def _words(value: Yaml) -> tuple[str, ...] | str | None:
    return value.words() or value.text()


def _call(tree: Tree, place: Place, parts: tuple[tuple[str, ...] | str | None, ...]) -> Call | None:
    if len(parts) == 1 and isinstance(parts[0], str):
        return call_of_text(tree, place, _plain(parts[0]), by_shell=False)
    words: list[str] = []
    for part in parts:
        if isinstance(part, str):
            call = call_of_text(tree, place, _plain(part), by_shell=False)
            words += call.words if call else ()
        elif part:
            words += [_plain(word) for word in part]
    return call_of_words(tree, place, tuple(words))


def _healthcheck(tree: Tree, file: str, test: Yaml, component: Component) -> Call | None:
    place = Place("healthcheck", "compose", Evidence(file, test.line), component)
    words = test.words()
    if words:
        if words[0] == "CMD":
            return call_of_words(tree, place, tuple(_plain(word) for word in words[1:]))
        if words[0] == "CMD-SHELL" and len(words) > 1:
            return call_of_text(tree, place, _plain(words[1]), by_shell=True)
        return None
    text = test.text()
    return call_of_text(tree, place, _plain(text), by_shell=True) if text and text.upper() != "NONE" else None


def _hook(tree: Tree, file: str, hooks: Yaml, component: Component, *, before_stop: bool) -> Call | None:
    command = next((hook.get("command") for hook in hooks.entries() if hook.get("command")), None)
    if command is None:
        return None
    kind: CallKind = "pre-stop" if before_stop else "post-start"
    return _call(tree, Place(kind, "compose", Evidence(file, command.line), component), (_words(command),))


def _plain(text: str) -> str:
    # Compose takes $$ for a $ that the container is to see.
    return text.replace("$$", "$")
