"""Where a front end's build writes its files, and under which path of a site they are meant to lie.

Patterns, not a parser: configuration files are programs. What they cannot read has the tool's own default, and a
person can correct it (`output_folder`, `base_path`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slimdesk.project.languages.node_package import Package
from slimdesk.project.manifests import key_line, read_json, words_of
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, folder_of, join, normal

MAX_CONFIG = 100_000
_ENDINGS = ("ts", "js", "mjs", "mts", "cjs", "cts")
# A text, or path.resolve(__dirname, "…") and its like around one.
_VALUE = (
    r"\s*:\s*(?:(?:path\.|Path\.)?(?:resolve|join)\(\s*(?:__dirname|import\.meta\.dirname|process\.cwd\(\))\s*,\s*)?"
    r"['\"`]([^'\"`\n$]{1,200})['\"`]"
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that makes static files: its default folder, its configuration files, and the keys in them and on its line."""

    output: str
    config: tuple[str, ...] = ()
    output_keys: tuple[str, ...] = ()
    base_keys: tuple[str, ...] = ()
    output_flag: str | None = None
    base_flag: str | None = None
    # A site of many pages has no page that answers for all paths.
    pages: bool = False


TOOLS: Mapping[str, Tool] = {
    "vite": Tool("dist", ("vite.config",), ("outDir",), ("base",), "--outDir", "--base"),
    "svelte": Tool("dist", ("vite.config",), ("outDir",), ("base",), "--outDir", "--base"),
    "create-react-app": Tool("build"),
    "vue-cli": Tool("dist", ("vue.config",), ("outputDir",), ("publicPath", "baseUrl"), "--dest"),
    "parcel": Tool("dist", (), (), (), "--dist-dir", "--public-url"),
    "gatsby": Tool("public", ("gatsby-config",), (), ("pathPrefix",), pages=True),
    "docusaurus": Tool("build", ("docusaurus.config",), (), ("baseUrl",), "--out-dir", pages=True),
    "astro": Tool("dist", ("astro.config",), ("outDir",), ("base",), "--outDir", pages=True),
    "eleventy": Tool(
        "_site", (".eleventy", "eleventy.config"), ("output",), ("pathPrefix",), "--output", "--pathprefix", pages=True
    ),
    "next": Tool("out", ("next.config",), ("distDir",), ("basePath",), pages=True),
    "nuxt": Tool(".output/public", ("nuxt.config",), (), ("baseURL",), pages=True),
    "sveltekit": Tool("build", ("svelte.config",), ("pages",), ("base",), pages=True),
    "react-router": Tool("build/client", ("react-router.config",), (), ("basename",)),
    "preact": Tool("build", (), (), (), "--dest"),
    "rsbuild": Tool("dist", ("rsbuild.config",), ("root",), ("base", "assetPrefix")),
    "hexo": Tool("public", pages=True),
    "webpack": Tool("dist", ("webpack.config", "webpack.prod", "webpack.config.prod"), ("path",), ("publicPath",), "--output-path"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Output:
    """`folder` is relative to the package's; `base` begins and ends with a slash; `spa`: one page answers every path."""

    folder: str
    evidence: Evidence | None
    base: str = "/"
    base_evidence: Evidence | None = None
    spa: bool = True
    spa_evidence: Evidence | None = None


def find_output(tree: Tree, package: Package, label: str, build: str) -> Output:
    """Return where the tool `label`, called by the commands `build`, writes the files that are served."""
    if label == "angular":
        return _angular(tree, package, build)
    if label in ("vitepress", "vuepress"):
        return _docs(tree, package, label, build)
    tool = TOOLS.get(label, Tool("dist"))
    folder, place = tool.output, None
    base, base_place = "/", None
    for path, text in _configs(tree, package, tool.config):
        written = _stated_folder(text, label, tool)
        if written is not None:
            folder, place = written[0], _place(path, text, written[1])
        for key in tool.base_keys:
            match = re.search(rf"\b{key}{_VALUE}", text)
            if match and match.group(1).startswith("/") and not match.group(1).startswith("//"):
                base, base_place = _slashes(match.group(1)), _place(path, text, match.start(1))
                break
    script = package.evidence("scripts", "build")
    flagged = _flag(build, tool.output_flag)
    if flagged is not None and normal(flagged) is not None:
        folder, place = str(normal(flagged)), script
    if label == "create-react-app":
        stated = re.search(r"\bBUILD_PATH=['\"]?([A-Za-z0-9_./-]{1,200})", build)
        if stated and normal(stated.group(1)) is not None:
            folder, place = str(normal(stated.group(1))), script
        home = package.value("homepage")
        path_of = re.match(r"(?:https?://[^/\s]+)?(/[^\s?#]*)$", home or "")
        if path_of and path_of.group(1) != "/":
            base, base_place = _slashes(path_of.group(1)), package.evidence("homepage")
    flagged = _flag(build, tool.base_flag)
    if flagged is not None and flagged.startswith("/"):
        base, base_place = _slashes(flagged), script
    if label == "gatsby" and "--prefix-paths" not in build:
        base, base_place = "/", None
    spa, spa_place = _spa(tree, package, label, tool)
    return Output(folder, place or script, base, base_place, spa, spa_place)


def _stated_folder(text: str, label: str, tool: Tool) -> tuple[str, int] | None:
    """Return the folder that a configuration's text names, below Vite's own root, and where in the text that stands."""
    root = re.search(rf"(?m)^\s*root{_VALUE}", text) if label == "vite" else None
    matches = (re.search(rf"\b{key}{_VALUE}", text) for key in tool.output_keys)
    match = next((one for one in matches if one), None)
    if match is not None:
        found = normal(match.group(1) if root is None else f"{root.group(1)}/{match.group(1)}")
        return None if found in (None, ".") else (str(found), match.start(1))
    if root is None or normal(root.group(1)) in (None, "."):
        return None
    return f"{normal(root.group(1))}/{tool.output}", root.start(1)


def _spa(tree: Tree, package: Package, label: str, tool: Tool) -> tuple[bool, Evidence | None]:
    """Say whether one page answers every path: not where there are several pages, nor a router of files."""
    if label == "sveltekit":
        for path, text in _configs(tree, package, tool.config):
            match = re.search(rf"\bfallback{_VALUE}", text)
            if match:
                return match.group(1) == "index.html", _place(path, text, match.start(1))
        return False, None
    if tool.pages:
        return False, None
    pages = [
        file.path for file in tree.under(package.folder)
        if file.path.endswith("/index.html") and file.path != join(package.folder, "index.html")
        and not re.search(r"(?:^|/)(?:public|static|src|assets|tests?|e2e)/", file.path)
    ]  # fmt: skip
    if label == "vite" and pages and tree.has(join(package.folder, "index.html")):
        return False, Evidence(pages[0])
    page = next(
        (join(package.folder, one) for one in ("index.html", "public/index.html", "src/index.html")
         if tree.has(join(package.folder, one))),
        None,
    )  # fmt: skip
    return True, Evidence(page) if page is not None else None


def _angular(tree: Tree, package: Package, build: str) -> Output:
    """Read angular.json, or Nx' project.json: outputPath, browser's subfolder of the application builder, baseHref.

    Source: angular.dev, "Workspace configuration"; @angular/build:application writes to <outputPath>/browser.
    """
    path, name, target = _angular_target(tree, package)
    text = tree.text(path) or "" if path else ""
    stated_options = target.get("options")
    options: Mapping[str, Any] = stated_options if isinstance(stated_options, dict) else {}
    builder = words_of(target.get("builder")) or words_of(target.get("executor")) or ""
    browser = "browser" if builder.endswith(":application") or not builder else ""
    stated = options.get("outputPath")
    if isinstance(stated, dict):
        top = words_of(stated.get("base"))
        inner = stated.get("browser")
        browser = "browser" if inner is None else words_of(inner) or ""
    else:
        top = words_of(stated)
    fallback = f"dist/{name or package.name or 'app'}"
    line = key_line(text, "outputPath") if top is not None else None
    flagged = _flag(build, "--output-path")
    folder = normal(flagged or top or fallback) or fallback
    if path is not None and folder_of(path) != package.folder and path.endswith("project.json"):
        # Nx' paths are the workspace's.
        folder = folder.removeprefix(f"{package.folder}/")
    base = _flag(build, "--base-href") or words_of(options.get("baseHref")) or "/"
    base_line = key_line(text, "baseHref")
    return Output(
        f"{folder}/{browser}" if browser else folder,
        Evidence(path, line) if path else package.evidence("scripts", "build"),
        _slashes(base) if base.startswith("/") else "/",
        Evidence(path, base_line) if path and base != "/" else None,
        True,
        Evidence(path) if path else None,
    )


def _angular_target(tree: Tree, package: Package) -> tuple[str | None, str | None, Mapping[str, Any]]:
    for name in ("angular.json", "project.json"):
        path = join(package.folder, name)
        data = read_json(tree, path, comments=True) if tree.has(path) else None
        if data is None:
            continue
        if name == "project.json":
            targets = data.get("targets")
            build = targets.get("build") if isinstance(targets, dict) else None
            return path, words_of(data.get("name")), build if isinstance(build, dict) else {}
        projects = data.get("projects")
        if not isinstance(projects, dict):
            return path, None, {}
        wanted = words_of(data.get("defaultProject"))
        chosen = [key for key in projects if key == wanted] or [
            key for key, one in projects.items()
            if isinstance(one, dict) and one.get("projectType", "application") == "application" and not str(key).endswith("-e2e")
        ]  # fmt: skip
        for key in chosen[:1]:
            project = projects[key]
            for group in ("architect", "targets"):
                targets = project.get(group) if isinstance(project, dict) else None
                build = targets.get("build") if isinstance(targets, dict) else None
                if isinstance(build, dict):
                    return path, words_of(key), build
            return path, words_of(key), {}
        return path, None, {}
    return None, None, {}


def angular_server(tree: Tree, package: Package) -> tuple[str, Evidence] | None:
    """Return the server's file, relative to the package, where Angular renders on a server (outputMode server, ssr)."""
    path, name, target = _angular_target(tree, package)
    options = target.get("options")
    if path is None or not isinstance(options, dict) or not options.get("ssr"):
        return None
    if options.get("outputMode") == "static" or not isinstance(options.get("ssr"), (dict, bool)):
        return None
    stated = options.get("outputPath")
    top = words_of(stated.get("base")) if isinstance(stated, dict) else words_of(stated)
    folder = normal(top or f"dist/{name or package.name or 'app'}")
    text = tree.text(path) or ""
    return (f"{folder}/server/server.mjs", Evidence(path, key_line(text, "ssr"))) if folder else None


def _docs(tree: Tree, package: Package, label: str, build: str) -> Output:
    """VitePress and VuePress: the folder that the script names holds .vitepress/dist."""
    match = re.search(rf"\b{label} build(?:\s+(?!-)([A-Za-z0-9_./-]+))?", build)
    root = normal(match.group(1)) if match and match.group(1) else "."
    inner = f".{label}/dist"
    folder = join(root or ".", inner)
    config = [join(root or ".", f".{label}/config")]
    base, place = "/", None
    for path, text in _configs(tree, package, config):
        found = re.search(rf"\bbase{_VALUE}", text)
        if found and found.group(1).startswith("/"):
            base, place = _slashes(found.group(1)), _place(path, text, found.start(1))
    return Output(folder, package.evidence("scripts", "build"), base, place, spa=False)


def _configs(tree: Tree, package: Package, names: tuple[str, ...] | list[str]) -> list[tuple[str, str]]:
    found = []
    for name in names:
        for ending in _ENDINGS:
            path = join(package.folder, f"{name}.{ending}")
            text = tree.text(path) if tree.has(path) else None
            if text is not None:
                found.append((path, text[:MAX_CONFIG]))
    return found


def _flag(build: str, flag: str | None) -> str | None:
    if flag is None:
        return None
    match = re.search(rf"(?<!\S){re.escape(flag)}[\s=]+['\"]?([A-Za-z0-9_./-]{{1,200}})", build)
    return match.group(1) if match else None


def _place(path: str, text: str, at: int) -> Evidence:
    return Evidence(path, text.count("\n", 0, at) + 1)


def _slashes(base: str) -> str:
    clean = normal(base.strip("/"))
    plain = clean is not None and re.fullmatch(r"[A-Za-z0-9_./~-]+", clean) is not None
    return f"/{clean}/" if plain and clean != "." else "/"
