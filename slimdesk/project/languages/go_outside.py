"""What a Go build takes from outside of its sources: generated code, private modules, a version from git; and what it starts with."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

from slimdesk.project.facts import FactList
from slimdesk.project.languages.go_module import GoModule
from slimdesk.project.languages.go_package import GoFile
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, folder_of, join

BUILD_FILES = (
    "Makefile",
    "makefile",
    "GNUmakefile",
    "Taskfile.yml",
    "Taskfile.yaml",
    "justfile",
    ".goreleaser.yml",
    ".goreleaser.yaml",
)
_PRIVATE_FILES = (*BUILD_FILES, "Dockerfile", "*.Dockerfile", ".gitlab-ci.yml", "go.env", ".envrc")
MAX_FILES = 100
_GOPRIVATE = bounded(r"""\bGOPRIVATE["']?\s*[:=]\s*["']?([\w.*-]+(?:[/,][\w.*-]+)*)""")
_LINKED = bounded(r"""-X[ =]['"]?([\w./-]+)\.(\w+)=(\S+)""")
_ASSIGNED = bounded(r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[:?]?=[ \t]*(\S[^\n]*)$""", re.MULTILINE)
_USED = re.compile(r"\$[({]([A-Za-z_]\w*)[)}]")
_COMMAND = bounded(r"\bcobra\.Command\{")
_USE = bounded(r'\bUse:\s*"([a-z][a-z0-9-]{0,30})')
_RUNS = bounded(r"\bRunE?:")
# What a program that serves calls the subcommand for it, the likeliest first.
_SERVING = ("serve", "server", "start", "web", "api", "http", "daemon", "run")
_MAX_LITERAL = 5_000


def missing_code(tree: Tree, module: GoModule, files: Iterable[GoFile], facts: FactList) -> None:
    """Tell which packages of the module are imported and not there, and what makes them."""
    if not module.path:
        return
    folders = {folder_of(path) for path in tree.named("*.go")}
    told: set[str] = set()
    # A folder with a go.mod of its own that is fetched like any other module.
    elsewhere = tuple(one.path for one in module.requires if one.path.startswith(module.path + "/"))
    for file in files:
        for path, line in file.imports:
            if path != module.path and not path.startswith(module.path + "/"):
                continue
            if any(path == one or path.startswith(one + "/") for one in elsewhere):
                continue
            folder = (
                join(module.folder, path[len(module.path) :].strip("/"))
                if path != module.path
                else module.folder
            )
            if folder in folders or folder in told or _is_skipped(tree, folder):
                continue
            told.add(folder)
            if len(told) <= 5:
                facts.problem(
                    f"The code imports {path}, of which no Go file is here; make it before the image is built: {_maker(tree, module, folder)}",
                    file.path,
                    line,
                )
    template = next((one for one in tree.named("*.templ") if _is_below(one, module.folder) and not tree.has(f"{one.removesuffix('.templ')}_templ.go")), None)  # fmt: skip
    if template is not None:
        facts.problem("Its pages are templates that no Go file was made of yet: run templ generate", template)


def _maker(tree: Tree, module: GoModule, folder: str) -> str:
    requires = {one.path for one in module.requires}
    if folder.rsplit("/", 1)[-1] == "docs" and any("swaggo" in path for path in requires):
        return "swag init"
    if next(tree.named("sqlc.yaml", "sqlc.yml", "sqlc.json"), None) and not _names_proto(folder):
        return "sqlc generate"
    if next(tree.named("*.proto"), None):
        return "buf generate" if next(tree.named("buf.gen.yaml"), None) else "protoc, as the project does it"
    if next(tree.named("gqlgen.yml"), None):
        return "go run github.com/99designs/gqlgen generate"
    return "go generate ./..."


def _names_proto(folder: str) -> bool:
    return re.search(r"proto|pb$|grpc", folder) is not None


def private_modules(tree: Tree, module: GoModule, facts: FactList) -> None:
    """Modules that only members may read, where a file of the project names them (GOPRIVATE)."""
    workflows = [path for path in tree.named("*.yml", "*.yaml") if path.startswith(".github/workflows/")]
    for path in [*tree.named(*_PRIVATE_FILES), *workflows][:MAX_FILES]:
        text = tree.text(path) or ""
        for match in _GOPRIVATE.finditer(text):
            patterns = match.group(1)
            if any(_matches(one.path, patterns) for one in module.requires):
                facts.once("private_modules", patterns, path, text.count("\n", 0, match.start()) + 1)
                return


def _matches(path: str, patterns: str) -> bool:
    """Whether a module's path begins with one of the glob patterns (go.dev/ref/mod, Private modules)."""
    for pattern in patterns.split(","):
        parts = pattern.strip("/").split("/")
        head = "/".join(path.split("/")[: len(parts)])
        if pattern and fnmatch.fnmatchcase(head, "/".join(parts)):
            return True
    return False


def linked_version(tree: Tree, module: GoModule, facts: FactList) -> None:
    """The variable that the project's own build sets to the version, with -ldflags -X."""
    for name in BUILD_FILES:
        for path in dict.fromkeys((join(module.folder, name), name)):
            text = (tree.text(path) or "")[:200_000]
            if "-X" not in text:
                continue
            words = {match.group(1): match.group(2).strip() for match in _ASSIGNED.finditer(text)}
            for number, line in enumerate(text.splitlines(), 1):
                match = _LINKED.search(_filled(line, words, module)) if "-X" in line else None
                while match is not None:
                    if "version" in match.group(2).lower():
                        facts.once("version_variable", f"{match.group(1)}.{match.group(2)}", path, number)
                        return
                    match = _LINKED.search(_filled(line, words, module), match.end())


def _filled(line: str, words: dict[str, str], module: GoModule) -> str:
    """Put in what the file's own variables hold, as far as they are plain."""

    def value(match: re.Match[str]) -> str:
        said = words.get(match.group(1), match.group())
        if "go list -m" in said and module.path:
            return module.path
        return said if re.fullmatch(r"[\w./-]+", said) else match.group()

    return _USED.sub(value, _USED.sub(value, line[:2_000]))


def serving_command(files: Iterable[GoFile], facts: FactList) -> tuple[str, ...]:
    """Return the subcommand that serves, where the program does nothing without one (spf13/cobra)."""
    commands: list[tuple[str, str, GoFile, int]] = []
    for file in files:
        if "cobra.Command{" not in file.code:
            continue
        for match in _COMMAND.finditer(file.code):
            text = _literal(file.code, match.end())
            use = _USE.search(text)
            if use is not None and len(commands) < 200:
                commands.append((use.group(1), text, file, match.start()))
    found = next((one for word in _SERVING for one in commands if one[0] == word), None)
    if found is None or not facts.has("serves"):
        return ()
    # The command that the others are added to: of the program's own name, or in the file that cobra's generator writes.
    roots = [one for one in commands if one[2].path.endswith("/root.go") or "Execute()" in one[2].code]
    if any(one[0] not in _SERVING and _RUNS.search(one[1]) for one in roots):
        return ()
    facts.add("subcommand", found[0], found[2].path, found[2].line(found[3]))
    return (found[0],)


def _literal(code: str, start: int) -> str:
    depth = 1
    for at in range(start, min(len(code), start + _MAX_LITERAL)):
        if code[at] == "{":
            depth += 1
        elif code[at] == "}":
            depth -= 1
            if depth == 0:
                return code[start:at]
    return code[start : start + _MAX_LITERAL]


def _is_skipped(tree: Tree, folder: str) -> bool:
    """Whether the folder, or one above it, was left out of the walk: what is in it is not known."""
    parts = folder.split("/")
    return any("/".join(parts[:count]) in tree.skipped for count in range(1, len(parts) + 1))


def _is_below(path: str, folder: str) -> bool:
    return folder == "." or path.startswith(folder + "/")
