"""The digests that a variant's base images are pinned to: asked for anew, and how old they are, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from slimdesk.basics.finding import Finding
from slimdesk.basics.job import Reporter
from slimdesk.basics.units import plural
from slimdesk.catalog.model import Family
from slimdesk.operations.pins import Ask, pinned_options, stale_pins
from slimdesk.operations.saved import pins_of
from slimdesk.operations.variant_text import VariantText
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options

_ADDRESS = re.compile(r" \((?:Get|Head|Post) \"[^()]*\)")


@dataclass(frozen=True, slots=True)
class PinsAsked:
    """What asking for the digests brought. `digests` are name:tag -> sha256:…; `moved` are pins that meant older images."""

    when: datetime
    digests: dict[str, str] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


async def ask_pins(
    project: Project,
    component: Component,
    family: Family | None,
    options: Options,
    *,
    ask: Ask,
    reporter: Reporter,
    now: datetime,
) -> PinsAsked:
    """Ask for every digest of a generated variant, whatever is known. Raises as `generate_dockerfile`."""
    fresh = replace(options, digests={})
    pinned, findings = await pinned_options(project, component, family, fresh, ask=ask, reporter=reporter)
    digests = dict(pinned.digests)
    before = options.digests
    moved = tuple(name for name, digest in digests.items() if before.get(name, digest) != digest)
    # What nobody could be asked about keeps the pin that it has.
    kept = {name: digest for name, digest in before.items() if name not in digests}
    return PinsAsked(now, {**kept, **digests}, moved, findings)


async def ask_stale(text: VariantText, *, ask: Ask, reporter: Reporter, now: datetime) -> PinsAsked:
    """Ask whether the pins that stand in a text are still the newest; nothing is changed."""
    return PinsAsked(now, findings=await stale_pins(text.dockerfile, ask, reporter))


def pin_words(text: str, asked: PinsAsked | None, now: datetime, *, wanted: bool) -> str:
    """Return how a text is pinned, as sentences: how many images, when they were asked for, what was not told.

    `wanted` says that its images are to be pinned.
    """
    pinned = len(pins_of(text))
    if not pinned and asked is None:
        return "The digests are asked for when you build, or now." if wanted else ""
    parts = []
    if pinned:
        is_pinned = "image is" if pinned == 1 else "images are"
        when = f", asked {_ago(now - asked.when)}" if asked is not None and asked.digests else ""
        parts.append(f"{pinned} {is_pinned} pinned{when}.")
    if asked is None:
        return " ".join(parts)
    if asked.moved:
        verb = "has" if len(asked.moved) == 1 else "have"
        parts.append(f"{', '.join(asked.moved)} {verb} moved on since: built anew, it is the newer image.")
    # The registry's own words are for the log; the finding holds them.
    parts += [_ADDRESS.sub("", one.message) for one in asked.findings[:1]]
    more = len(asked.findings) - 1
    if more > 0:
        parts.append(f"So it is with {plural(more, 'other')}.")
    if not asked.findings and not asked.moved and pinned and not asked.digests:
        parts.append(f"Asked {_ago(now - asked.when)}: each is still the newest.")
    return " ".join(parts)


def _ago(past: timedelta) -> str:
    seconds = past.total_seconds()
    if seconds < 60:
        return "just now"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min ago"
    hours = round(minutes / 60)
    return f"{hours} h ago" if hours < 48 else f"{plural(round(hours / 24), 'day')} ago"
