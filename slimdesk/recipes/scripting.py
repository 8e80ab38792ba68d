"""What the recipes of PHP, Ruby and .NET share: a version among those offered, packages of the system, small words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import run
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component, Evidence

# Builds the front end of a project in another language; resources/catalog/slim.toml has it too.
NODE_IMAGE = "node:24-trixie-slim"

_PACKAGE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,80}", re.ASCII)
_RANGE = re.compile(r"(\d[\d.]{0,20}) {1,5}- {1,5}(\d[\d.]{0,20})")
_CONSTRAINT = re.compile(
    r"(\^|~>|~|>=|<=|!=|==|=|>|<)?\s*v?(\d{1,4}(?:\.(?:\d{1,6}|\*|x)){0,3}|\*)(?:-dev|@dev)?", re.ASCII
)


def inside(component: Component, path: str | None = None) -> str:
    """Return a path (default: the component's) relative to its build context; the context itself is `.`."""
    path = component.path if path is None else path
    found = component.from_context(path)
    return path if found is None else found or "."


def install_packages(
    reason: str, manager: str | None, names: Iterable[str], evidence: Evidence | None = None
) -> Instruction:
    """RUN of apt or apk. Without versions: the distributions keep only their newest (hadolint DL3008, DL3018)."""
    words = " ".join(dict.fromkeys(name for name in names if _PACKAGE.fullmatch(name)))
    if manager == "apk":
        return run(reason, f"apk add --no-cache {words}", evidence=evidence)
    return run(
        reason,
        "apt-get update",
        f"apt-get install -y --no-install-recommends {words}",
        "rm -rf /var/lib/apt/lists/*",
        evidence=evidence,
    )


def why_exec_form(base: BaseImage, whom: str = "application") -> str:
    """Return the reason of an entry point without a shell, for whom signals are meant."""
    return (
        f"Exec form: signals reach the {whom}."
        if base.shell
        else "Exec form, because there is no shell to split words."
    )


def pick_version(
    stated: str | None, offered: tuple[str, ...], catalog: Catalog, product: str, *, pin: bool = False
) -> str | None:
    """Return the offered series that a stated version or constraint allows: the pinned one, the default, the newest.

    Constraints of Composer and RubyGems: ^8.2, ~> 3.3, ~8.2.0, >=3.2 <4, 8.2.*, several with | between them. One that
    says nothing readable allows all.
    """
    if pin and stated and (match := re.match(r"\d+\.\d+", stated)):
        return match.group() if match.group() in offered else None
    fitting = [version for version in offered if stated is None or accepts(stated, version)]
    default = catalog.default(product)
    return default if default in fitting else fitting[0] if fitting else None


def version_for(component: Component, offered: tuple[str, ...], catalog: Catalog, product: str) -> str | None:
    """Return the offered series that a component is given: the one its project pins, else one that its constraint allows."""
    pin = component.fact("version_pin")
    stated = component.version if pin is None else str(pin.value)
    return pick_version(stated, offered, catalog, product, pin=pin is not None)


def accepts(stated: str, series: str) -> bool:
    """Whether a release of the series (any patch) meets the constraint; the newest patch or the first must do."""
    readable = False
    for either in re.split(r"\|\|?", stated[:300]):
        parts = [match.groups() for match in _CONSTRAINT.finditer(_RANGE.sub(r">=\1 <=\2", either))]
        if not parts:
            continue
        readable = True
        for patch in (999, 0):
            version = (*_numbers(series), patch)
            if all(_meets(operator or "", number, version) for operator, number in parts):
                return True
    return not readable


def _meets(operator: str, number: str, version: tuple[int, ...]) -> bool:
    if number == "*":
        return True
    wild = number.endswith((".*", ".x"))
    wanted = _numbers(number)
    if operator == "^":
        return version >= _padded(wanted) and version[0] == wanted[0]
    if operator in ("~", "~>"):
        # The last number given may grow: ~8.2 and ~> 8.2 allow 8.9, ~8.2.1 and ~> 8.2.1 allow 8.2.9.
        kept = max(len(wanted) - 1, 1)
        return version >= _padded(wanted) and version[:kept] == wanted[:kept]
    if operator == ">=":
        return version >= _padded(wanted)
    if operator == ">":
        return version > _padded(wanted)
    if operator == "<":
        return version < _padded(wanted)
    if operator == "<=":
        return version[: len(wanted)] <= wanted
    if operator == "!=":
        return version[: len(wanted)] != wanted
    # 8.2.7 is met by the series 8.2, whose image has its newest patch.
    return version[: min(len(wanted), 2)] == wanted[:2] or (wild and version[: len(wanted)] == wanted)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))[:3]


def _padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return (*numbers, *(0,) * (3 - len(numbers)))


def no_version(component: Component, family: Family, title: str, offered: tuple[str, ...]) -> str:
    """Say which versions the family has and which one the project asks for, with its place."""
    if not offered:
        return f"The catalogue has no {family} image for {title}."
    fact = component.fact("version_pin") or component.fact("version")
    wanted = f"{fact.value} ({fact.evidence})" if fact else str(component.version)
    if len(offered) == 1:
        return f"It has exactly one version, {title} {offered[0]}; the project asks for {wanted}."
    return f"It has {title} {', '.join(offered)}; the project asks for {wanted}. Older releases get no more security fixes."
