"""An image's packages for people: how many of what kind, what they hold, and which files are theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.model import Image
from slimdesk.image.package import Package
from slimdesk.image.table import Kind

SYSTEM = ("deb", "apk", "rpm")
WORDS = {
    "pypi": "Python",
    "npm": "npm",
    "maven": "Java",
    "golang": "Go",
    "cargo": "Rust",
    "composer": "PHP",
    "gem": "Ruby",
    "nuget": ".NET",
}
NOT_READ = "The packages were not read: only the headers of the image were"


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A package and its number in the image."""

    index: int
    package: Package


def package_rows(image: Image | None) -> list[PackageRow]:
    """Return the packages of an image, the heaviest first and those without a size last."""
    packages = (image.packages if image is not None else None) or ()
    rows = [PackageRow(index, package) for index, package in enumerate(packages)]
    rows.sort(key=lambda row: (row.package.size is None, -(row.package.size or 0), row.package.name))
    return rows


def by_type(packages: Sequence[Package]) -> str:
    """Return the count by type: "6 OS + 42 Go"; empty without packages."""
    counts = Counter("OS" if one.type in SYSTEM else WORDS.get(one.type, one.type) for one in packages)
    ranked = sorted(counts.items(), key=lambda item: (item[0] != "OS", -item[1], item[0]))
    return " + ".join(f"{count} {word}" for word, count in ranked)


def packages_in_words(image: Image) -> str:
    """Return in a line how many packages there are, of what types, and the bytes in them and in none."""
    if image.packages is None:
        return NOT_READ
    if not image.packages:
        return "No packages were found"
    held = sum(package.size or 0 for package in image.packages)
    rest = max(0, (image.sizes.live or 0) - held)
    count = plural(len(image.packages), "package")
    return f"{count} ({by_type(image.packages)}), {format_bytes(held)}; {format_bytes(rest)} belong to no package"


def packages_known(image: Image) -> bool:
    """Whether it is known to which package each file belongs."""
    return image.packages is not None and len(image.package_of) == len(image.table)


def package_at(image: Image, node: int) -> Package | None:
    """Return the package that a file belongs to; None where there is none."""
    if not packages_known(image) or not image.packages:
        return None
    index = image.package_of[node]
    return image.packages[index] if 0 <= index < len(image.packages) else None


def node_of_package(image: Image, index: int) -> int:
    """Return the largest visible file of a package, else the record that it was read from; -1 where neither is there."""
    import numpy as np

    table = image.table
    if packages_known(image):
        nodes = np.flatnonzero(np.frombuffer(image.package_of, dtype=np.int32) == index)
        nodes = nodes[np.frombuffer(table.kind, dtype=np.uint8)[nodes] != Kind.FOLDER]
        seen = nodes[np.frombuffer(table.hidden_by, dtype=np.int16)[nodes] < 0]
        if len(seen):
            return int(seen[np.argmax(np.frombuffer(table.size, dtype=np.int64)[seen])])
    return node_of_path(image, image.packages[index].path if image.packages else None)


def node_of_path(image: Image, path: str | None) -> int:
    """Return the node of a path as findings and packages tell it (`app.jar!/lib/x.jar` is in app.jar); -1 for none."""
    if not path:
        return -1
    node = image.table.find(path.partition("!/")[0])
    return -1 if node is None else node


def package_word(package: Package) -> str:
    """Return name and version, harmless and short."""
    return visible(f"{package.name} {package.version}".strip(), 60)
