"""Write the Dockerfile of one variant, and save it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from slimdesk.basics.errors import OutputError
from slimdesk.basics.files import keep_original, write_whole
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.check import check
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.mirrors import through_mirrors
from slimdesk.project.model import Component, Project
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Generated, Options
from slimdesk.recipes.needs import with_calls

MAX_IGNORE = 1_048_576


def generate_dockerfile(
    project: Project, component: Component, family: Family | Literal["recommended"] | None, options: Options
) -> Generated:
    """Return the variant's Dockerfile with its findings; `family` None is the baseline.

    Raises UnavailableFamily with the reason, CatalogError, and BadInput for an option that cannot be written.
    """
    catalog = catalog_for(project.root)
    chosen = family
    if chosen == "recommended":
        able = with_calls(
            component, fits(component, catalog, options.packages), project.calls, options.packages
        )
        chosen = recommended(able).family
    in_force, recorded = through_mirrors(project.root, options)
    found = generate(component, chosen, catalog, in_force, own_ignore(project, component), recorded=recorded)
    return replace(found, findings=(*found.findings, *check(found.dockerfile, catalog)))


def own_ignore(project: Project, component: Component) -> str | None:
    """Return the .dockerignore that the component's context already has, at most 1 MiB of it; None without one."""
    path = project.root / component.context / ".dockerignore"
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_IGNORE).decode("utf-8-sig", errors="replace").replace("\0", "")
    except OSError:
        return None


def save_dockerfile(generated: Generated, path: Path, *, force: bool = False) -> Path | None:
    """Write the Dockerfile to `path`; return where the file that stood there is kept.

    Raises OutputError if something stands there and `force` is not set, or if it cannot be written.
    """
    if path.is_dir():
        raise OutputError(
            f"{path} was not written", "it is a folder", "Name a file in it, such as Dockerfile"
        )
    if not force and (path.exists() or path.is_symlink()):
        raise OutputError(
            f"{path} was not replaced",
            "it exists",
            f"Choose another name, or use --force, which keeps it as {path.name}.orig",
        )
    kept = keep_original(path)
    write_whole(path, generated.text)
    return kept


@dataclass(frozen=True, slots=True)
class SavedIgnore:
    """What became of the .dockerignore at `path`: written, or left as it was; `kept` is where the old one stands."""

    path: Path
    written: bool
    kept: Path | None = None


def save_ignore(
    generated: Generated, project: Project, dockerfile: Path, *, force: bool = False
) -> SavedIgnore | None:
    """Write the .dockerignore that belongs to the Dockerfile saved at `dockerfile`; None if there is nothing to write.

    In the context's folder it is .dockerignore; elsewhere NAME.dockerignore, which BuildKit reads beside a Dockerfile
    of that name. One that differs stays as it is unless `force` is set, which keeps it as NAME.orig. Raises OutputError.
    """
    if not generated.dockerignore.strip():
        return None
    in_context = dockerfile.resolve().parent == (project.root / generated.context).resolve()
    path = dockerfile.with_name(".dockerignore" if in_context else f"{dockerfile.name}.dockerignore")
    try:
        if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == generated.dockerignore:
            return None
    except OSError:
        return SavedIgnore(path, written=False)
    if path.is_dir() or (not force and (path.exists() or path.is_symlink())):
        return SavedIgnore(path, written=False)
    kept = keep_original(path)
    write_whole(path, generated.dockerignore)
    return SavedIgnore(path, written=True, kept=kept)
