"""What the page on a pasted Dockerfile shows, read in one go away from the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.catalog.model import Family
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.own_dockerfile import OwnDockerfile, judge
from slimdesk.operations.paste import Pasted, read_pasted
from slimdesk.operations.rewrite import guessed_component
from slimdesk.project.model import Component, Project
from slimdesk.recipes.generate import fits


@dataclass(frozen=True, slots=True)
class Looked:
    """A pasted text, what is found in it, and what is left after mending; `families` could serve what it builds.

    `refused` says why the family that was asked for does not.
    """

    pasted: Pasted
    own: OwnDockerfile
    mended: OwnDockerfile | None
    families: tuple[Family, ...]
    refused: str = ""


def look(
    text: str, family: Family | None, target: tuple[Project, Component] | None, *, repair: bool
) -> Looked:
    """Read a text; blocking, up to a second where hadolint is installed. `repair`: it comes from the clipboard."""
    refused = ""
    try:
        pasted = read_pasted(text, family, repair=repair, target=target)
    except UnavailableFamily as error:
        refused = str(error)
        pasted = read_pasted(text, None, repair=repair, target=target)
    own = judged(pasted.text, target)
    mended = judged(pasted.mended, target) if pasted.mended is not None else None
    return Looked(pasted, own, mended, _families(pasted, target), refused)


def judged(text: str, target: tuple[Project, Component] | None) -> OwnDockerfile:
    """Check a text, in the folder that it belongs to if there is one; blocking."""
    if target is None:
        return judge(text)
    project, component = target
    return judge(text, context=project.root / component.context, root=project.root)


def fitting_component(project: Project, pasted: Pasted) -> Component | None:
    """Return the component of a project that a Dockerfile seems to build: the first of its language, else the first."""
    guessed = guessed_component(pasted.dockerfile) if pasted.dockerfile is not None else None
    alike = (one for one in project.components if guessed is not None and one.profile == guessed.profile)
    return next(alike, None) or next(iter(project.components), None)


def _families(pasted: Pasted, target: tuple[Project, Component] | None) -> tuple[Family, ...]:
    if pasted.rewrite is None or pasted.dockerfile is None:
        return ()
    component = target[1] if target is not None else guessed_component(pasted.dockerfile)
    if component is None:
        return ()
    found = fits(component, catalog_for(target[0].root if target is not None else None))
    return tuple(fit.family for fit in found if fit.available)
