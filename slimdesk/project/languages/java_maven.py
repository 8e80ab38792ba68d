"""Maven's pom.xml: coordinates, parents inside the project, properties, plugins and dependencies, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from slimdesk.project.languages.java_xml import Element, read_xml
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, folder_of, join, normal

MAX_PARENTS = 20
MAX_EXPANSIONS = 30
MAX_TEXT = 500
# The oldest JDK that anything is built with.
OLDEST_JDK = 17
_PROPERTY = re.compile(r"\$\{([^${}]{1,100})\}")
_OUTSIDE = re.compile(r"^(?:env|settings|maven|os|user|java|sun)\.")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One dependency: its group and artefact, version and scope if stated."""

    group: str
    artifact: str
    version: str | None
    scope: str | None
    place: Evidence


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin of a build, with the element that configures it."""

    group: str
    artifact: str
    version: str | None
    element: Element
    place: Evidence
    managed: bool = False


@dataclass(slots=True)
class Pom:
    """One pom.xml, and the chain of its parents as far as they lie in the project, the nearest first.

    `foreign_parent` is the first parent that does not: group, artefact, version, and where it is named.
    """

    path: str
    root: Element
    tree: Tree
    parents: list[Pom] = field(default_factory=list)
    foreign_parent: tuple[str, str, str | None, Evidence] | None = None
    missing_parent: Evidence | None = None

    @property
    def folder(self) -> str:
        """The module's folder."""
        return folder_of(self.path)

    @property
    def chain(self) -> list[Pom]:
        """This pom and its parents in the project."""
        return [self, *self.parents]

    @property
    def artifact(self) -> str:
        """The artefact's name, or an empty text."""
        return self.root.value("artifactId") or ""

    @property
    def packaging(self) -> str:
        """What the module is packed as, jar if it does not say."""
        return self.expand(self.root.value("packaging") or "jar") or "jar"

    def place(self, element: Element) -> Evidence:
        """Return where an element of this very file stands."""
        return Evidence(self.path, element.line)

    def version(self) -> str | None:
        """Return the module's own version with its properties replaced; None if one of them is not known."""
        for pom in self.chain:
            raw = pom.root.value("version")
            if raw is not None:
                return self.expand(raw)
        parent = next((pom.root.value("parent", "version") for pom in self.chain), None)
        return None if parent is None else self.expand(parent)

    def raw_property(self, name: str) -> tuple[str, Evidence] | None:
        """Return a property's text and place, from profiles that are active by default too; the nearest pom wins."""
        for pom in self.chain:
            for holder in (pom.root, *self.active_profiles(pom.root)):
                found = holder.child("properties", name)
                if found is not None:
                    value = holder.value("properties", name)
                    if value is not None:
                        return value, pom.place(found)
        return None

    def property(self, name: str) -> tuple[str, Evidence] | None:
        """Return a property with what it names replaced, and its place; None if it is not known."""
        raw = self.raw_property(name)
        value = None if raw is None else self.expand(raw[0])
        return None if raw is None or value is None else (value, raw[1])

    def expand(self, text: str) -> str | None:
        """Return the text with ${properties} replaced; None if one of them is not stated in the project."""
        for _ in range(MAX_EXPANSIONS):
            match = _PROPERTY.search(text)
            if match is None:
                return text
            value = self._lookup(match.group(1))
            if value is None or len(text) + len(value) > MAX_TEXT:
                return None
            text = text[: match.start()] + value + text[match.end() :]
        return None

    def plugins(self) -> Iterator[Plugin]:
        """Every plugin that the build of this module names, the nearest pom first; managed ones after the rest."""
        for managed in (False, True):
            for pom in self.chain:
                for holder in (pom.root, *self.active_profiles(pom.root)):
                    build = holder.child("build", "pluginManagement") if managed else holder.child("build")
                    for element in build.all("plugins", "plugin") if build else ():
                        yield Plugin(
                            element.value("groupId") or "org.apache.maven.plugins",
                            element.value("artifactId") or "",
                            self.expanded(element.value("version")),
                            element,
                            pom.place(element),
                            managed,
                        )

    def plugin(self, artifact: str, *, managed: bool = False) -> Plugin | None:
        """Return the first plugin of that name; one that is only managed is not run, unless `managed` asks for it."""
        return next(
            (one for one in self.plugins() if one.artifact == artifact and (managed or not one.managed)), None
        )

    def dependencies(self) -> Iterator[Dependency]:
        """Every dependency of this module, its parents' included."""
        for pom in self.chain:
            for holder in (pom.root, *self.active_profiles(pom.root)):
                for element in holder.all("dependencies", "dependency"):
                    yield self._dependency(pom, element)

    def managed(self) -> Iterator[Dependency]:
        """Every imported bill of materials and managed version."""
        for pom in self.chain:
            section = pom.root.child("dependencyManagement")
            for element in section.all("dependencies", "dependency") if section else ():
                yield self._dependency(pom, element)

    def _dependency(self, pom: Pom, element: Element) -> Dependency:
        return Dependency(
            self.expanded(element.value("groupId")) or "",
            self.expanded(element.value("artifactId")) or "",
            self.expanded(element.value("version")),
            element.value("scope"),
            pom.place(element),
        )

    def depends(self, artifact: str, group: str | None = None) -> Dependency | None:
        """Return the dependency on an artefact, if there is one that is there at run time."""
        return next(
            (
                one
                for one in self.dependencies()
                if one.artifact == artifact and group in (None, one.group) and one.scope != "test"
            ),
            None,
        )

    def active_profiles(self, root: Element) -> Iterator[Element]:
        """The profiles of a pom of the chain that this module's build takes unasked."""
        for profile in root.all("profiles", "profile"):
            activation = profile.child("activation")
            if activation is not None and self._is_active(activation):
                yield profile

    def _is_active(self, activation: Element) -> bool:
        if (activation.value("activeByDefault") or "").lower() == "true":
            return True
        exists, missing = activation.value("file", "exists"), activation.value("file", "missing")
        if exists is not None or missing is not None:
            # Of an inherited profile too it is the module's own folder that counts.
            path = re.sub(r"^\$\{(?:project\.)?basedir\}/|^\./", "", exists or missing or "")
            inside = normal(join(self.folder, path))
            there = inside is not None and (
                self.tree.has(inside) or (inside != "." and self.tree.has_folder(inside))
            )
            return there if exists is not None else not there
        if (activation.value("property", "name") or "").startswith("!"):
            return True
        jdk = re.fullmatch(r"\[(?:1\.)?(\d{1,2})[\d.]{0,9},\s?\)", activation.value("jdk") or "")
        return jdk is not None and int(jdk.group(1)) <= OLDEST_JDK

    def expanded(self, text: str | None) -> str | None:
        """Return `expand` of a text that may be missing."""
        return None if text is None else self.expand(text)

    def _lookup(self, name: str) -> str | None:
        if _OUTSIDE.match(name) and name != "java.version":
            raw = self.raw_property(name)
            return None if raw is None else raw[0]
        short = name.removeprefix("project.").removeprefix("pom.")
        if short != name or name == "version":
            return self._coordinate(short)
        raw = self.raw_property(name)
        return None if raw is None else raw[0]

    def _coordinate(self, name: str) -> str | None:
        if name == "artifactId":
            return self.root.value("artifactId")
        if name in ("version", "groupId"):
            for pom in self.chain:
                found = pom.root.value(name) or pom.root.value("parent", name)
                if found is not None:
                    return found
        if name.startswith("parent."):
            return self.root.value("parent", name.removeprefix("parent."))
        return self.root.value(name) if name == "name" else None


def read_poms(tree: Tree, paths: list[str]) -> dict[str, Pom]:
    """Return the poms that can be read, by their path, each with its parents."""
    found: dict[str, Pom] = {}
    for path in paths:
        root = read_xml(tree, path)
        if root is None:
            continue
        if root.name != "project":
            tree.problem(
                f"{path} is not a Maven project: its first element is not <project>", path, root.line
            )
            continue
        found[path] = Pom(path, root, tree)
    for pom in found.values():
        _find_parents(tree, pom, found)
    return found


def modules_of(tree: Tree, pom: Pom) -> Iterator[tuple[str, Evidence]]:
    """The pom files of the modules that a pom names, with the places that name them; problems for those not there."""
    for holder in (pom.root, *pom.root.all("profiles", "profile")):
        for element in holder.all("modules", "module"):
            name = pom.expand(element.text.strip()[:MAX_TEXT]) or element.text.strip()[:100]
            target = normal(join(pom.folder, name))
            if target is None:
                tree.problem(
                    f"{pom.path} names the module {name!r}, which is outside of the project",
                    pom.path,
                    element.line,
                )
                continue
            path = target if target.endswith(".xml") else join(target, "pom.xml")
            if not tree.has(path):
                if holder is pom.root:
                    tree.problem(
                        f"{pom.path} names the module {name!r}, and there is no {path}",
                        pom.path,
                        element.line,
                    )
                continue
            yield path, pom.place(element)


def _find_parents(tree: Tree, pom: Pom, known: dict[str, Pom]) -> None:
    child, seen = pom, {pom.path}
    while len(pom.parents) < MAX_PARENTS:
        element = child.root.child("parent")
        if element is None:
            return
        stated = element.child("relativePath")
        relative = stated.text.strip() if stated is not None else "../pom.xml"
        target = normal(join(child.folder, relative)) if relative else None
        if target is not None and not target.endswith(".xml"):
            target = join(target, "pom.xml")
        parent = known.get(target) if target is not None else None
        wanted = element.value("artifactId")
        if parent is None or parent.artifact != wanted:
            # Maven takes any module of the same build by its coordinates as well.
            parent = next(
                (
                    one
                    for one in known.values()
                    if one.artifact == wanted
                    and one.path not in seen
                    and one.root.value("packaging") == "pom"
                ),
                None,
            )
        if parent is None:
            group, version = element.value("groupId") or "", element.value("version")
            pom.foreign_parent = (group, wanted or "", version, child.place(element))
            if stated is not None and relative and target is not None and not tree.has(target):
                pom.missing_parent = child.place(stated)
            return
        if parent.path in seen:
            tree.problem(f"{pom.path} is its own parent, over {parent.path}", child.path, element.line)
            return
        seen.add(parent.path)
        pom.parents.append(parent)
        child = parent
