"""Rewrite a Dockerfile of a project's folder, or one that came without a folder."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from slimdesk.basics.errors import BadInput, OutputError, SlimDeskError, UnavailableFamily
from slimdesk.basics.files import keep_original, write_whole
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.check import check
from slimdesk.dockerfile.fixes import Fix, mend
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.surroundings import Surroundings, look_around
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.detect import choose_component
from slimdesk.operations.explain import read_dockerfile
from slimdesk.operations.generate import own_ignore
from slimdesk.project.detect import detect
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options
from slimdesk.recipes.registry import PROFILES
from slimdesk.recipes.rewrite import Rewrite, rewrite, unified
from slimdesk.recipes.rewrite_sketch import sketch

_MEANT = frozenset({"quoted-list", "base-entrypoint"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the caller wants; `around` and `ignore` are of the build context, where there is one."""

    name: str
    family: Family | None
    options: Options | None
    around: Surroundings | None = None
    ignore: str | None = None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What came of a Dockerfile: mended line by line, and rewritten for a recipe where one serves.

    `fixes` are what mending did, `mended_diff` shows it. `rewrite` is None where no recipe serves, and `reason` says why.
    `guessed`: the project was inferred from the Dockerfile alone.
    """

    old: str
    mended: str
    mended_diff: str
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]
    left: tuple[Finding, ...]
    rewrite: Rewrite | None
    reason: str
    guessed: bool


def rewrite_file(
    path: Path,
    folder: Path | None = None,
    family: Family | None = None,
    component: str | None = None,
    options: Options | None = None,
) -> Rewritten:
    """Rewrite the Dockerfile at `path`; `folder` is its project, None if there is none. Blocking.

    Raises BadInput for a file, folder or component that cannot be used, DockerfileError for a text that BuildKit refuses,
    UnavailableFamily for a `family` that was asked for and cannot serve.
    """
    text = read_dockerfile(path)
    if folder is None:
        return rewrite_text(text, path.name, family, options)
    project = detect(folder)
    chosen = choose_component(project, component)
    return rewrite_in(project, chosen, text, name=path.name, family=family, options=options, dockerfile=path)


def rewrite_in(
    project: Project,
    component: Component,
    text: str,
    *,
    name: str = "Dockerfile",
    family: Family | None = None,
    options: Options | None = None,
    dockerfile: Path | None = None,
) -> Rewritten:
    """Rewrite a text for a component of an open project. Raises as `rewrite_file`."""
    around = look_around(project.root / component.context, dockerfile)
    catalog = catalog_for(project.root)
    ignore = own_ignore(project, component)
    asked = _Asked(name, family, options, around, ignore)
    return _rewritten(text, component, catalog, asked)


def rewrite_text(
    text: str, name: str = "Dockerfile", family: Family | None = None, options: Options | None = None
) -> Rewritten:
    """Mend a Dockerfile that came without its folder, and rewrite it for the project that it seems to belong to."""
    catalog = catalog_for(None)
    mended = mend(text, catalog)
    component = guessed_component(parse(mended.text, name))
    found = _rewritten(text, component, catalog, _Asked(name, family, options))
    return replace(found, guessed=True)


def save_text(text: str, path: Path, *, force: bool = False) -> Path | None:
    """Write the text to `path`; return where the file that stood there is kept.

    Raises OutputError if something stands there and `force` is not set, or if it cannot be written.
    """
    if path.is_dir() or (not force and (path.exists() or path.is_symlink())):
        raise OutputError(
            f"{path} was not replaced",
            "it is a folder" if path.is_dir() else "it exists",
            f"Choose another name, or use --force, which keeps it as {path.name}.orig",
        )
    kept = keep_original(path)
    write_whole(path, text)
    return kept


def guessed_component(dockerfile: Dockerfile) -> Component | None:
    """Return the component that a Dockerfile seems to build, without evidence; None if it does not say enough."""
    drawn = sketch(dockerfile)
    if drawn is None or drawn[0] not in PROFILES:
        return None
    with tempfile.TemporaryDirectory(prefix="slimdesk-") as folder:
        root = Path(folder) / "app"
        for path, text in drawn[1].items():
            place = root / path
            # A name from the Dockerfile leads nowhere else.
            if not place.resolve().is_relative_to(root.resolve()):
                return None
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        try:
            found = detect(root).components
        except SlimDeskError:
            return None
    chosen = next((one for one in found if one.profile == drawn[0]), None)
    return None if chosen is None else _without_evidence(chosen)


def _without_evidence(component: Component) -> Component:
    """The files are of our own making: nothing was read anywhere."""
    facts = tuple(replace(fact, evidence=None) for fact in component.facts)
    return replace(component, facts=facts, problems=())


def _rewritten(
    text: str,
    component: Component | None,
    catalog: Catalog,
    asked: _Asked,
) -> Rewritten:
    name, around = asked.name, asked.around
    findings = check(parse(text, name), catalog, None, around)
    mended = mend(text, catalog, around)
    done: Rewrite | None = None
    reason = ""
    if component is None:
        reason = "What this Dockerfile builds cannot be told without its folder"
    else:
        try:
            # What the container starts is read as it was meant; all other lines stay where the person sees them.
            meant = mend(text, catalog, rules=_MEANT).text
            done = rewrite(
                meant, component, catalog, asked.options, asked.family, name=name, own_ignore=asked.ignore
            )
            done = replace(done, diff=unified(text, done.text, name), findings_before=findings)
        except UnavailableFamily as error:
            if asked.family is not None:
                raise
            reason = str(error)
        except BadInput as error:
            reason = str(error)
    return Rewritten(
        text,
        mended.text,
        unified(text, mended.text, name) if mended.text != text else "",
        mended.applied,
        findings,
        mended.left,
        done,
        reason,
        guessed=False,
    )
