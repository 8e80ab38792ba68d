"""Whether a package's only product is files for a web server, or a server that renders pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from slimdesk.project.languages.node_frameworks import Framework
from slimdesk.project.languages.node_package import Package
from slimdesk.project.languages.web_output import angular_server
from slimdesk.project.walk import Tree, join

_ENDINGS = ("js", "mjs", "ts", "cjs", "mts")
_STATIC_NEXT = re.compile(r"\boutput\s*:\s*['\"]export['\"]")
_NO_SERVER = re.compile(r"\bssr\s*:\s*false\b")
_ASTRO_SERVER = re.compile(r"\boutput\s*:\s*['\"](?:server|hybrid)['\"]|\badapter\s*:")
_GENERATE = re.compile(r"\bnux[ti]t? generate\b")
# Programs that do no more than hand out files.
_FILE_SERVERS = ("serve", "http-server", "sirv-cli", "live-server", "lite-server", "vite")

# Tools whose usual output is a server: files alone are made only where the project says so.
RENDERING = frozenset({"@sveltejs/kit", "@react-router/dev", "@remix-run/dev", "nuxt"})


def static_tool(tree: Tree, package: Package, framework: Framework | None) -> str | None:
    """Return the tool of a package that could be a server and says that it makes files; None for all others."""
    name = framework.package if framework is not None else None
    if name == "next":
        return "next" if _says(tree, package, "next.config", _STATIC_NEXT) else None
    if name == "nuxt":
        build = package.scripts.get("build", package.scripts.get("generate", ""))
        static = _GENERATE.search(build) or (not build and _says(tree, package, "nuxt.config", _NO_SERVER))
        return "nuxt" if static else None
    if name == "@angular/ssr":
        return "@angular/cli" if angular_server(tree, package) is None else None
    if name == "@astrojs/node":
        return None if _says(tree, package, "astro.config", _ASTRO_SERVER) else "astro"
    if package.has("@sveltejs/kit") and name != "@sveltejs/adapter-node":
        return "@sveltejs/kit" if package.has("@sveltejs/adapter-static") else None
    for tool in ("@react-router/dev", "@remix-run/dev"):
        if package.has(tool) and any(
            _says(tree, package, config, _NO_SERVER) for config in ("react-router.config", "vite.config")
        ):
            return tool
    return None


def hands_out_files(words: Sequence[str]) -> bool:
    """Whether a start is one of the programs that only serve a folder."""
    return any(word.startswith(f"node_modules/{name}/") for word in words[:3] for name in _FILE_SERVERS)


def _says(tree: Tree, package: Package, name: str, pattern: re.Pattern[str]) -> bool:
    return any(
        pattern.search(tree.text(join(package.folder, f"{name}.{ending}")) or "") is not None
        for ending in _ENDINGS
    )
