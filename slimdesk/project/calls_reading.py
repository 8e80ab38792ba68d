"""From the words or the text that a file gives to a Call: what it needs, and what it is for."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from slimdesk.basics.escaping import without_controls
from slimdesk.project.calls_tasks import tasks_of
from slimdesk.project.manifests import read_json
from slimdesk.project.model import Call, CallKind, CallSource, Component, Evidence
from slimdesk.project.shell import SHELLS, Script, handed_over, read_script, started_by
from slimdesk.project.walk import Tree, join, normal

MAX_WORDS = 100
MAX_WORD = 4_000
MAX_SCRIPT = 65_536
_SHEBANG = re.compile(r"#!\s*(\S+)(?:[ \t]+(\S+))?")
_SCRIPT_NAME = re.compile(
    r"(?:[\w.-]*(?:entry[-_]?point|start|run|boot|init|launch|wait)[\w.-]*|[\w.-]+\.(?:sh|bash))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call stands and whom it is for; `folders` are where its script files may be, the likeliest first."""

    kind: CallKind
    source: CallSource
    evidence: Evidence | None
    component: Component | None = None


def call_of_words(tree: Tree, place: Place, words: tuple[str, ...]) -> Call | None:
    """Return the call that an exec-form list of words makes; None for an empty one."""
    words = tuple(without_controls(word.replace("\n", " "))[:MAX_WORD] for word in words[:MAX_WORDS])
    if not any(words):
        return None
    started, text = started_by(words)
    if text is not None:
        original = next((word for word in words if word == text), text)
        return _call(tree, place, words, read_script(original), original, named=_shell_of(started))
    if started and started[0].rsplit("/", 1)[-1] in SHELLS:
        return _shell_call(tree, place, words, started)
    script = read_script(" ".join(shlex.quote(word) for word in words))
    return _call(tree, place, words, script, None, named=None)


def call_of_text(tree: Tree, place: Place, text: str, *, by_shell: bool) -> Call | None:
    """Return the call that a line of text makes.

    `by_shell` False: the line is only split into words (Compose's command), quotes as a shell has them.
    """
    text = text.strip()[:MAX_SCRIPT]
    if not text:
        return None
    if not by_shell:
        try:
            words = tuple(shlex.split(text.replace("\n", " ")))
        except ValueError:
            words = tuple(text.split())
        return call_of_words(tree, place, words)
    return _call(
        tree,
        place,
        (without_controls(text.replace("\n", " "))[:MAX_WORD],),
        read_script(text),
        text,
        named="sh",
    )


def _shell_call(tree: Tree, place: Place, words: tuple[str, ...], started: tuple[str, ...]) -> Call | None:
    """A shell that is given a script file, or nothing (a person's shell)."""
    named = next((word for word in started[1:] if not word.startswith("-")), None)
    file = _script_file(tree, place.component, named) if named else None
    text = (tree.text(file) or "") if file else ""
    return _call(tree, place, words, read_script(text), text or None, named=_shell_of(started), file=file)


def _call(
    tree: Tree,
    place: Place,
    words: tuple[str, ...],
    script: Script,
    text: str | None,
    *,
    named: str | None,
    file: str | None = None,
) -> Call:
    programs = list(script.programs)
    tasks = tasks_of(script, text if text is not None else " ".join(words))
    features, variables = set(script.features), list(script.variables)
    if text is None:
        # Words are handed over as they are: nothing in them is expanded.
        features, variables = set(), []
    # The first of a project's own scripts that it starts decides what is needed.
    for command in script.commands if file is None else ():
        found = _script_file(tree, place.component, command.words[0]) if command.words else None
        if found is None or not _is_shell_script(tree, found):
            continue
        content = (tree.text(found) or "")[:MAX_SCRIPT]
        inner = read_script(content)
        name = command.program
        programs = [one for one in programs if one != name] + list(inner.programs)
        tasks = (*tasks, *tasks_of(inner, content))
        features |= inner.features
        variables += inner.variables
        named = _needed_shell(content, inner) if named in (None, "sh") else named
        text, file = content, found
        if "hands-over" in inner.features:
            # exec "$@": what stands behind the script is started in the end.
            rest = handed_over(command.words)
            programs = [
                one for one in programs if one not in {word.rsplit("/", 1)[-1] for word in command.words}
            ]
            programs += [*inner.programs, *read_script(shlex.join(rest)).programs]
        break
    needed = [named] if named else []
    return Call(
        kind=place.kind,
        source=place.source,
        words=words,
        evidence=place.evidence,
        component=place.component.name if place.component else None,
        script=text,
        file=file,
        shell=named is not None,
        programs=tuple(dict.fromkeys(without_controls(one)[:100] for one in (*needed, *programs) if one)),
        tasks=tuple(dict.fromkeys(tasks)),
        features=tuple(sorted(features)),
        variables=tuple(dict.fromkeys(variables))[:50],
        stands_for=_manager_script(tree, place.component, script),
    )


def _manager_script(tree: Tree, component: Component | None, script: Script) -> str | None:
    """Return the text of the package.json script that the first npm, yarn or pnpm command runs."""
    if component is None or component.profile != "node":
        return None
    for command in script.commands:
        if command.program in ("npm", "yarn", "pnpm"):
            rest = [word for word in command.words[1:] if not word.startswith("-")]
            name = (
                rest[1] if rest[:1] in (["run"], ["run-script"]) and len(rest) > 1 else next(iter(rest), "")
            )
            scripts = (read_json(tree, join(component.path, "package.json")) or {}).get("scripts")
            text = scripts.get(name) if isinstance(scripts, dict) else None
            return without_controls(text)[:MAX_WORD] if isinstance(text, str) else None
    return None


def _shell_of(started: tuple[str, ...]) -> str:
    return started[0].rsplit("/", 1)[-1]


def _needed_shell(content: str, script: Script) -> str:
    """Return the shell that a script's first line names; bash where it uses bash's own words."""
    match = _SHEBANG.match(content)
    if match:
        name = match.group(1).rsplit("/", 1)[-1]
        name = (match.group(2) or "sh") if name == "env" else name
        if name in SHELLS:
            return name
    return "bash" if "bash" in script.features else "sh"


def _is_shell_script(tree: Tree, path: str) -> bool:
    match = _SHEBANG.match((tree.text(path) or "")[:200])
    if match is None:
        return path.endswith((".sh", ".bash"))
    name = match.group(1).rsplit("/", 1)[-1]
    return (match.group(2) if name == "env" else name) in SHELLS


def _script_file(tree: Tree, component: Component | None, word: str) -> str | None:
    """Return the project's file that a word such as /docker-entrypoint.sh or ./scripts/start.sh names; None if unsure."""
    name = word.rsplit("/", 1)[-1]
    if not _SCRIPT_NAME.fullmatch(name):
        return None
    folders = dict.fromkeys((component.path, component.context, ".") if component else (".",))
    inside = word.removeprefix("./").lstrip("/")
    # /app/scripts/start.sh is scripts/start.sh of the folder that was copied to /app.
    tails = [inside.split("/", cut)[-1] for cut in range(inside.count("/") + 1)]
    for folder in folders:
        for tail in tails:
            path = normal(join(folder, tail))
            if path is not None and tree.has(path):
                return path
    under = {folder for folder in folders if folder != "."}
    named = [
        path for path in tree.named(name) if not under or any(path.startswith(f"{one}/") for one in under)
    ]
    return named[0] if len(named) == 1 else None
