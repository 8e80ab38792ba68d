"""Go: modules, workspaces and lone programs; one component for each main that is worth shipping."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from slimdesk.basics.escaping import slug
from slimdesk.project.facts import FactList
from slimdesk.project.languages.go_module import GoModule, GoWork, later, read_module, read_work
from slimdesk.project.languages.go_outside import (
    linked_version,
    missing_code,
    private_modules,
    serving_command,
)
from slimdesk.project.languages.go_package import Sources
from slimdesk.project.languages.go_usage import Usages
from slimdesk.project.model import Component
from slimdesk.project.walk import Tree, common_folder, folder_of, join

# Mains in these folders help to make the program; they are shipped only where there is nothing else.
_EXAMPLES = frozenset(
    {
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "doc",
        "docs",
        "documentation",
        "contrib",
        "misc",
    }
)
_TOOLS = frozenset(
    {
        "tool",
        "tools",
        "hack",
        "script",
        "scripts",
        "test",
        "tests",
        "e2e",
        "integration",
        "bench",
        "benchmark",
        "benchmarks",
    }
    | {"testing", "testutil", "fixtures", "mage", "magefiles", "ci", "build", ".github"}
)
_MAKE_TAGS = re.compile(r"-tags[= ]['\"]?([\w,]+)")
MAX_MODULES = 300
USUAL_PORT = 8080
_NAMELESS = frozenset({"src", "cmd", "main"})
# A project of another language: a Go file somewhere in it, without a go.mod, is a helper or an example.
_OTHERS = ("package.json", "pyproject.toml", "Cargo.toml", "pom.xml", "composer.json", "Gemfile")
MAX_MAINS = 60


class Go:
    """The language profile `go`."""

    profile = "go"

    def find(self, tree: Tree) -> Iterable[Component]:
        """Every main of every module, and lone programs without a go.mod."""
        sources = Sources.of(tree)
        if not sources.folders and next(tree.named("go.mod"), None) is None:
            return []
        files = list(tree.named("go.mod"))
        if len(files) > MAX_MODULES:
            tree.problem(f"Only the first {MAX_MODULES} Go modules were looked at")
        modules = [
            read_module(tree, file)
            for file in files[:MAX_MODULES]
            if not _is_test_data(file) and folder_of(file).rsplit("/", 1)[-1] != "vendor"
        ]
        works = [read_work(tree, file) for file in tree.named("go.work") if not _is_test_data(file)]
        components = list(_components(_Repository(tree, sources, modules, works, Usages(sources))))
        if sources.cut_short:
            tree.problem(
                f"Only the {sources.scanned} Go files nearest to the programs were read; "
                "facts from the others are missing"
            )
        return components


LANGUAGE = Go()


@dataclass(frozen=True, slots=True)
class _Repository:
    """All that is Go in a tree."""

    tree: Tree
    sources: Sources
    modules: list[GoModule]
    works: list[GoWork]
    usages: Usages

    def workspace(self, module: GoModule) -> GoWork | None:
        """Return the go.work that has the module as a member."""
        return next(
            (work for work in self.works if any(member == module.folder for member, _ in work.members)), None
        )

    def near(self, module: GoModule) -> list[GoModule]:
        """Return the module and those whose sources a build of it uses: the workspace's, and local replacements."""
        work = self.workspace(module)
        folders = {folder for folder, _ in module.replaced} | (
            {member for member, _ in work.members} if work else set()
        )
        return [module, *(other for other in self.modules if other is not module and other.folder in folders)]


def _components(repository: _Repository) -> Iterator[Component]:
    tree, sources = repository.tree, repository.sources
    by_folder = {module.folder: module for module in repository.modules}
    mains: dict[str | None, list[str]] = {}
    for folder in sources.folders:
        if sources.is_main(folder):
            owner = _owner(folder, by_folder)
            mains.setdefault(owner.folder if owner else None, []).append(folder)
    everything = [(_distance(main, base), base, main) for base, found in mains.items() for main in found]
    # Helpers are shipped only where there is nothing better.
    best = min((distance for distance, _, _ in everything), default=0)
    found = [(base, main) for distance, base, main in everything if distance == best]
    shared = Counter(base for base, _ in found)
    if len(found) > MAX_MAINS:
        tree.problem(f"Only the first {MAX_MAINS} of {len(found)} Go programs were looked at")
    for module in repository.modules:
        if not mains.get(module.folder):
            _tell_library(tree, module, others=bool(found))
    for base, main in found[:MAX_MAINS]:
        if base is None:
            if main == "." or not any(tree.has(name) for name in _OTHERS):
                yield _lone(repository, main)
        else:
            yield _component(repository, by_folder[base], main, several=shared[base] > 1)


def _component(repository: _Repository, module: GoModule, main: str, *, several: bool) -> Component:
    """Read one main of a module; with several, it is named after its folder."""
    tree, sources = repository.tree, repository.sources
    facts = FactList()
    for message, line in module.problems:
        facts.problem(message, module.file, line)
    package = _relative(main, module.folder)
    last = main.rsplit("/", 1)[-1]
    # `go build` names a program after its folder, that of the module's own folder after the module; src says nothing.
    own_name = package != "." and last not in _NAMELESS
    binary = _program_name(last if own_name else module.short_name)
    name = (
        last if several and package != "." else module.short_name if module.path else _folder_name(tree, main)
    )
    facts.add("module", module.path, module.file, module.path_line)
    version = _version(module, repository.workspace(module), facts)
    main_file = next((file for file in sources.files(main) if "func main" in file.code), None)
    place = (main_file.path, main_file.line(main_file.code.find("func main"))) if main_file else (None, None)
    facts.add("package", package, *place)
    facts.add("binary", binary, *place)
    reached = sources.reached(main, repository.near(module))
    framework, port = repository.usages.read(reached, main, module.folder, facts)
    if port is None:
        _port_from_outside(facts)
    if not facts.has("cgo"):
        facts.add("cgo", False, *place)
    _lock(tree, module, facts)
    context = _context(module, repository.workspace(module), facts)
    _module_files(repository, module, facts)
    _makefile(tree, module, facts, package if several else ".")
    missing_code(tree, module, reached, facts)
    private_modules(tree, module, facts)
    linked_version(tree, module, facts)
    arguments = serving_command(reached, facts)
    return Component(
        name=name,
        path=module.folder,
        profile="go",
        context=context,
        version=version,
        framework=framework,
        entrypoint=(f"/{binary}", *arguments),
        port=port,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )


def _port_from_outside(facts: FactList) -> None:
    """A server that takes its port from PORT and has none to fall back upon: the image must set it."""
    asked = next((fact for fact in facts.facts if fact.key == "env" and fact.value == "PORT"), None)
    if asked is None or asked.evidence is None or not facts.has("serves"):
        return
    facts.add("port_env", "PORT", asked.evidence.path, asked.evidence.line)
    facts.once("port_guess", USUAL_PORT, asked.evidence.path, asked.evidence.line)


def _lone(repository: _Repository, folder: str) -> Component:
    """A program without a go.mod."""
    tree, sources = repository.tree, repository.sources
    facts = FactList()
    main_file = next((file for file in sources.files(folder) if "func main" in file.code), None)
    place = (main_file.path, main_file.line(main_file.code.find("func main"))) if main_file else (None, None)
    name = _folder_name(tree, folder)
    binary = _program_name(name)
    facts.problem(
        f"There is no go.mod; write one with: go mod init {binary} && go mod tidy", place[0] or folder
    )
    facts.add("package", ".", *place)
    facts.add("binary", binary, *place)
    framework, port = repository.usages.read(sources.files(folder), folder, folder, facts)
    if not facts.has("cgo"):
        facts.add("cgo", False, *place)
    for file in sources.files(folder):
        for path, line in file.imports:
            if "." in path.split("/")[0]:
                facts.add("import", path, file.path, line)
    return Component(
        name=name,
        path=folder,
        profile="go",
        context=folder,
        framework=framework,
        entrypoint=(f"/{binary}",),
        port=port,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )


def _version(module: GoModule, work: GoWork | None, facts: FactList) -> str | None:
    """Return the Go version that a build needs: the module's, or its workspace's where that is later."""
    version = (module.go, module.file, module.go_line)
    toolchain = (module.toolchain, module.file, module.toolchain_line)
    if work is not None and later(work.go, module.go):
        version = (work.go, work.file, work.go_line)
    if work is not None and later(work.toolchain, module.toolchain):
        toolchain = (work.toolchain, work.file, work.toolchain_line)
    facts.add("version", *version)
    facts.add("toolchain", *toolchain)
    return version[0]


def _lock(tree: Tree, module: GoModule, facts: FactList) -> None:
    checksums = join(module.folder, "go.sum")
    vendored = join(module.folder, "vendor")
    if tree.has(checksums):
        facts.add("lock_file", "go.sum", checksums)
    if vendored in tree.skipped:
        facts.add("vendored", True, join(vendored, "modules.txt"))
    elif module.requires and not tree.has(checksums):
        facts.problem(
            "go.sum is missing, so modules cannot be checked; write it with: go mod tidy",
            module.file,
            module.requires[0].line,
        )


def _context(module: GoModule, work: GoWork | None, facts: FactList) -> str:
    """Return the folder that holds all that the build reads: the workspace's, or one above what is replaced."""
    folders = [module.folder]
    if work is not None:
        folders.append(work.folder)
        line = next((line for member, line in work.members if member == module.folder), None)
        facts.add("workspace", work.folder, work.file, line)
    for folder, line in module.replaced:
        folders.append(folder)
        facts.add("replace", folder, module.file, line)
    return common_folder(folders)


def _module_files(repository: _Repository, module: GoModule, facts: FactList) -> None:
    """Name the files that decide which modules are downloaded: of the module, its workspace, and what these replace.

    None are named where one of the folders is not there: the download would then need what is missing.
    """
    tree, work = repository.tree, repository.workspace(module)
    members = {module.folder, *(folder for folder, _ in work.members)} if work else {module.folder}
    known = {one.folder: one for one in repository.modules}
    replaced = {folder for name in members if name in known for folder, _ in known[name].replaced}
    if module.requires:
        facts.add("requires", len(module.requires), module.file, module.requires[0].line)
    folders = sorted(members | replaced)
    if not all(tree.has(join(folder, "go.mod")) for folder in folders):
        return
    paths = [join(folder, name) for folder in folders for name in ("go.mod", "go.sum")]
    paths += [join(work.folder, name) for name in ("go.work", "go.work.sum")] if work else []
    for path in paths:
        if tree.has(path):
            facts.add("module_file", path, path)


def _makefile(tree: Tree, module: GoModule, facts: FactList, package: str) -> None:
    """Show how the Makefile builds it; it is not run."""
    for name in ("Makefile", "makefile", "GNUmakefile", "Taskfile.yml", "justfile"):
        path = join(module.folder, name)
        for number, line in enumerate((tree.text(path) or "").splitlines()[:5_000], 1):
            command = line.strip().lstrip("@-").removeprefix("cmd:").strip()
            if "go build" not in command or command.startswith("#"):
                continue
            last = package.rsplit("/", 1)[-1]
            if package != "." and last not in command:
                continue
            facts.once("makefile_build", command, path, number)
            tags = _MAKE_TAGS.search(command)
            if tags:
                facts.once("build_tags", tags.group(1), path, number)


def _tell_library(tree: Tree, module: GoModule, *, others: bool) -> None:
    for message, line in module.problems:
        tree.problem(message, module.file, line)
    if not others and not module.problems:
        tree.problem(
            "The Go module has no main package: it is a library, and there is nothing to ship", module.file
        )


def _distance(main: str, base: str | None) -> int:
    """Return 0 for a program that is worth shipping, 1 for an example, 2 for a tool of its makers."""
    parts = main.split("/")
    # A module may live below internal/; a main below its own internal/ is a helper.
    inner = parts if base in (None, ".") else parts[len((base or "").split("/")) :]
    if _TOOLS.intersection(parts) or "internal" in inner or any(part.endswith("test") for part in inner):
        return 2
    return 1 if _EXAMPLES.intersection(parts) else 0


def _is_test_data(file: str) -> bool:
    return any(part == "testdata" or part.startswith("_") for part in file.split("/")[:-1])


def _owner(folder: str, modules: dict[str, GoModule]) -> GoModule | None:
    while True:
        if folder in modules:
            return modules[folder]
        if folder == ".":
            return None
        folder = folder.rpartition("/")[0] or "."


def _relative(folder: str, base: str) -> str:
    """Return a folder as the go command wants it: ./cmd/api, or `.`."""
    if folder == base:
        return "."
    return "./" + (folder if base == "." else folder[len(base) + 1 :])


def _program_name(name: str) -> str:
    """Return a name as `go build` would give it, if that is a plain file name."""
    plain = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", name, re.ASCII)
    return name if plain else slug(name)


def _folder_name(tree: Tree, folder: str) -> str:
    return tree.root.name if folder == "." else folder.rsplit("/", 1)[-1]
