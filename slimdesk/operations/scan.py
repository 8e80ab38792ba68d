"""Scan an image for known vulnerabilities with a scanner that is installed, and say how much of the image that covers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from slimdesk.basics import clock
from slimdesk.basics.errors import BadInput
from slimdesk.basics.job import Reporter, Silent
from slimdesk.image.model import Image
from slimdesk.scan import scanner_named, scanners
from slimdesk.scan.coverage import coverage
from slimdesk.scan.model import SEVERITIES, NotScanned, Scan, Vulnerability
from slimdesk.scan.scanned import Scanned
from slimdesk.scan.scanner import Scanner

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine

NO_SCANNER = NotScanned(
    "",
    "no scanner was found",
    "Install trivy or grype; docker scout is used as well, if you allow it the network",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A scanner that is installed, and where."""

    scanner: Scanner
    program: Path


def installed() -> tuple[Found, ...]:
    """Return the scanners that are installed, in the order in which they are asked; looks at folders."""
    found = ((one, one.find()) for one in scanners())
    return tuple(Found(one, program) for one, program in found if program is not None)


def chosen(name: str | None = None, *, network: bool = False) -> Found | NotScanned:
    """Return the scanner of that name, else the first that is installed and needs no network unless it is allowed."""
    there = installed()
    if name is not None:
        known = known_scanner(name)
        mine = next((one for one in there if one.scanner is known), None)
        return mine or NotScanned(name, f"{name} was not found", f"Install {name}, or add it to PATH")
    usable = [one for one in there if network or not one.scanner.needs_network]
    if usable:
        return usable[0]
    if there:
        return NotScanned(
            there[0].scanner.name,
            f"{there[0].scanner.name} asks a service on the network",
            "Allow it to use the network, or install trivy or grype",
        )
    return NO_SCANNER


def known_scanner(name: str) -> Scanner:
    """Return the scanner of that name. Raises BadInput, with the names there are."""
    known = scanner_named(name)
    if known is None:
        names = ", ".join(one.name for one in scanners())
        raise BadInput(f"There is no scanner {name}", f"known are {names}", "Choose one of these")
    return known


async def scan_image(
    image: Image,
    *,
    scanner: str | None = None,
    engine: Engine | None = None,
    network: bool = False,
    update: bool = False,
    reporter: Reporter | None = None,
) -> Scanned:
    """Scan one image. A scanner that is missing, or that cannot answer, is a result with its reason.

    network: the scanner may ask whom it likes; without it, it is kept off the network. update: it fetches its database
    first (with the network). engine: for an image of an engine, which is saved into a file for the scanner.
    Raises BadInput for an unknown scanner, EngineError, ArchiveError, OutputError.
    """
    import asyncio

    from slimdesk.engine.threads import in_thread
    from slimdesk.operations.scan_input import image_file
    from slimdesk.scan.run import Run

    told = reporter or Silent()
    name = image.name or image.location
    found = await asyncio.to_thread(lambda: chosen(scanner, network=network or update))
    if isinstance(found, NotScanned):
        return Scanned(image.image_id, name, found)
    loop = asyncio.get_running_loop()
    what = found.scanner.name
    run = Run(found.scanner, found.program, lambda line: loop.call_soon_threadsafe(told.log, line))
    if update:
        told.progress(f"{what} fetches its database")
        java = any(one.type == "maven" for one in image.packages or ())
        failed = await in_thread(lambda: run.update(java=java), run.stop, name="scan")
        if failed:
            return Scanned(image.image_id, name, NotScanned(what, failed))
    if found.scanner.needs_network and not network:
        return Scanned(image.image_id, name, run.scan(Path(), "docker-archive", network=False))
    async with image_file(image, found.scanner, engine, told) as (path, form):
        told.progress(f"{what} looks through {name}")
        result = await in_thread(lambda: run.scan(path, form, network=network), run.stop, name="scan")
    if not isinstance(result, Scan):
        return Scanned(image.image_id, name, result)
    seen = await asyncio.to_thread(coverage, image, result)
    return Scanned(image.image_id, name, await asyncio.to_thread(placed, result, image), seen, clock.now())


def by_package(scan: Scan) -> dict[str, tuple[Vulnerability, ...]]:
    """Return the faults of each package, the package with the gravest and the most of them first."""
    found: dict[str, list[Vulnerability]] = {}
    for one in scan.vulnerabilities:
        found.setdefault(f"{one.package} {one.version}".strip(), []).append(one)
    order = sorted(
        found.items(), key=lambda pair: (SEVERITIES.index(pair[1][0].severity), -len(pair[1]), pair[0])
    )
    return {name: tuple(faults) for name, faults in order}


def layer_numbers(image: Image) -> dict[str, int]:
    """Return the index of each layer by its diff ID, as a fault names its layer; of equal layers the lowest."""
    return {layer.diff_id: layer.index for layer in reversed(image.layers) if layer.diff_id is not None}


def placed(scan: Scan, image: Image) -> Scan:
    """Return the scan with the layer and the path of each fault: the scanner's word, else where its package's record is."""
    known = layer_numbers(image)
    records = {(one.type, one.name): one.path for one in reversed(image.packages or ()) if one.path}
    records |= {("", name): path for (_, name), path in records.items()}
    found: dict[str, str | None] = {}

    def layer_at(path: str) -> str | None:
        if path not in found:
            node = image.table.find(path.partition("!")[0])
            index = image.table.layer[node] if node is not None else -1
            found[path] = image.layers[index].diff_id if index >= 0 else None
        return found[path]

    def with_layer(one: Vulnerability) -> Vulnerability:
        path = one.path or records.get((one.type, one.package))
        if one.layer in known:
            return replace(one, path=path)
        return replace(one, path=path, layer=layer_at(path) if path is not None else None)

    return replace(scan, vulnerabilities=tuple(with_layer(one) for one in scan.vulnerabilities))


def by_layer(scan: Scan, image: Image) -> dict[int | None, tuple[Vulnerability, ...]]:
    """Return the faults by the index of the layer that brought them, lowest first; None = not known."""
    numbers = layer_numbers(image)
    found: dict[int | None, list[Vulnerability]] = {}
    for one in scan.vulnerabilities:
        found.setdefault(numbers.get(one.layer or ""), []).append(one)
    order = sorted(found, key=lambda index: (index is None, index or 0))
    return {index: tuple(found[index]) for index in order}
