"""Which family to take for a component, why, and what would make a smaller one possible: in words for a newcomer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.catalog.programs import package_with
from slimdesk.project.model import Call, Component, Evidence, Fact
from slimdesk.recipes.advice_better import Better, better_families
from slimdesk.recipes.generate import ending
from slimdesk.recipes.model import Fit
from slimdesk.recipes.needs import Verdict, verdicts, with_calls

Prefer = Literal["smallest", "debuggable", "compatible"]
PREFERENCES: tuple[Prefer, ...] = get_args(Prefer)
# A wish outweighs the order among families that fit, and not what a program would miss in one of them.
_WISH = 45


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the advised family is advised: a sentence, its place in the project, and how much it matters (10 most)."""

    text: str
    evidence: Evidence | None
    weight: int


@dataclass(frozen=True, slots=True)
class Advice:
    """The advised family (None where none is available) with its reasons, the weightiest first.

    `better` are families that a change of the project would make possible; `warnings` what to know before it ships;
    `verdicts` what becomes of each call into the image, per available family.
    """

    family: Family | None
    reasons: tuple[Reason, ...]
    better: tuple[Better, ...]
    warnings: tuple[Reason, ...]
    verdicts: Mapping[Family, tuple[Verdict, ...]]


def advise(
    component: Component,
    found: tuple[Fit, ...],
    calls: Iterable[Call],
    catalog: Catalog,
    *,
    packages: tuple[str, ...] = (),
    prefer: Prefer = "smallest",
    measured: Mapping[Family, int] | None = None,
) -> Advice:
    """Advise a family for a component. `found` are its fits without calls; `measured` the bytes of families built before.

    `packages` are those that the image is to get besides.
    """
    calls = tuple(calls)
    ranked = wished(with_calls(component, found, calls, packages), prefer)
    answers = {fit.family: verdicts(component, fit, calls, packages) for fit in ranked if fit.available}
    best = min((fit for fit in ranked if fit.available), key=lambda fit: fit.rank, default=None)
    if best is None or best.base is None:
        return Advice(None, (), better_families(component, None, ranked, calls, catalog), (), answers)
    own = answers[best.family]
    sizes = measured or {}
    reasons = [
        *_wish(best.base, prefer),
        Reason(best.reason, None, 8),
        *_about_version(component, best.base, catalog),
        *_about_shell(component, best.base),
        *_about_compiled_parts(component, best.base),
        *_about_calls(own),
        *_about_size(best, ranked, sizes),
    ]
    better = better_families(component, best, ranked, calls, catalog, prefer=prefer, measured=sizes)
    ordered = tuple(sorted(reasons, key=lambda reason: -reason.weight))
    return Advice(best.family, ordered, better, tuple(_warnings(component, best, own, catalog)), answers)


def wished(found: tuple[Fit, ...], prefer: Prefer) -> tuple[Fit, ...]:
    """Return the fits ranked by what the person prefers: small images, a shell to look around, or the most usual C library."""
    return tuple(replace(fit, rank=fit.rank + _distance(fit, prefer)) for fit in found)


def _distance(fit: Fit, prefer: Prefer) -> int:
    base = fit.base
    if base is None or prefer == "smallest":
        return 0
    if prefer == "debuggable":
        return 0 if base.shell else _WISH
    usual = base.libc == "glibc" and base.shell
    return 0 if usual else _WISH + (_WISH if base.libc == "musl" else 0)


def _wish(base: BaseImage, prefer: Prefer) -> Iterable[Reason]:
    if prefer == "debuggable" and base.shell:
        yield Reason("It has a shell, so that you can look around inside a running container.", None, 10)
    elif prefer == "debuggable":
        yield Reason("No family with a shell serves it; a debug variant has one.", None, 10)
    elif prefer == "compatible" and base.libc == "glibc":
        yield Reason("It has the C library of Debian and a shell, for which most software is made.", None, 10)


def _about_version(component: Component, base: BaseImage, catalog: Catalog) -> Iterable[Reason]:
    product = catalog.products.get(base.product or "")
    if product is None or base.version is None:
        return
    cycle = product.cycle(base.version)
    until = f", which gets security fixes until {cycle.ends.isoformat()}" if cycle and cycle.ends else ""
    fact = component.fact("version_pin") or component.fact("version")
    if component.version and fact is not None:
        text = f"It has {product.title} {base.version}{until}; the project asks for {visible(component.version, 60)}."
        yield Reason(text, fact.evidence, 6)
    elif until:
        yield Reason(f"It has {product.title} {base.version}{until}.", None, 4)


def _about_shell(component: Component, base: BaseImage) -> Iterable[Reason]:
    if base.shell:
        for key, text in (
            ("shell", "The code starts a shell, and this image has one."),
            ("program", "The code starts {value}, and this image has it or can install it."),
        ):
            fact = component.fact(key)
            if fact is not None and fact.value is not False:
                yield Reason(text.format(value=visible(str(fact.value), 60)), fact.evidence, 9)
        return
    text = "Without a shell and a package manager there is less to break into, and less to update when a flaw is found."
    yield Reason(text, None, 5)


def _about_compiled_parts(component: Component, base: BaseImage) -> Iterable[Reason]:
    fact = component.fact("native") or component.fact("cgo") or component.fact("native_compiled")
    if fact is None or fact.value is False:
        return
    what = (
        "The program uses C code"
        if fact.value is True
        else f"{visible(str(fact.value), 60)} has compiled parts"
    )
    if base.libc == "glibc":
        text = f"{what}; they are made for glibc, the C library that this image has, and need not be compiled for musl."
        yield Reason(text, fact.evidence, 7)
    elif base.libc == "musl":
        yield Reason(
            f"{what}, which are compiled for musl, Alpine's C library, in the build.", fact.evidence, 7
        )


def _about_calls(answers: tuple[Verdict, ...]) -> Iterable[Reason]:
    replaced = [one for one in answers if one.answer == "replace"]
    if answers and not replaced and all(one.answer == "works" for one in answers):
        text = "Everything that starts a program in the image from outside works as it is."
        yield Reason(text, answers[0].call.evidence, 3)
    elif replaced and not any(one.answer == "fails" for one in answers):
        number = f"{len(replaced)} of {len(answers)}" if len(answers) > 1 else "The one"
        text = f"{number} calls into the image must be written differently; each has a replacement."
        if len(answers) == 1:
            text = "The one call into the image must be written differently, and has a replacement."
        yield Reason(text, replaced[0].call.evidence, 3)


def _about_size(best: Fit, ranked: tuple[Fit, ...], measured: Mapping[Family, int]) -> Iterable[Reason]:
    full = next((fit for fit in ranked if fit.family == "full" and fit.available), None)
    if best.family in measured and "full" in measured and best.family != "full":
        mine, other = measured[best.family], measured["full"]
        if 0 < mine < other:
            text = f"Built on this machine it has {format_bytes(mine, ' ')}, the full image {format_bytes(other, ' ')}."
            yield Reason(text, None, 7)
        return
    mine_stated = best.base.size_download if best.base else None
    other_stated = full.base.size_download if full and full.base else None
    if mine_stated and other_stated and mine_stated < other_stated:
        text = (
            f"Its base image is {format_bytes(mine_stated, ' ')} to download, the full one {format_bytes(other_stated, ' ')}, "
            "as their publishers state."
        )
        yield Reason(text, None, 5)


def _warnings(
    component: Component, best: Fit, answers: tuple[Verdict, ...], catalog: Catalog
) -> Iterable[Reason]:
    for one in answers:
        if one.answer == "fails":
            yield Reason(one.sentence, one.call.evidence, 9)
    if best.base is not None:
        ends = ending(best.base, catalog)
        if ends:
            yield Reason(ends, None, 7)
        product = best.base.product
        stated = component.value("version_pin") or component.version
        ended = catalog.ended(product, str(stated)) if product and stated else None
        if ended is not None:
            fact = component.fact("version_pin") or component.fact("version")
            title = catalog.products[product].title if product else ""
            text = f"{title} {visible(str(stated), 40)} gets no security fixes since {ended.isoformat()}."
            yield Reason(text, fact.evidence if fact else None, 8)
        if not best.base.shell:
            for key in ("shell", "program"):
                fact = component.fact(key)
                if fact is not None and fact.value is not False:
                    yield Reason(_missed(key, fact), fact.evidence, 9)
    for need in best.needs:
        yield Reason(f"Before the first build: {need}.", None, 4)


def _missed(key: str, fact: Fact) -> str:
    if key == "shell":
        return "The code starts a shell, which this image does not hold: that part fails."
    name = str(fact.value).rsplit("/", 1)[-1]
    package = package_with(name, "apt")
    unless = f", unless the package {package} is added" if package else ""
    return f"The code starts {visible(str(fact.value), 60)}, which this image does not hold: that part fails{unless}."
