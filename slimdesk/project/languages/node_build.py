"""The build script of a package: how it is called, what it writes, and what the program needs beside that."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.project.languages.node_package import Package
from slimdesk.project.languages.node_typescript import Compiler, find_compiler
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join, normal

_SCRIPTS = (
    "build:prod",
    "build:production",
    "build",
    "compile",
    "build:server",
    "build-ts",
    "build:ts",
    "tsc",
    "transpile",
    "dist",
    "docs:build",
)
_CALLED = re.compile(
    r"\b(?:npm run|yarn run|yarn|pnpm run|pnpm|bun run|run-s|run-p|npm-run-all)((?:\s+[A-Za-z0-9:_.-]+)+)"
)
MAX_TEXT = 20_000

# Tool -> the folder that it writes to unless told otherwise, and how it is told.
_TOOLS = (
    (re.compile(r"\bnext build\b"), ".next", None),
    (re.compile(r"\b(?:nuxi|nuxt) build\b"), ".output", None),
    (re.compile(r"\b(?:remix|react-router|remix vite:build)\b[^&|;]*build\b"), "build", None),
    (re.compile(r"\bastro build\b"), "dist", None),
    (re.compile(r"\btsup\b"), "dist", re.compile(r"(?:-d|--out-dir)[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\besbuild\b"), None, re.compile(r"--outdir[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\besbuild\b"), None, re.compile(r"--outfile[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\bswc\b"), "dist", re.compile(r"(?:-d|--out-dir)[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\bbabel\b"), None, re.compile(r"(?:-d|--out-dir)[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\bncc build\b"), "dist", re.compile(r"(?:-o|--out)[\s=]+([A-Za-z0-9_./-]+)")),
    (
        re.compile(r"\b(?:webpack|rspack)\b"),
        "dist",
        re.compile(r"(?:-o|--output-path)[\s=]+([A-Za-z0-9_./-]+)"),
    ),
    (re.compile(r"\brollup\b"), "dist", re.compile(r"(?:-d|--dir)[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\b(?:unbuild|tsdown|pkgroll|bunchee|microbundle)\b"), "dist", None),
    (re.compile(r"\bvite build\b"), "dist", re.compile(r"--outDir[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\bparcel build\b"), "dist", re.compile(r"--dist-dir[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\bbun build\b"), None, re.compile(r"--outdir[\s=]+([A-Za-z0-9_./-]+)")),
    (re.compile(r"\bnest build\b"), "dist", None),
)

# Folders that a program reads at run time and that no compiler copies.
_ASSETS = (
    "public", "views", "static", "assets", "templates", "locales", "i18n", "lang", "translations", "migrations", "seeds",
    "seeders", "config", "prisma", "drizzle", "proto", "protos", "graphql", "schemas", "emails", "data", "resources",
    "content", "sql", "db", "database", "certs", "fonts", "images",
)  # fmt: skip
_ASSET_FILE = re.compile(
    r"(?:openapi|swagger|schema|ormconfig|config|settings|data|db|newrelic|instrumentation|tracing|knexfile|drizzle\.config"
    r"|next\.config|next-i18next\.config|prisma\.config)\.(?:json|ya?ml|graphql|prisma|[cm]?js|ts|sql)$"
)
_CODE = re.compile(r"\.(?:[cm]?tsx?|map)$")


@dataclass(frozen=True, slots=True)
class Build:
    """The build of a package.

    `script` is its name in package.json, None where only the compiler is called; `text` all that it runs; `outputs` the
    folders or files, relative to the package, that it is known to write; `command` calls it where neither of the two does.
    """

    script: str | None
    text: str
    evidence: Evidence
    outputs: tuple[str, ...] = ()
    compiler: Compiler | None = None
    command: str | None = None


def find_build(tree: Tree, package: Package) -> Build | None:
    """Return the build that package.json names, else the plain compiler of a TypeScript package; None if neither."""
    for name in _SCRIPTS:
        if name in package.scripts:
            text = expanded(package, name)
            compiler = find_compiler(tree, package, text)
            return Build(name, text, package.evidence("scripts", name), _outputs(text, compiler), compiler)
    if package.has("typescript") and tree.has(join(package.folder, "tsconfig.json")):
        compiler = find_compiler(tree, package)
        if compiler is not None and compiler.out_dir not in (None, "."):
            return Build(None, "tsc", compiler.evidence, (compiler.out_dir or ".",), compiler)
    return None


def expanded(package: Package, name: str) -> str:
    """Return a script's text with the text of the scripts that it calls, each once."""
    seen: list[str] = []
    waiting = [f"pre{name}", name, f"post{name}"]
    text = ""
    while waiting and len(text) < MAX_TEXT:
        one = waiting.pop(0)
        if one in seen or one not in package.scripts:
            continue
        seen.append(one)
        text += package.scripts[one] + " ; "
        for match in _CALLED.finditer(package.scripts[one]):
            waiting.extend(match.group(1).split()[:10])
    return text


def find_assets(tree: Tree, package: Package, outputs: tuple[str, ...]) -> list[str]:
    """Return the folders and files beside the compiled code that a program may read, relative to the package."""
    start = 0 if package.folder == "." else len(package.folder) + 1
    folders: set[str] = set()
    files = []
    for file in tree.under(package.folder):
        inside = file.path[start:]
        top, below, _ = inside.partition("/")
        if below:
            if top in _ASSETS and top not in outputs and not _CODE.search(inside):
                folders.add(top)
        elif _ASSET_FILE.fullmatch(inside):
            files.append(inside)
    return sorted(folders) + files


def _outputs(text: str, compiler: Compiler | None) -> tuple[str, ...]:
    found: list[str] = []
    for tool, default, told in _TOOLS:
        if not tool.search(text):
            continue
        match = told.search(text) if told else None
        where = normal(match.group(1)) if match else default
        if (
            where == "dist"
            and compiler is not None
            and compiler.out_dir
            and re.search(r"\bnest build\b", text)
        ):
            where = compiler.out_dir
        if where is not None:
            found.append(where)
    if re.search(r"\b(?:tsc|ttsc|tspc|vue-tsc)\b(?![^&|;]*--noEmit)", text) and compiler is not None:
        found.append(compiler.out_dir or ".")
    return tuple(dict.fromkeys(found))
