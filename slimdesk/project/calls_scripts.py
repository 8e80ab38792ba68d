"""What people's scripts start inside the image from outside: docker exec, docker compose exec and run, kubectl exec.

Looked for in Makefiles, shell scripts, task runners, CI files and package.json scripts, line by line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from slimdesk.basics.escaping import slug
from slimdesk.project.calls_reading import Place, call_of_words
from slimdesk.project.model import Call, CallKind, Component, Evidence
from slimdesk.project.services import known_name
from slimdesk.project.walk import Tree

MAX_FILES = 100
MAX_SIZE = 131_072
MAX_CALLS = 100
_FILES = (
    "Makefile", "makefile", "GNUmakefile", "*.mk", "justfile", "Justfile", "Taskfile.yml", "Taskfile.yaml", "*.sh", "package.json",
    ".gitlab-ci.yml", "Jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", "Rakefile", "fabfile.py", "tasks.py",
)  # fmt: skip
_ASIDE = frozenset(
    {"testdata", "test", "tests", "fixtures", "docs", "examples", "vendor", "third_party", ".devcontainer"}
)
_COMMAND = re.compile(
    r"(?<![\w.-])(?:(docker|podman|nerdctl)(?:(?:[ \t]+compose|-compose)\b([^\n;|&]{0,200}?))?[ \t]+(?:container[ \t]+)?(exec|run)|(kubectl|oc)\b([^\n;|&]{0,200}?)[ \t]exec)[ \t]+([^\n]*)"
)
_TAKES_WORD = frozenset({
    "-e", "--env", "-u", "--user", "-w", "--workdir", "--env-file", "-v", "--volume", "-p", "--publish", "--name", "--network", "--net",
    "--entrypoint", "-l", "--label", "-m", "--memory", "--cpus", "--mount", "--platform", "-n", "--namespace", "-c", "--container", "-h",
    "--hostname", "--index", "--restart", "--context", "-f", "--file", "--add-host", "--cap-add", "--tmpfs", "--user-ns", "--link", "--ulimit",
})  # fmt: skip
_QUOTED_END = re.compile(r"[;|&<>]")


def script_calls(
    tree: Tree, components: tuple[Component, ...], services: dict[str, Component]
) -> Iterable[Call]:
    """Yield what scripts start inside a component's container; `services` maps Compose's service names to components."""
    names = services | {component.name: component for component in components}
    files = [path for path in tree.named(*_FILES) if not _ASIDE.intersection(path.split("/")[:-1])]
    workflows = [path for path in tree.named("*.yml", "*.yaml") if path.startswith(".github/workflows/")]
    found = 0
    for path in (*files[:MAX_FILES], *workflows[:20]):
        if tree.files[path].size > MAX_SIZE:
            continue
        text = tree.text(path) or ""
        if " exec" not in text and " run" not in text:
            continue
        for match in _COMMAND.finditer(text):
            place = Evidence(path, text.count("\n", 0, match.start()) + 1)
            call = _call(tree, place, match, names, components)
            if call is not None:
                yield call
                found += 1
                if found >= MAX_CALLS:
                    return


def _call(
    tree: Tree,
    evidence: Evidence,
    match: re.Match[str],
    names: dict[str, Component],
    components: tuple[Component, ...],
) -> Call | None:
    rest = match.group(6)
    if evidence.path.endswith(".json"):
        # A string of JSON: it ends at the first quote that is not escaped.
        rest = re.split(r'(?<!\\)"', rest)[0].replace('\\"', '"')
    rest = rest.strip().rstrip('",\\')
    words = _words(rest)
    target, command, entrypoint = _split(words, kubernetes=match.group(4) is not None)
    component = _component(target, names, components)
    if component is None or (not command and not entrypoint):
        return None
    # `docker run IMAGE words` and `compose run` hand words to the ENTRYPOINT; exec starts them beside it.
    kind: CallKind = "exec" if match.group(4) or match.group(3) == "exec" else "arguments"
    if kind == "arguments" and not entrypoint and "://" in command[0]:
        return None  # an address is handed to the program, it is none
    if entrypoint:
        kind, command = "entrypoint", (entrypoint, *command)
    return call_of_words(tree, Place(kind, "script", evidence, component), command)


def _words(rest: str) -> list[str]:
    """Return the words up to what ends the command; quotes may be unbalanced."""
    lexer = shlex.shlex(rest, posix=True, punctuation_chars=";|&<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if _QUOTED_END.match(word):
                break
            words.append(word)
    except ValueError:
        return _QUOTED_END.split(rest)[0].split()
    return words


def _split(words: list[str], *, kubernetes: bool) -> tuple[str, tuple[str, ...], str | None]:
    """Return whom the command is for, the command, and the entry point that --entrypoint names."""
    at, entrypoint = 0, None
    target = ""
    while at < len(words):
        word = words[at]
        name, sign, value = word.partition("=")
        if word == "--":
            at += 1
            break
        if word.startswith("-"):
            if name == "--entrypoint":
                entrypoint = value if sign else next(iter(words[at + 1 : at + 2]), None)
            at += 2 if word in _TAKES_WORD else 1
        elif not target:
            target = word
            at += 1
            if not kubernetes:
                break
        else:
            break
    return target, tuple(words[at:]), entrypoint


def _component(
    target: str, names: dict[str, Component], components: tuple[Component, ...]
) -> Component | None:
    """Return the component that a container, service or image of that name runs."""
    plain = target.rsplit("/", 1)[-1].partition(":")[0].partition("@")[0]
    if not plain:
        return None
    if plain in names or slug(plain) in names:
        return names.get(plain) or names.get(slug(plain))
    if known_name(plain):
        return None
    inside = [one for name, one in names.items() if name in plain.replace("_", "-").split("-")]
    if len({one.name for one in inside}) == 1:
        return inside[0]
    # $(IMAGE), $POD: of a single component it can only be that.
    return components[0] if len(components) == 1 and ("$" in plain or "{" in plain) else None
