"""A front end as a component: what builds it, which folder is served, under which path, and what is fixed at build time.

Facts besides those of node.py's packages, workspaces and builds; paths are from the component's folder:
- `output_folder` (what is served), `base_path` (begins and ends with /), `spa` (one page answers every path)
- `build_variable`: a variable that the build writes into the files
- `nginx_conf`: the project's own configuration, from the project's root; `nginx_listen`, `nginx_root`, `nginx_whole`
  (it is a whole nginx.conf, not a server block; `nginx_pid` and `nginx_daemon`: it says these), `nginx_template` and `nginx_proxy` (an address that it passes requests on to)
"""

from __future__ import annotations

import re

from slimdesk.project.languages.node_package import Package
from slimdesk.project.languages.web_output import find_output
from slimdesk.project.model import Evidence, Fact, Problem
from slimdesk.project.walk import Tree, folder_of, join

PORT = 8080
MAX_FILES = 800
MAX_BYTES = 8_000_000
MAX_VARIABLES = 40

_SOURCES = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".mts", ".vue", ".svelte", ".astro", ".html")
_NAME = "[A-Za-z][A-Za-z0-9_]{0,99}"
_VARIABLES = {
    "vite": re.compile(rf"\bimport\.meta\.env\.(VITE_{_NAME})|%(VITE_{_NAME})%"),
    "create-react-app": re.compile(rf"\bprocess\.env\.(REACT_APP_{_NAME})|%(REACT_APP_{_NAME})%"),
    "vue-cli": re.compile(rf"\bprocess\.env\.(VUE_APP_{_NAME})"),
    "next": re.compile(rf"\bprocess\.env\.(NEXT_PUBLIC_{_NAME})"),
    "gatsby": re.compile(rf"\bprocess\.env\.(GATSBY_{_NAME})"),
    "astro": re.compile(rf"\bimport\.meta\.env\.(PUBLIC_{_NAME})"),
    "sveltekit": re.compile(rf"\bimport\.meta\.env\.(PUBLIC_{_NAME}|VITE_{_NAME})|\b(PUBLIC_{_NAME})\b"),
    "parcel": re.compile(rf"\bprocess\.env\.({_NAME})"),
    "rsbuild": re.compile(rf"\b(?:import\.meta|process)\.env\.(PUBLIC_{_NAME})"),
}
_ALWAYS_SET = frozenset({"NODE_ENV", "PUBLIC_URL", "BASE_URL", "MODE", "DEV", "PROD", "SSR"})
_CONFS = (
    "nginx.conf", "default.conf", "nginx/nginx.conf", "nginx/default.conf", "nginx/conf.d/default.conf", ".nginx/nginx.conf",
    "docker/nginx.conf", ".docker/nginx.conf", "docker/nginx/default.conf", "docker/nginx/nginx.conf", "config/nginx.conf",
    "deploy/nginx.conf", "nginx.conf.template",
)  # fmt: skip


def web_facts(tree: Tree, package: Package, label: str, build: str) -> tuple[list[Fact], list[Problem]]:
    """Return what is served and how, for the tool `label` whose build runs the commands `build`."""
    output = find_output(tree, package, label, build)
    facts = [
        Fact("output_folder", output.folder, output.evidence),
        Fact("base_path", output.base, output.base_evidence),
        Fact("spa", output.spa, output.spa_evidence),
    ]
    if output.base != "/":
        facts.append(Fact("health_path", output.base, output.base_evidence))
    variables = build_variables(tree, package.folder, label)
    facts += variables
    facts += serving_facts(tree, package.folder)
    problems = []
    if variables:
        names = ", ".join(str(fact.value) for fact in variables[:4])
        more = "" if len(variables) <= 4 else f" and {len(variables) - 4} more"
        closed = next(
            (path for path in tree.closed if folder_of(path) == package.folder and ".env" in path), None
        )
        hint = "" if closed is None else f" {closed} stays outside of the build, as it may hold secrets."
        problems.append(
            Problem(
                f"The build writes {names}{more} into the files that browsers get: an image has one value for all places. "
                f"Give each with --build-arg when the image is built.{hint}",
                variables[0].evidence,
            )
        )
    return facts, problems


def build_variables(tree: Tree, folder: str, label: str) -> list[Fact]:
    """Return facts `build_variable`: names that the tool writes into the files, where the code reads them first."""
    pattern = _VARIABLES.get(label) or (_VARIABLES["vite"] if label in ("svelte", "vitepress") else None)
    found: dict[str, Evidence] = {}
    if pattern is None:
        return []
    budget = MAX_BYTES
    # Only SvelteKit's names without a prefix of an object need the import to be there.
    for number, file in enumerate(one for one in tree.under(folder) if one.path.endswith(_SOURCES)):
        if number >= MAX_FILES or budget <= 0 or len(found) >= MAX_VARIABLES:
            break
        if file.size > 400_000:
            continue
        text = tree.text(file.path) or ""
        budget -= len(text)
        if label == "sveltekit" and "$env/static/public" not in text and "import.meta.env" not in text:
            continue
        for match in pattern.finditer(text):
            name = next(group for group in match.groups() if group)
            if name not in _ALWAYS_SET and len(found) < MAX_VARIABLES:
                found.setdefault(name, Evidence(file.path, text.count("\n", 0, match.start()) + 1))
    return [Fact("build_variable", name, place) for name, place in found.items()]


def serving_facts(tree: Tree, folder: str) -> list[Fact]:
    """Return the port that is served on and what the project's own nginx configuration says of it."""
    own = nginx_facts(tree, folder)
    listen = next((fact for fact in own if fact.key == "nginx_listen"), None)
    taken = listen is not None and all(fact.key != "nginx_template" for fact in own)
    port = Fact("port", listen.value, listen.evidence) if taken and listen is not None else Fact("port", PORT)
    return [port, *own]


def nginx_facts(tree: Tree, folder: str) -> list[Fact]:
    """Return what the project's own nginx configuration says, if it has one."""
    for name in _CONFS:
        path = join(folder, name)
        text = tree.text(path) if tree.has(path) else None
        if text is None or not re.search(r"\bserver\s*\{", text):
            continue
        facts = [Fact("nginx_conf", path, Evidence(path))]
        for key, pattern in (
            ("nginx_listen", r"(?m)^\s*listen\s+(?:[0-9.]+:|\[::\]:)?(\d{1,5})\b"),
            ("nginx_root", r"(?m)^\s*root\s+([A-Za-z0-9_./-]{1,200})\s*;"),
            ("nginx_proxy", r"(?m)^\s*(?:proxy|fastcgi|uwsgi|grpc)_pass\s+([^;\s]{1,200})\s*;"),
        ):
            match = re.search(pattern, text)
            if match:
                place = Evidence(path, text.count("\n", 0, match.start(1)) + 1)
                value: str | int = match.group(1)
                if key == "nginx_listen":
                    value = int(match.group(1))
                    if not 0 < value < 65_536:
                        continue
                facts.append(Fact(key, value, place))
        if re.search(r"(?m)^\s*(?:http|events)\s*\{", text):
            facts.append(Fact("nginx_whole", True, Evidence(path)))
            for key, pattern in (("nginx_pid", r"(?m)^\s*pid\s"), ("nginx_daemon", r"(?m)^\s*daemon\s")):
                if re.search(pattern, text):
                    facts.append(Fact(key, True, Evidence(path)))
        if "template" in name or re.search(r"\$\{[A-Z]", text):
            facts.append(Fact("nginx_template", True, Evidence(path)))
        return facts
    return []
