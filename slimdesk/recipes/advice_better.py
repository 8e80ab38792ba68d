"""What a person could change in a project so that a smaller family serves it, tried out on the recipes themselves.

Each change is applied to the component as detected; where a family then fits that did not, or is no longer held back,
the change is worth telling. So the advice never says more than the recipes do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import Family
from slimdesk.project.model import Call, Component, Fact
from slimdesk.recipes.generate import fits
from slimdesk.recipes.model import Fit
from slimdesk.recipes.needs import FAILING, verdicts, with_calls

# From the smallest to the largest, as images of one program come out.
SMALLER_FIRST: tuple[Family, ...] = (
    "scratch", "distroless", "chainguard", "hardened", "chiselled", "alpine", "slim", "full",
)  # fmt: skip
MAX_BETTER = 3
_HELD_BACK = 10


@dataclass(frozen=True, slots=True)
class Better:
    """A family that a change makes possible: the change and its effect, a sentence each."""

    family: Family
    change: str
    effect: str


@dataclass(frozen=True, slots=True)
class _Change:
    text: str
    apply: Callable[[Component], Component]


def better_families(
    component: Component,
    best: Fit | None,
    ranked: tuple[Fit, ...],
    calls: Iterable[Call],
    catalog: Catalog,
    *,
    prefer: str = "smallest",
    measured: Mapping[Family, int] | None = None,
) -> tuple[Better, ...]:
    """Return what would make families possible that are smaller than the advised one, the smallest step first."""
    calls = tuple(calls)
    wanted = _wanted(best, ranked, prefer)
    found: dict[Family, Better] = {}
    for fit in ranked:
        failing = (
            [one for one in verdicts(component, fit, calls) if one.answer == "fails"]
            if fit.family in wanted
            else []
        )
        if failing and fit.rank - FAILING < (best.rank if best else 0):
            place = f" ({failing[0].call.evidence})" if failing[0].call.evidence else ""
            without = f"Without {failing[0].program or 'that'} in what calls into the image{place}"
            found[fit.family] = Better(fit.family, without, _effect(fit, best, measured or {}))
    for change in _changes(component, catalog):
        if len(found) >= MAX_BETTER or not wanted:
            break
        after = with_calls(component, fits(change.apply(component), catalog), calls)
        for fit in after:
            if fit.family in wanted and fit.family not in found and _is_won(fit, best, ranked, after):
                found[fit.family] = Better(fit.family, change.text, _effect(fit, best, measured or {}))
    order = {family: at for at, family in enumerate(SMALLER_FIRST)}
    return tuple(sorted(found.values(), key=lambda one: order[one.family]))[:MAX_BETTER]


def _wanted(best: Fit | None, ranked: tuple[Fit, ...], prefer: str) -> set[Family]:
    """Return the families that are smaller than the advised one, and cannot serve or are held back."""
    if best is None:
        return {fit.family for fit in ranked if not fit.available}
    if prefer != "smallest":
        return set()
    smaller = set(SMALLER_FIRST[: SMALLER_FIRST.index(best.family)])
    # The recipes advise against scratch where distroless serves: what differs is 2 MB, and no way to look inside.
    smaller.discard("scratch" if best.family != "full" else best.family)
    return {
        fit.family for fit in ranked if fit.family in smaller and (not fit.available or fit.rank > best.rank)
    }


def _is_won(fit: Fit, best: Fit | None, before: tuple[Fit, ...], after: tuple[Fit, ...]) -> bool:
    """Whether the change is what makes the family serve: it did not before, or was held back by much."""
    if not fit.available:
        return False
    was = next(one for one in before if one.family == fit.family)
    now_best = min((one for one in after if one.available), key=lambda one: one.rank)
    if was.available and was.rank - fit.rank < _HELD_BACK:
        return False
    return best is None or now_best.family == fit.family


def _effect(fit: Fit, best: Fit | None, measured: Mapping[Family, int]) -> str:
    base, old = fit.base, best.base if best else None
    gains = []
    if base is not None and not base.shell and (old is None or old.shell):
        gains.append("no shell and no package manager in the image")
    if base is not None and old is not None:
        mine, theirs = measured.get(fit.family), measured.get(best.family) if best else None
        if mine and theirs and mine < theirs:
            gains.append(f"{format_bytes(theirs - mine, ' ')} less, as measured on this machine")
        elif base.size_download and old.size_download and base.size_download < old.size_download:
            gains.append(
                f"about {format_bytes(old.size_download - base.size_download, ' ')} less to download"
            )
        elif not gains:
            gains.append("a smaller image")
    what = " and ".join(gains) or "an image can be built"
    return f"{fit.family} fits then: {what}."


def _changes(component: Component, catalog: Catalog) -> Iterable[_Change]:
    """Yield what a person could change, the easiest first."""
    if component.entrypoint is None:
        words = {"python": ("python", "main.py"), "node": ("node", "index.js")}.get(
            component.profile, (component.name,)
        )
        yield _Change(
            "State what starts the program: entrypoint in slimdesk.toml",
            lambda one: replace(one, entrypoint=words),
        )
    yield from _versions(component, catalog)
    for key, text in (
        ("needs_before", "With newer releases of the packages that hold the version back{place}"),
        ("runtime_package", "With a release of {native} that brings its own library{place}"),
        ("system_library", "Without {value}{place}, or linked to it statically"),
        ("cgo", "Without C code in the program{place}"),
        ("shell", "If the code starts its programs directly, without a shell{place}"),
        ("program", "If the code does not start {value}{place}, or it is added to the image as a package"),
        ("browser", "With the browser in a container of its own instead of {value}{place}"),
        ("native", "Without {value}{place}, whose compiled parts need a compiler"),
    ):
        fact = component.fact(key)
        if fact is not None and fact.value is not False:
            yield _Change(_filled(text, fact, component), _without(key))
    yield _Change("If the code starts neither a shell nor other programs", _without("shell", "program"))


def _versions(component: Component, catalog: Catalog) -> Iterable[_Change]:
    fact = component.fact("version_pin") or component.fact("version")
    stated = component.value("version_pin") or component.version
    if stated is None:
        return
    product = catalog.products.get(component.profile)
    title = product.title if product else component.profile
    names = dict.fromkeys(
        name for family in SMALLER_FIRST for name in catalog.versions(family, component.profile)
    )
    default = catalog.default(component.profile)
    place = f" ({fact.evidence})" if fact is not None and fact.evidence is not None else ""
    for name in sorted(names, key=lambda name: name != default):
        text = f"With {title} {name} instead of {visible(str(stated), 60)}{place}"
        yield _Change(text, lambda one, name=name: _at_version(one, name))  # type: ignore[misc]


def _at_version(component: Component, name: str) -> Component:
    plain = _without("version_pin", "version", "toolchain", "needs_before")(component)
    wanted = f"=={name}.*" if component.profile == "python" else name
    return replace(plain, version=wanted)


def _without(*keys: str) -> Callable[[Component], Component]:
    return lambda component: replace(
        component, facts=tuple(fact for fact in component.facts if fact.key not in keys)
    )


def _filled(text: str, fact: Fact, component: Component) -> str:
    place = f" ({fact.evidence})" if fact.evidence is not None else ""
    value = "what it needs" if fact.value is True else visible(str(fact.value), 60)
    native = visible(str(component.value("native", "the package")), 60)
    return text.format(value=value, native=native, place=place)
