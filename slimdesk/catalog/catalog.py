"""The catalogue: which base image serves a language version in a family, and how old that knowledge is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from slimdesk.basics import clock
from slimdesk.basics.errors import CatalogError
from slimdesk.basics.resources import resource
from slimdesk.catalog.model import BaseImage, Family, Product, Role
from slimdesk.catalog.read import LIFECYCLES, read_images, read_products, version_key

# Files beside those of the images: release series, the images' programs, and words to compare families with.
NOT_IMAGES = frozenset({LIFECYCLES, "programs.toml", "comparison.toml"})
OLD_AFTER = dt.timedelta(days=90)


@dataclass(frozen=True)
class Catalog:
    """Base images (a person's own first), release series, and the day on which the shipped data was checked.

    `today` is asked once, when the catalogue is loaded: images whose life has ended by then never come out.
    """

    images: tuple[BaseImage, ...]
    products: dict[str, Product]
    checked: dt.date
    today: dt.date = field(default_factory=clock.today)

    def find(
        self, family: Family, serves: str, version: str | None = None, role: Role = "runtime"
    ) -> BaseImage | None:
        """Return the image of `family` that serves what is asked; None if there is none that is still supported.

        `version` is a release series by its exact name ("3.13"); None takes the product's default where the family
        has it, else the newest. Of two for the same version the person's own is taken.
        """
        found = self._serving(family, serves, role)
        if version is not None:
            return next((image for image in found if image.version == version), None)
        default = self.products[serves].default if serves in self.products else None
        preferred = next((image for image in found if image.version == default), None)
        return preferred or (found[0] if found else None)

    def versions(self, family: Family, serves: str, role: Role = "runtime") -> tuple[str, ...]:
        """Return the release series that `family` has of a language and that have not ended, newest first."""
        names = (image.version for image in self._serving(family, serves, role))
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def ended(self, product: str, version: str) -> dt.date | None:
        """Return the day on which support of a release series ended; None if it has not, or is not known."""
        cycle = self.products[product].cycle(version) if product in self.products else None
        ends = cycle.ends if cycle else None
        return ends if ends is not None and ends <= self.today else None

    def default(self, product: str) -> str | None:
        """Return the release series of a product to take where nobody asks for one."""
        return self.products[product].default if product in self.products else None

    @property
    def age(self) -> str | None:
        """A sentence when the shipped data is older than 90 days, else None."""
        days = (self.today - self.checked).days
        if dt.timedelta(days=days) <= OLD_AFTER:
            return None
        return (
            f"The catalogue of base images was last checked on {self.checked.isoformat()}, {days} days ago: "
            "newer releases may exist. A newer SlimDesk brings a newer catalogue."
        )

    def _serving(self, family: Family, serves: str, role: Role) -> list[BaseImage]:
        found = [
            image
            for image in self.images
            if image.family == family
            and image.role == role
            and serves in image.serves
            and (image.end_of_life is None or image.end_of_life > self.today)
        ]
        # Stable: a person's own stay ahead of the shipped ones of the same version.
        return sorted(found, key=lambda image: version_key(image.version or ""), reverse=True)


def load_catalog(own_folder: Path | None = None, project_folder: Path | None = None) -> Catalog:
    """Return the shipped catalogue, with the files of the project's folder and of `own_folder` in front.

    `own_folder` None is the person's, in the platform's configuration folder. A folder that does not exist holds
    nothing. Raises CatalogError with file and line for a file that is wrong.
    """
    own = own_catalog_folder() if own_folder is None else own_folder
    folders = (own,) if project_folder is None else (project_folder, own)
    return _load(tuple(stamp for folder in folders for stamp in _stamps(folder)), clock.today())


def own_catalog_folder() -> Path:
    """Return the folder of the person's own base images, in the platform's configuration folder."""
    import platformdirs

    return platformdirs.user_config_path("slimdesk", appauthor=False) / "catalog"


@lru_cache(maxsize=8)
def _load(own: tuple[tuple[Path, int, int], ...], today: dt.date) -> Catalog:
    products, checked = read_products(resource(f"catalog/{LIFECYCLES}"))
    shipped = [
        read_images(path, products)
        for path in sorted(resource("catalog").glob("*.toml"))
        if path.name not in NOT_IMAGES
    ]
    mine = [read_images(path, products, own=True) for path, _, _ in own]
    images = tuple(image for file in (*mine, *shipped) for image in file.images)
    return Catalog(images, products, min(checked, *(file.checked for file in shipped)), today)


def _stamps(folder: Path) -> list[tuple[Path, int, int]]:
    """Path, time and size of each file: a changed file is read again."""
    try:
        found = sorted(path for path in folder.glob("*.toml") if path.is_file())
        return [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in found]
    except OSError as error:
        raise CatalogError(
            f"The catalogue folder {folder} cannot be read",
            error.strerror or str(error),
            "Check its permissions",
        ) from error
