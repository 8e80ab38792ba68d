"""The same library more than once, in several versions."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes, listed, plural
from slimdesk.image.findings.survey import Hint, Survey
from slimdesk.image.table import Kind

_SMALL = 100_000
_FIXES = {
    "npm": "npm dedupe, or an entry in package.json's overrides (resolutions with Yarn) that names one version",
    "maven": "Name one version in dependencyManagement, or take the second jar out of the final stage",
    "pypi": "Install into one environment alone, and COPY that one into the final stage",
}


def find(survey: Survey) -> Iterator[Hint]:
    """Yield a finding per kind of package: what the copies beside the largest of each name weigh, from 100 kB."""
    copies: dict[tuple[str, str], list[int]] = {}
    packages = survey.image.packages or ()
    for index, package in enumerate(packages):
        if package.type in _FIXES:
            copies.setdefault((package.type, package.purl.partition("?")[0].rpartition("@")[0]), []).append(
                index
            )
    for kind, fix in _FIXES.items():
        several = [
            indexes
            for (one, _), indexes in copies.items()
            if one == kind and len({packages[index].version for index in indexes}) > 1
        ]
        several.sort(key=lambda indexes: -sum(packages[index].size or 0 for index in indexes))
        nodes = [
            node
            for indexes in several
            for index in sorted(indexes, key=lambda index: -(packages[index].size or 0))[1:]
            for node in survey.owned(index)
            if survey.table.kind[node] != Kind.FOLDER
        ]
        size = survey.bytes(nodes)
        if size < _SMALL:
            continue
        names = listed(
            f"{packages[indexes[0]].name} ({listed(sorted({packages[one].version for one in indexes}))})"
            for indexes in several
        )
        message = f"{plural(len(several), 'package')} in several versions: {names}; all but one of each weigh {format_bytes(size)}"
        path = packages[several[0][0]].path
        yield Hint(
            Finding("duplicate-versions", "info", message, path=path, bytes=size, fix=fix), tuple(nodes)
        )
