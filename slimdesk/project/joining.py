"""Components that can become one image: a front end that is only files, and the back end that serves them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import replace

from slimdesk.project.model import Component, Project
from slimdesk.project.static_folder import EMBEDDED, KEY, with_static_folder
from slimdesk.project.walk import Tree, folder_of

SIGN = "+"
FRONT = "web"
# Profiles whose programs can serve files; the others run beside a web server.
HOSTS = frozenset({"java", "node", "python", "go", "rust", "dotnet"})


def joined(tree: Tree, components: Iterable[Component]) -> tuple[Component, ...]:
    """Return each back end that serves, with the front ends of the project, as one component `web+api`."""
    components = tuple(components)
    fronts = tuple(one for one in components if one.profile == FRONT)
    if not fronts:
        return ()
    found = []
    for host in components:
        if host.profile in HOSTS and host.port is not None:
            told = with_static_folder(tree, host, fronts)
            found += [join(front, told) for front in fronts if why_not(front, told) is None]
    return tuple(found)


def joined_again(before: Iterable[Component], components: Iterable[Component]) -> tuple[Component, ...]:
    """Return the pairs of corrected components; what was read of a static folder stays unless it was corrected."""
    components = tuple(components)
    known = {one.parts[-1].name: one.parts[-1] for one in before}
    found = []
    for host in components:
        earlier = known.get(host.name)
        told = host
        if earlier is not None and host.fact(KEY) is None:
            read = (one for one in earlier.facts if one.key in (KEY, EMBEDDED))
            told = replace(host, facts=(*host.facts, *read))
        fronts = (front for front in components if front is not host)
        found += [join(front, told) for front in fronts if why_not(front, told) is None]
    return tuple(found)


def why_not(front: Component, host: Component) -> str | None:
    """Return why two components cannot become one image, in a sentence; None if they can."""
    if front.profile != FRONT:
        return f"{front.name} is a program of its own, and an image starts one: only a front end of static files can join"
    if host.profile == FRONT:
        return f"{host.name} is a front end as well: nothing would serve them"
    if host.profile not in HOSTS:
        return f"{host.name} ({host.profile}) does not serve files itself; build the two as two images"
    if host.port is None:
        return f"{host.name} listens on no port, so it cannot serve {front.name}"
    if host.fact(KEY) is None:
        return (
            f"nothing says from which folder {host.name} serves files; "
            f"state it as static_folder of {host.name} in slimdesk.toml"
        )
    return None


def almost_joined(project: Project) -> tuple[tuple[Component, Component], ...]:
    """Return (front end, back end) of the pairs that only lack the folder from which the back end serves files.

    Of several back ends those are meant that stand nearest to the front end: a folder may hold projects that have
    nothing to do with one another. A front end that is joined already lacks nothing.
    """
    served = {pair.parts[0].name for pair in project.joined}
    hosts = [one for one in project.components if one.profile in HOSTS and one.port is not None]
    found: list[tuple[Component, Component]] = []
    for front in project.components:
        if front.profile != FRONT or front.name in served:
            continue
        near = {host.name: _depth(common(front.path, host.path)) for host in hosts}
        nearest = max(near.values(), default=0)
        found += [(front, host) for host in hosts if near[host.name] == nearest and host.fact(KEY) is None]
    return tuple(found)


def _depth(path: str) -> int:
    return 0 if path == "." else path.count("/") + 1


def join(front: Component, host: Component) -> Component:
    """Return one component of both: the back end's profile, start and port, and a context that holds both."""
    path = common(front.path, host.path)
    return replace(
        host,
        name=f"{front.name}{SIGN}{host.name}",
        path=path,
        context=common(front.context, host.context),
        parts=(front, host),
        facts=(
            *(fact for fact in host.facts if fact.key != "dockerfile" or folder_of(str(fact.value)) == path),
            *(fact for fact in front.facts if fact.key == "output_folder"),
        ),
        problems=(*front.problems, *host.problems),
    )


def common(*paths: str) -> str:
    """Return the folder that holds all of them; `.` is the project's."""
    return posixpath.commonpath([f"/{path}" if path != "." else "/" for path in paths]).lstrip("/") or "."


def parts_named(name: str, components: Sequence[Component]) -> tuple[Component, ...] | None:
    """Return the components of `a+b`, front ends first; None if one of them is not there."""
    found = []
    for word in name.split(SIGN):
        one = next((component for component in components if word in (component.name, component.path)), None)
        if one is None:
            return None
        found.append(one)
    return tuple(sorted(found, key=lambda one: one.profile != FRONT))
