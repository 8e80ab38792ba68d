"""One .csproj, .fsproj or .vbproj with the Directory.Build.props above it: properties, packages, references.

MSBuild is a language of its own; only what is written plainly is read: conditions are passed over where another value
stands without one, and $(Name) is filled in from the same files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from slimdesk.project.languages.java_xml import Element, read_xml
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, folder_of, join, normal

# Files above a project that its restore reads (learn.microsoft.com: "Customize by folder", "Central Package Management").
SHARED = ("Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "nuget.config", "NuGet.Config", "NuGet.config", "global.json", "packages.lock.json", ".config/dotnet-tools.json")  # fmt: skip
MAX_PROJECTS = 300
_VARIABLE = re.compile(r"\$\(([A-Za-z_][\w.]{0,60})\)")
_FILE_ITEMS = frozenset({"Compile", "Content", "None", "EmbeddedResource", "Protobuf", "AdditionalFiles"})
_TEST_PACKAGES = frozenset({"microsoft.net.test.sdk", "xunit", "xunit.v3", "nunit", "mstest.testframework", "mstest", "tunit", "benchmarkdotnet", "coverlet.collector"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Property:
    """A property's value and where it stands."""

    value: str
    evidence: Evidence


@dataclass(slots=True)
class DotnetProject:
    """What one project file says. `references` are project files, `outside` folders that its items come from."""

    path: str
    sdk: str
    properties: dict[str, Property] = field(default_factory=dict)
    packages: dict[str, Evidence] = field(default_factory=dict)
    references: dict[str, Evidence] = field(default_factory=dict)
    lost: dict[str, Evidence] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    frameworks: dict[str, Evidence] = field(default_factory=dict)
    sdk_line: int = 1

    @property
    def folder(self) -> str:
        """The folder that the project file is in."""
        return folder_of(self.path)

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return self.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]

    def text(self, name: str) -> str | None:
        """Return a property's value."""
        found = self.properties.get(name.lower())
        return found.value if found else None

    def place(self, name: str) -> Evidence | None:
        """Return where a property is set."""
        found = self.properties.get(name.lower())
        return found.evidence if found else None

    def yes(self, name: str) -> bool:
        """Whether a property is true."""
        return (self.text(name) or "").strip().lower() in ("true", "enable", "enabled")

    def package(self, *names: str) -> Evidence | None:
        """Return where the first of these packages is referenced."""
        return next((self.packages[name.lower()] for name in names if name.lower() in self.packages), None)

    @property
    def targets(self) -> list[str]:
        """The target frameworks, as written: net10.0, net8.0-windows, net48."""
        text = self.text("TargetFramework") or self.text("TargetFrameworks") or ""
        return [word.strip().lower() for word in text.split(";")[:20] if word.strip()]

    @property
    def is_web(self) -> bool:
        """Whether it is an ASP.NET Core program."""
        return self.sdk.startswith("microsoft.net.sdk.web") or "microsoft.aspnetcore.app" in self.frameworks

    @property
    def is_test(self) -> bool:
        """Whether it is for tests or benchmarks."""
        stated = self.text("IsTestProject")
        if stated is not None:
            return stated.strip().lower() == "true"
        return self.sdk.startswith("mstest.sdk") or any(name in _TEST_PACKAGES for name in self.packages)

    @property
    def is_program(self) -> bool:
        """Whether it makes something that starts: an Exe, or an SDK whose projects are programs."""
        kind = (self.text("OutputType") or "").strip().lower()
        if kind:
            return kind in ("exe", "winexe")
        return self.sdk.startswith(("microsoft.net.sdk.web", "microsoft.net.sdk.worker"))


def read_project(tree: Tree, path: str) -> DotnetProject | None:
    """Return what the project file says; None after a problem was noted, or if it is no SDK-style project."""
    root = read_xml(tree, path)
    if root is None or root.name != "Project":
        return None
    sdk, line = _sdk(root)
    if sdk is None:
        tree.problem(
            f"{path} is a project of the old .NET Framework, which runs on Windows alone: SlimDesk builds Linux images",
            path,
            1,
        )
        return None
    project = DotnetProject(path, sdk.lower(), sdk_line=line)
    for shared in _shared_properties(tree, project.folder):
        if (above := read_xml(tree, shared)) is not None:
            _properties(above, shared, project)
            _items(above, shared, project, tree)
    _properties(root, path, project)
    _items(root, path, project, tree)
    return project


def shared_files(tree: Tree, folder: str) -> list[str]:
    """Return the files of SHARED in the folder and all folders above it."""
    found = []
    while True:
        found += [path for name in SHARED if tree.has(path := join(folder, name))]
        if folder in (".", ""):
            return found
        folder = folder_of(folder)


def closure(tree: Tree, project: DotnetProject, known: dict[str, DotnetProject]) -> list[DotnetProject]:
    """Return the project and every project that it refers to, each once; circles do no harm."""
    order: list[DotnetProject] = []
    waiting = [project]
    seen = {project.path}
    while waiting and len(order) < MAX_PROJECTS:
        one = waiting.pop(0)
        order.append(one)
        for path in one.references:
            if path in seen:
                continue
            seen.add(path)
            other = known.get(path) or read_project(tree, path)
            if other is not None:
                waiting.append(other)
    return order


def _sdk(root: Element) -> tuple[str | None, int]:
    stated = root.attributes.get("Sdk")
    if stated:
        return stated.split(";")[0].split("/")[0], root.line
    for element in root.children:
        if element.name == "Sdk" and element.attributes.get("Name"):
            return element.attributes["Name"], element.line
        if element.name == "Import" and element.attributes.get("Sdk"):
            return element.attributes["Sdk"], element.line
    return None, 1


def _shared_properties(tree: Tree, folder: str) -> list[str]:
    """The nearest Directory.Build.props: MSBuild reads that one alone unless it imports the next."""
    while True:
        path = join(folder, "Directory.Build.props")
        if tree.has(path):
            outer = _shared_properties(tree, folder_of(folder)) if folder not in (".", "") else []
            text = tree.text(path) or ""
            return [*(outer if "GetPathOfFileAbove" in text else []), path]
        if folder in (".", ""):
            return []
        folder = folder_of(folder)


def _properties(root: Element, path: str, project: DotnetProject) -> None:
    for group in _children(root, "PropertyGroup"):
        conditional = "Condition" in group.attributes
        for element in group.children[:500]:
            value = element.text.strip()[:500]
            key = element.name.lower()
            if (conditional or "Condition" in element.attributes) and key in project.properties:
                continue
            filled = _VARIABLE.sub(lambda match: project.text(match.group(1)) or match.group(), value)
            project.properties[key] = Property(filled, Evidence(path, element.line))


def _items(root: Element, path: str, project: DotnetProject, tree: Tree) -> None:
    for group in _children(root, "ItemGroup"):
        for element in group.children[:3_000]:
            include = element.attributes.get("Include", "").strip()
            evidence = Evidence(path, element.line)
            if not include:
                continue
            if element.name in ("PackageReference", "GlobalPackageReference"):
                project.packages.setdefault(include.lower(), evidence)
            elif element.name == "FrameworkReference":
                project.frameworks.setdefault(include.lower(), evidence)
            elif element.name == "ProjectReference":
                _reference(include, project, evidence, tree)
            elif element.name in _FILE_ITEMS and include.replace("\\", "/").startswith("../"):
                _outside(include, project)


def _reference(include: str, project: DotnetProject, evidence: Evidence, tree: Tree) -> None:
    folder = "" if project.folder == "." else project.folder + "/"
    path = normal(folder + include.replace("\\", "/"))
    if path is not None and tree.has(path):
        project.references.setdefault(path, evidence)
    elif "$(" not in include and "*" not in include:
        project.lost.setdefault(include, evidence)


def _outside(include: str, project: DotnetProject) -> None:
    folder = "" if project.folder == "." else project.folder + "/"
    path = include.replace("\\", "/")
    plain = path.split("*")[0]
    found = normal(folder + plain)
    if found is not None and "$(" not in include:
        project.outside.append(found if plain.endswith("/") else folder_of(found))


def _children(root: Element, name: str) -> Iterator[Element]:
    for element in root.children:
        if element.name == name:
            yield element
        elif element.name in ("Choose", "When", "Otherwise"):
            yield from _children(element, name)
