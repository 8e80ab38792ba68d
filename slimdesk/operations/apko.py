"""Write an apko.yaml and the Dockerfile on top of it, and save both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from slimdesk.basics.errors import OutputError
from slimdesk.basics.files import keep_original, write_whole
from slimdesk.dockerfile.check import check
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.generate import own_ignore, save_dockerfile
from slimdesk.project.model import Component, Project
from slimdesk.recipes.apko import DOCKERFILE, FILE, ApkoFiles, apko
from slimdesk.recipes.model import Options


def apko_files(
    project: Project, component: Component, options: Options, image: str | None = None
) -> ApkoFiles:
    """Return both files with their findings; `image` is the name of what apko makes, localhost/NAME-runtime without.

    Raises UnavailableFamily with the reason, CatalogError, and BadInput for an option that cannot be written.
    """
    catalog = catalog_for(project.root)
    found = apko(component, catalog, options, own_ignore(project, component), image)
    generated = found.generated
    findings = (*generated.findings, *check(generated.dockerfile, catalog))
    return replace(found, generated=replace(generated, findings=findings))


def save_apko(files: ApkoFiles, folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write apko.yaml, Dockerfile.wolfi and its .dockerignore into `folder`; return what was written.

    Raises OutputError if one of them stands there and `force` is not set (with it, NAME.orig keeps it).
    """
    config, dockerfile = folder / FILE, folder / DOCKERFILE
    ignore = folder / f"{DOCKERFILE}.dockerignore"
    wanted = [config, dockerfile, *([ignore] if files.generated.dockerignore.strip() else [])]
    for path in wanted:
        if path.is_dir() or (not force and (path.exists() or path.is_symlink())):
            raise OutputError(
                f"{path} was not replaced",
                "it exists",
                f"Choose another folder, or use --force, which keeps it as {path.name}.orig",
            )
    if not folder.is_dir():
        raise OutputError(f"{folder} is not a folder", "", "Make it first")
    keep_original(config)
    write_whole(config, files.config)
    save_dockerfile(files.generated, dockerfile, force=force)
    if ignore in wanted:
        keep_original(ignore)
        write_whole(ignore, files.generated.dockerignore)
    return tuple(wanted)
