"""After all languages found their components: what is only a part of another one, or no program at all, is taken out.

A package.json beside a Rails, Laravel or Django application builds that application's pages; one at the root of a Go or
Python project often holds linters alone. Each would come out as a second component of the same folder. What was claimed
stays visible as a fact of the component that claimed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from slimdesk.project.code_search import is_inside
from slimdesk.project.manifests import read_json
from slimdesk.project.model import Component, Evidence, Fact, Problem
from slimdesk.project.walk import Tree, join

FRONT_ENDS = frozenset({"node", "web"})
# Folders inside an application that its own build fills or reads, by profile and framework.
ASSET_FOLDERS: dict[str, tuple[str, ...]] = {
    "Rails": ("app/javascript", "app/frontend", "frontend"),
    "Laravel": ("resources/js", "resources"),
    "Symfony": ("assets",),
    "WordPress": ("wp-content/themes", "wp-content/plugins", "wp-includes", "wp-admin"),
    "Spring Boot": ("src/main/webapp", "src/main/resources/static"),
    "ASP.NET Core": ("wwwroot", "ClientApp", "clientapp"),
}
_BUILDS = ("pom.xml", "build.gradle", "build.gradle.kts")
_NPM = re.compile(r"frontend-maven-plugin|node-gradle|\b(?:npm|yarn|pnpm)\b")
# A script whose first program is one of these starts something that serves or works on its own.
_STARTS = re.compile(r"^\s*(?:cross-env\s+)?(?:[A-Z_]+=\S+\s+)*(?:node|nodemon|ts-node|tsx|next\s+start|nuxt\s+start|nest\s+start|bun\s+run|deno|electron|pm2|forever|remix-serve|react-router-serve)\b")  # fmt: skip
_TOOLS = re.compile(
    r"^(?:@commitlint/|@semantic-release/|@changesets/|@types/|@typescript-eslint/|@stylistic/|@biomejs/|@prettier/|@trivago/prettier|@playwright/test$"
    r"|eslint|prettier|stylelint|husky|lint-staged|commitlint|semantic-release|standard-version|release-it|markdownlint|cspell|textlint|commitizen"
    r"|cz-|npm-run-all|rimraf$|concurrently$|cross-env$|typescript$|pre-commit|lefthook$|jscpd$|pyright$|all-contributors|conventional-|auto-changelog$"
    r"|cypress$|playwright$|serverless|@redocly/|@stoplight/|@openapitools/|redoc-cli$|vitepress$|vuepress$|@docusaurus/|@mermaid-js/)"
)


def claim(tree: Tree, components: Iterable[Component]) -> list[Component]:
    """Return the components without those that another one claims, the claims as facts `claimed` of the claimant."""
    found = list(components)
    taken: dict[int, int] = {}
    for number, component in enumerate(found):
        if component.profile in FRONT_ENDS:
            owner = _owner(tree, component, found)
            if owner is not None:
                taken[number] = owner
    return [
        _with_claims(tree, component, [found[one] for one, owner in taken.items() if owner == number])
        for number, component in enumerate(found)
        if number not in taken
    ]


def _owner(tree: Tree, component: Component, found: Sequence[Component]) -> int | None:
    """Return the number of the component that this one belongs to; None if it stands for itself."""
    for number, other in enumerate(found):
        if other.profile in FRONT_ENDS:
            continue
        if other.path == component.path and _builds_only(tree, component, other):
            return number
        if is_inside(other.path, component.path) and _tools_only(tree, component):
            return number
        if (
            _in_asset_folder(component, other)
            and _is_built_by(tree, component, other)
            and not _serves_alone(tree, component)
        ):
            return number
    return None


def _builds_only(tree: Tree, component: Component, other: Component) -> bool:
    """Whether the package.json of the same folder only makes files for the other component's pages."""
    if other.framework is None or other.port is None:
        return False
    if tree.has(join(component.path, "index.html")) and other.profile not in ("php", "ruby"):
        # A page of its own, such as Vite's: a front end that can stand alone.
        return False
    return not _serves_alone(tree, component)


def _serves_alone(tree: Tree, component: Component) -> bool:
    """Whether it starts a program of its own, by its start script, its main file or a server that it depends on."""
    data = read_json(tree, join(component.path, "package.json"))
    if data is None:
        # Plain pages have no package.json; the other component serves its folder.
        return False
    scripts = data.get("scripts")
    start = scripts.get("start") if isinstance(scripts, dict) else None
    if isinstance(start, str) and _STARTS.search(start):
        return True
    dependencies = data.get("dependencies")
    servers = {
        "express",
        "fastify",
        "koa",
        "hono",
        "@nestjs/core",
        "@hapi/hapi",
        "next",
        "nuxt",
        "electron",
        "@sveltejs/adapter-node",
        "@remix-run/serve",
    }
    return isinstance(dependencies, dict) and bool(servers & set(dependencies))


def _tools_only(tree: Tree, component: Component) -> bool:
    """Whether package.json lists linters, hooks and release tools and nothing that a program is made of."""
    data = read_json(tree, join(component.path, "package.json"))
    if data is None or data.get("main") or data.get("bin") or data.get("workspaces"):
        return False
    names: set[str] = set()
    for key in ("dependencies", "devDependencies", "optionalDependencies"):
        value = data.get(key)
        names.update(name for name in (value if isinstance(value, dict) else {}) if isinstance(name, str))
    scripts = data.get("scripts")
    starts = isinstance(scripts, dict) and any(name in scripts for name in ("start", "serve"))
    return not starts and all(_TOOLS.match(name) for name in names)


def _in_asset_folder(component: Component, other: Component) -> bool:
    folders = ASSET_FOLDERS.get(other.framework or "", ())
    return any(
        component.path == place or component.path.startswith(place + "/")
        for place in (join(other.path, folder) for folder in folders)
    )


def _is_built_by(tree: Tree, component: Component, other: Component) -> bool:
    """Whether the other's own build makes this folder's files: plain files need none, packages need npm in that build."""
    if not tree.has(join(component.path, "package.json")) or other.profile in ("php", "ruby"):
        return True
    project = other.value("project")
    names = [str(project)] if project else [join(other.path, name) for name in _BUILDS]
    return any(_NPM.search(tree.text(name) or "") for name in names)


def _with_claims(tree: Tree, component: Component, claimed: list[Component]) -> Component:
    facts = [
        Fact("claimed", f"{one.name} ({one.path})"[:300], Evidence(join(one.path, "package.json"), 1))
        for one in claimed
    ]
    if not facts:
        return component
    problems = component.problems
    for one in claimed:
        if component.profile in ("php", "ruby") or one.path != component.path or _tools_only(tree, one):
            continue
        path = join(one.path, "package.json")
        said = f"{path} builds files for its pages, and this image does not run that build: keep what it makes in the project, or build it first"
        problems = (*problems, Problem(said, Evidence(path)))
    return replace(component, facts=(*component.facts, *facts), problems=problems)
