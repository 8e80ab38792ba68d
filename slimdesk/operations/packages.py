"""What packages cost in bytes: before the build from the distribution's own records, after it from the image."""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slimdesk.basics.errors import BuildFailed, UnavailableFamily
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter, Silent
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest, ContainerSpec
from slimdesk.image.model import Image, Layer
from slimdesk.operations.catalog import catalog_for
from slimdesk.project.model import Component, Project
from slimdesk.recipes.generate import fits
from slimdesk.recipes.model import Options
from slimdesk.recipes.packages import plan_dockerfile, wanted_packages

# Relations are "a (>= 1) | b, c:any": Debian policy 7.1.
_RELATED = re.compile(r"[a-z0-9][a-z0-9+.-]+", re.ASCII)
_COPIED = re.compile(r"\bCOPY /packages/ /")
_INSTALLED = re.compile(r"\b(?:apt-get install|apk add)\b")
MAX_PACKAGES = 5000
SECONDS = 60


@dataclass(frozen=True, slots=True)
class PackageCost:
    """One package that would come: bytes to fetch, bytes on disk, and why ("" = it was asked for).

    `because` is the package that needs it. Sizes are those of the distribution's records: `unpacked` is Debian's
    Installed-Size, manuals included; None where a record tells none.
    """

    name: str
    version: str
    download: int | None
    unpacked: int | None
    because: str


@dataclass(frozen=True, slots=True)
class Costs:
    """What `names` bring to `base`; `packages` is None where only a build can tell, with `reason`."""

    base: BaseImage
    names: tuple[str, ...]
    packages: tuple[PackageCost, ...] | None
    reason: str = ""

    @property
    def download(self) -> int | None:
        """Bytes to fetch; None = not known."""
        return _sum(self.packages, "download")

    @property
    def unpacked(self) -> int | None:
        """Bytes on disk; None = not known."""
        return _sum(self.packages, "unpacked")


async def package_costs(
    engine: Engine,
    project: Project,
    component: Component,
    family: Family,
    *,
    options: Options,
    reporter: Reporter | None = None,
) -> Costs:
    """Ask the distribution, through the engine, what the packages of the component and the options bring to the family's base.

    Nothing stays at the engine but its cache. Raises UnavailableFamily with the reason, BuildFailed for a package that
    does not exist, BadInput, EngineError.
    """
    told = reporter or Silent()
    catalog = catalog_for(project.root)
    fit = next(fit for fit in fits(component, catalog, options.packages) if fit.family == family)
    if not fit.available or fit.base is None:
        raise UnavailableFamily(
            f"{family} cannot serve {component.name}", fit.reason, "Choose another family"
        )
    names = tuple(wanted_packages(component, fit.base, catalog, options))
    text = plan_dockerfile(fit.base, names, catalog) if names else None
    if text is None:
        reason = f"{fit.base.reference} takes packages with apk, which tells sizes only when it installs"
        return Costs(fit.base, names, None if names else (), reason if names else "")
    told.progress(f"Asking what {', '.join(names[:3])} needs")
    return Costs(fit.base, names, costs(await _answer(engine, text, options, told), names))


def costs(text: str, names: tuple[str, ...]) -> tuple[PackageCost, ...]:
    """Read apt's records; the packages asked for come first, then the biggest. `text` is untrusted."""
    records = list(_records(text))
    known = {record["Package"] for record in records}
    provided = {
        word: record["Package"] for record in records for word in _RELATED.findall(record.get("Provides", ""))
    }
    why: dict[str, str] = dict.fromkeys((name for name in names if name in known), "")
    waiting = list(why)
    relations = {
        record["Package"]: f"{record.get('Pre-Depends', '')}, {record.get('Depends', '')}"
        for record in records
    }
    while waiting:
        one = waiting.pop(0)
        for word in _RELATED.findall(relations.get(one, "")):
            needed = word if word in known else provided.get(word, "")
            if needed and needed not in why:
                why[needed] = one
                waiting.append(needed)
    found = [
        PackageCost(
            record["Package"],
            visible(record.get("Version", ""), 80),
            _number(record.get("Size")),
            _number(record.get("Installed-Size"), 1024),
            why.get(record["Package"], names[0] if names else ""),
        )
        for record in records
    ]
    return tuple(sorted(found, key=lambda one: (bool(one.because), -(one.unpacked or 0), one.name)))


def measured(image: Image) -> Layer | None:
    """Return the layer of a built image that the packages are in; None if it has none."""
    own = [layer for layer in image.layers if not layer.base and layer.created_by]
    copied = [layer for layer in own if _COPIED.search(layer.created_by or "")]
    installed = [layer for layer in own if _INSTALLED.search(layer.created_by or "")]
    return next(iter((*copied, *installed)), None)


async def _answer(engine: Engine, text: str, options: Options, told: Reporter) -> str:
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    tag = f"slimdesk/packages-plan:{mark}"
    with tempfile.TemporaryDirectory() as folder:
        request = BuildRequest(
            context=Path(folder), dockerfile=text, dockerignore="", tag=tag, platform=options.platform
        )
        result = await engine.build(request, None, told)
    if result.error is not None:
        raise BuildFailed("What the packages need is not known", result.error.message, "")
    container = None
    try:
        container = await engine.create(ContainerSpec(image=tag, network="none", platform=options.platform))
        await engine.start(container)
        await engine.wait(container, SECONDS)
        answer, _ = await engine.output(container)
    finally:
        if container is not None:
            await engine.remove(container)
        with contextlib.suppress(Exception):
            await engine.remove_image(tag)
    return answer.decode("utf-8", "replace")


def _records(text: str) -> list[Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for block in re.split(r"\n{2,}", text)[:MAX_PACKAGES]:
        lines = (line.partition(":") for line in block.splitlines())
        record = {key.strip(): value.strip() for key, colon, value in lines if colon}
        name = record.get("Package", "")
        if _RELATED.fullmatch(name):
            found.setdefault(name, record)
    return list(found.values())


def _number(text: str | None, times: int = 1) -> int | None:
    return int(text[:15]) * times if text and text.isascii() and text.isdigit() else None


def _sum(packages: tuple[PackageCost, ...] | None, key: str) -> int | None:
    if packages is None:
        return None
    return sum(getattr(one, key) or 0 for one in packages)
