"""From package.json's scripts to the words that start the program without a shell, npm or npx."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from slimdesk.project.languages.node_frameworks import BINARIES, TYPESCRIPT_RUNNERS
from slimdesk.project.languages.node_package import Package
from slimdesk.project.languages.node_typescript import Compiler
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join, normal

MAX_DEPTH = 6
MAX_WORDS = 100

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,99})=(.*)", re.DOTALL)
_OPERATORS = frozenset({"&&", "||", ";", "&", "|"})
# Flags of node that take the next word as their value.
_VALUE_FLAGS = frozenset(
    {"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--title"}
)
# What helps to develop, or reads a file that no image should hold.
_DROPPED_FLAG = re.compile(r"--(?:inspect|watch|env-file(?!-if-exists)|no-warnings-file|debug)(?:[-=].*)?$")
_WRAPPERS = frozenset({
    "exec", "npx", "bunx", "nice", "dumb-init", "tini", "nodemon", "node-dev", "forever", "pm2-runtime", "dotenvx", "cross-env",
    "cross-env-shell", "dotenv", "dotenv-flow", "env-cmd", "env", "doppler", "infisical", "nyc", "c8", "pnpx",
})  # fmt: skip
# A wrapper's own words, before the program that it starts.
_WRAPPER_VALUE_FLAGS = frozenset({
    "-e", "-f", "-n", "-w", "--watch", "--ext", "--exec", "-x", "-i", "--ignore", "--delay", "--env", "--path", "-c", "--max-memory-restart",
    "--name",
})  # fmt: skip
_PM2_FLAGS = frozenset({"--no-daemon", "--attach", "--update-env", "--watch"})
_ECOSYSTEM = re.compile(
    r"ecosystem[\w.-]*\.(?:json|[cm]?js)|(?:pm2|process(?:es)?)[\w.-]*\.json|[\w.-]+\.config\.[cm]?js"
)
_ECOSYSTEM_SCRIPT = re.compile(r"""(?<![\w.])["']?script["']?\s*:\s*["']([^"'\n]{1,200})["']""")
_ECOSYSTEM_ARGS = re.compile(r"""(?<![\w.])["']?args["']?\s*:\s*["']([^"'\n]{1,200})["']""")
_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
_BUN_DEVELOPMENT = frozenset({"--watch", "--hot", "--no-clear-screen"})
_BUILD_WORDS = frozenset({
    "tsc", "rimraf", "rm", "mkdir", "mkdirp", "cp", "cpx", "copyfiles", "cpy", "webpack", "rollup", "esbuild", "tsup", "swc", "babel", "vite",
    "eslint", "prettier", "tsc-alias", "ncc", "echo", "cd", "set", "export", "sleep", "wait-on", "wait-for-it", "chmod", "test", "[", "true",
    "clear", "husky", "ncu", "unbuild", "parcel", "gulp", "grunt", "tsc-watch", "nx", "turbo", "lerna", "jest", "vitest", "mocha",
})  # fmt: skip
_DEVELOPMENT_FIRST = ("tsx", "ts-node", "ts-node-dev", "tsnd", "ts-node-esm")
_TYPESCRIPT = re.compile(r"(?<!\.d)\.[cm]?tsx?$")
_SCRIPT = re.compile(r"\.(?:[cm]?js|json)$")


@dataclass(slots=True)
class Start:
    """How the program starts.

    `words` is argv, its paths relative to the package; `script` the npm script it was read from. `also` are commands
    that the script runs before it and the image does not. `runner` is the package that runs TypeScript as it stands.
    """

    words: tuple[str, ...]
    evidence: Evidence
    script: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    runner: str | None = None
    program: str = "node"
    reads_env_file: bool = False

    @property
    def file(self) -> str | None:
        """The file that the program runs, relative to the package."""
        return next(iter(script_words(self.words)), None)


@dataclass(frozen=True, slots=True)
class Layout:
    """What the resolver needs to know of a package besides its scripts."""

    tree: Tree
    package: Package
    compiler: Compiler | None
    outputs: tuple[str, ...]

    def is_file(self, path: str) -> bool:
        """Whether the package has that file, also in a folder that the walk left out."""
        clean = normal(path)
        if clean is None:
            return False
        clean = join(self.package.folder, clean)
        # isfile takes any text; names here come from a manifest.
        return self.tree.has(clean) or (self._left_out(clean) and os.path.isfile(self.tree.root / clean))  # noqa: PTH113

    def is_output(self, path: str) -> bool:
        """Whether the build makes that file."""
        return any(out in (".", path) or path.startswith(f"{out}/") for out in self.outputs)

    def _left_out(self, path: str) -> bool:
        return any(path.startswith(f"{folder}/") for folder in self.tree.skipped)


def script_words(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the words after the program and its flags: the script, then its arguments."""
    rest = iter(words[1:])
    for word in rest:
        if word in _VALUE_FLAGS:
            next(rest, None)
        elif not word.startswith("-"):
            yield word
            yield from rest


def from_scripts(layout: Layout, names: tuple[str, ...]) -> Start | None:
    """Return what the first of the scripts starts that SlimDesk can follow."""
    for name in names:
        if name in layout.package.scripts:
            evidence = layout.package.evidence("scripts", name)
            start = _follow(layout, layout.package.scripts[name], evidence, 0)
            if start is not None:
                start.script = name
                return start
    return None


def from_command(layout: Layout, command: str, evidence: Evidence) -> Start | None:
    """Return what a shell command, such as a Procfile's, starts."""
    return _follow(layout, command, evidence, 0)


def from_file(layout: Layout, path: str, evidence: Evidence) -> Start | None:
    """Return how one file of the package is started; None if there is no such file and the build makes none."""
    resolved = _resolved(layout, path)
    if resolved is None:
        return None
    return _typescript(layout, ("node",), resolved, evidence)


def _follow(layout: Layout, command: str, evidence: Evidence, depth: int) -> Start | None:
    """Read a script as a shell would, as far as that needs no shell; the last program that it starts counts."""
    found: Start | None = None
    before: list[str] = []
    for segment in _segments(command):
        words, environment, reads_env_file = _unwrapped(segment)
        start = _program(layout, words, evidence, depth) if words else None
        if start is not None:
            if found is not None:
                before.append(" ".join(found.words))
            start.env = environment | start.env
            start.reads_env_file = start.reads_env_file or reads_env_file
            found = start
        elif words and words[0] not in _BUILD_WORDS and not _runs_build(words):
            before.append(" ".join(words)[:200])
    if found is not None and before:
        found.also = (*before, *found.also)
    return found


def _segments(command: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for number, token in enumerate(lexer):
            if number > MAX_WORDS:
                return
            if token in _OPERATORS:
                yield words
                words = []
            else:
                words.append(token)
    except ValueError:
        # A quote that never ends: nobody can run that.
        return
    yield words


def _unwrapped(words: list[str]) -> tuple[list[str], dict[str, str], bool]:
    """Take off VAR=value and programs such as cross-env; return the rest, the variables, and whether .env is read."""
    environment: dict[str, str] = {}
    reads_env_file = False
    words = list(words)
    while words:
        assignment = _ASSIGNMENT.fullmatch(words[0])
        if assignment:
            # A value that needs a shell is not a value here.
            if "$" not in assignment.group(2) and "`" not in assignment.group(2):
                environment[assignment.group(1)] = assignment.group(2)
            words.pop(0)
        elif words[0] in _WRAPPERS:
            wrapper = words.pop(0)
            reads_env_file = reads_env_file or wrapper.startswith(("dotenv", "env-cmd"))
            _drop_wrapper_words(wrapper, words)
        elif words[0] == "pm2" and words[1:2] in (["start"], ["start-or-restart"], ["startOrRestart"]):
            words = [word for word in words[2:] if word not in _PM2_FLAGS]
        else:
            break
    if words and _SCRIPT.search(words[0]) and "/" not in words[0][:1]:
        # nodemon server.js
        words.insert(0, "node")
    return words, environment, reads_env_file


def _drop_wrapper_words(wrapper: str, words: list[str]) -> None:
    if wrapper in ("doppler", "infisical", "dotenvx") and words[:1] == ["run"]:
        words.pop(0)
    if wrapper == "pm2-runtime" and words[:1] == ["start"]:
        words.pop(0)
    if wrapper == "nodemon":
        for flag in ("--exec", "-x"):
            if flag in words and words.index(flag) + 1 < len(words):
                at = words.index(flag)
                inner = (
                    shlex.split(words[at + 1])
                    if "'" not in words[at + 1] and '"' not in words[at + 1]
                    else []
                )
                words[:] = inner + [word for word in words[at + 2 :] if not word.startswith("-")]
                return
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if flag == "--":
            return
        if flag in _WRAPPER_VALUE_FLAGS and words:
            words.pop(0)


def _runs_build(words: list[str]) -> bool:
    return words[0] in _MANAGERS and any("build" in word or word in ("install", "ci") for word in words[1:3])


def _program(layout: Layout, words: list[str], evidence: Evidence, depth: int) -> Start | None:
    name, rest = words[0].removeprefix("./node_modules/.bin/").removeprefix("node_modules/.bin/"), words[1:]
    if name in ("node", "nodejs"):
        if rest and _ECOSYSTEM.fullmatch(rest[0].rsplit("/", 1)[-1]):
            return _of_ecosystem(layout, rest[0], evidence, depth)
        return _node(layout, rest, evidence)
    if name in _MANAGERS:
        return _manager(layout, name, rest, evidence, depth)
    if name in _DEVELOPMENT_FIRST:
        return _runner(layout, name, rest, evidence)
    if name == "deno":
        return Start(("deno", *rest), evidence, program="deno")
    if name == "nest" and rest[:1] == ["start"]:
        main = join(layout.outputs[0] if layout.outputs else "dist", "main.js")
        return Start(("node", main), evidence)
    if name in BINARIES and layout.package.has(BINARIES[name][0]):
        return Start(("node", BINARIES[name][1], *rest), evidence)
    return None


def _manager(layout: Layout, name: str, rest: list[str], evidence: Evidence, depth: int) -> Start | None:
    words = [word for word in rest if word not in ("--silent", "-s", "--if-present", "--")]
    if name == "bun":
        words = [word for word in words if word not in _BUN_DEVELOPMENT]
    if words[:1] in (["run"], ["run-script"], ["exec"], ["x"]):
        words = words[1:]
        if words[:1] and rest[0] in ("exec", "x"):
            return _program(layout, words, evidence, depth + 1) if depth < MAX_DEPTH else None
    if not words:
        return None
    if name == "bun" and words[0] not in layout.package.scripts:
        return Start(("bun", *words), evidence, program="bun")
    # npm run x -w member, pnpm --filter: that is another package's start.
    if words[0] in layout.package.scripts and depth < MAX_DEPTH and len(words) == 1:
        return _follow(layout, layout.package.scripts[words[0]], evidence, depth + 1)
    if name in ("yarn", "pnpm"):
        return (
            _program(layout, words, evidence, depth + 1)
            if depth < MAX_DEPTH and words[0] not in _MANAGERS
            else None
        )
    return None


def _of_ecosystem(layout: Layout, name: str, evidence: Evidence, depth: int) -> Start | None:
    """Return what the first application of pm2's own file starts; pm2 itself has no work to do in a container."""
    text = layout.tree.text(join(layout.package.folder, name.removeprefix("./"))) or ""
    script = _ECOSYSTEM_SCRIPT.search(text)
    if script is None or depth >= MAX_DEPTH:
        return None
    # Up to the next application's script.
    arguments = _ECOSYSTEM_ARGS.search(_ECOSYSTEM_SCRIPT.split(text, maxsplit=2)[2])
    words = [script.group(1), *(arguments.group(1).split() if arguments else [])]
    if words[0] in _MANAGERS:
        return _program(layout, words, evidence, depth + 1)
    if words[0].startswith("node_modules/"):
        words[0] = words[0].removeprefix("node_modules/.bin/")
        return _program(layout, words, evidence, depth + 1)
    return _node(layout, words, evidence)


def _node(layout: Layout, rest: list[str], evidence: Evidence) -> Start | None:
    flags: list[str] = []
    reads_env_file = False
    words = list(rest)
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if flag in ("-e", "--eval", "-p", "--print"):
            return Start(("node", *flags, flag, *words), evidence)
        if _DROPPED_FLAG.match(flag):
            reads_env_file = reads_env_file or flag.startswith("--env-file")
            if flag in ("--env-file", "--watch-path") and words:
                words.pop(0)
            continue
        flags.append(flag)
        if flag in _VALUE_FLAGS and words:
            flags.append(words.pop(0))
    runner = next((name for name, use in TYPESCRIPT_RUNNERS.items() if use[1] in flags), None)
    if not words or "$" in words[0]:
        return None
    resolved = _resolved(layout, words[0])
    path = resolved if resolved is not None else _tidy(words[0])
    start = _typescript(layout, ("node", *flags), path, evidence, rest=words[1:], runner=runner)
    start.reads_env_file = reads_env_file
    return start


def _runner(layout: Layout, name: str, rest: list[str], evidence: Evidence) -> Start | None:
    package = "tsx" if name == "tsx" else "ts-node"
    words = [word for word in rest if word != "watch"]
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if (
            flag in ("-P", "--project", "-O", "-r", "--require", "--tsconfig", "--env-file", "--ignore-watch")
            and words
        ):
            words.pop(0)
    if not words:
        return None
    path = _resolved(layout, words[0]) or _tidy(words[0])
    return _typescript(layout, ("node",), path, evidence, rest=words[1:], runner=package)


def _typescript(layout: Layout, head: tuple[str, ...], path: str, evidence: Evidence, *, rest: Sequence[str] = (),
                runner: str | None = None) -> Start:  # fmt: skip
    """Start the compiled file where there is a build that makes it, else the TypeScript as it stands."""
    if not _TYPESCRIPT.search(path):
        return Start((*head, path, *rest), evidence, runner=runner)
    made = layout.compiler.output_of(path) if layout.compiler is not None and layout.outputs else None
    if made is not None and layout.is_output(made):
        drop = {word for use in TYPESCRIPT_RUNNERS.values() for word in use if not word.startswith("-")}
        return Start((*_without_runner(head, drop), made, *rest), evidence)
    if runner is None:
        runner = next((name for name in TYPESCRIPT_RUNNERS if layout.package.has(name)), None)
    use = TYPESCRIPT_RUNNERS.get(runner or "", ())
    if not any(word in head for word in use[1:]):
        head = (*head, *use)
    return Start((*head, path, *rest), evidence, runner=runner)


def _without_runner(head: tuple[str, ...], drop: set[str]) -> tuple[str, ...]:
    kept: list[str] = []
    rest = iter(head)
    for word in rest:
        if word in _VALUE_FLAGS:
            value = next(rest, "")
            if value not in drop:
                kept += [word, value]
        else:
            kept.append(word)
    return tuple(kept)


def _resolved(layout: Layout, path: str) -> str | None:
    """Return the file that node would load for `path` (a file, one without its ending, or a folder's index)."""
    clean = normal(path)
    if clean is None:
        return None
    if clean == ".":
        main = layout.package.value("main")
        if main is not None and normal(main) not in (None, "."):
            return _resolved(layout, main)
        clean = "index.js" if layout.is_file("index.js") or not layout.is_file("index.ts") else "index.ts"
    for candidate in (
        clean,
        f"{clean}.js",
        f"{clean}.cjs",
        f"{clean}.mjs",
        f"{clean}/index.js",
        f"{clean}.ts",
        f"{clean}/index.ts",
    ):
        if layout.is_file(candidate):
            return candidate
    if layout.is_output(clean):
        if _SCRIPT.search(clean):
            return clean
        return f"{clean}/index.js" if clean in layout.outputs else f"{clean}.js"
    return None


def _tidy(path: str) -> str:
    return normal(path) or path


def environment_of(start: Start) -> Mapping[str, str]:
    """Return what the start script sets, without what the image sets itself."""
    return {name: value for name, value in start.env.items() if name != "NODE_ENV"}
