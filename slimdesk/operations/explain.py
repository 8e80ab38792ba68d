"""Read a Dockerfile back: its stages and instructions, and what the rules find."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slimdesk.basics.errors import BadInput
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog, load_catalog
from slimdesk.dockerfile.hadolint import Lint, run_hadolint
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.surroundings import Surroundings, look_around
from slimdesk.operations.checks import Told, all_checks

MAX_DOCKERFILE = 16_000_000


@dataclass(frozen=True, slots=True)
class Explained:
    """A Dockerfile with what all checkers say of it; `lint` is None where hadolint was not asked for."""

    dockerfile: Dockerfile
    told: tuple[Told, ...]
    lint: Lint | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings alone."""
        return tuple(one.finding for one in self.told)


def explain(
    path: Path, *, lint: bool = False, context: Path | None = None, catalog: Catalog | None = None
) -> Explained:
    """Read and check the file at `path`; with `lint` hadolint is asked too. `context` is the build's folder, if known.

    Raises DockerfileError with the line where BuildKit would refuse it, BadInput for a file that cannot be read,
    CatalogError for a catalogue file of the person's own that is wrong.
    """
    around = None if context is None else look_around(context, path)
    return explain_text(read_dockerfile(path), str(path), lint=lint, surroundings=around, catalog=catalog)


def explain_text(
    text: str,
    name: str = "Dockerfile",
    *,
    lint: bool = False,
    surroundings: Surroundings | None = None,
    catalog: Catalog | None = None,
) -> Explained:
    """Read and check a Dockerfile's text; `name` stands in errors and findings. Raises as `explain`."""
    dockerfile = parse(text, name)
    known = load_catalog() if catalog is None else catalog
    lints = run_hadolint(text, name) if lint else None
    told = all_checks(text, known, path=name, surroundings=surroundings, lint=lints)
    return Explained(dockerfile, told, lints)


def read_dockerfile(path: Path) -> str:
    """Return the file's text; bytes that are no UTF-8 become U+FFFD. Raises BadInput."""
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder", "", "Name the Dockerfile in it")
        with path.open("rb") as file:
            raw = file.read(MAX_DOCKERFILE + 1)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read", error.strerror or str(error), "Check the name and the permissions"
        ) from error
    except ValueError as error:
        raise BadInput(f"{path} cannot be read", str(error), "Check the name") from error
    if len(raw) > MAX_DOCKERFILE:
        raise BadInput(f"{path} is not read", "it is over 16 MB", "Is it a Dockerfile?")
    return raw.decode("utf-8", "replace")
