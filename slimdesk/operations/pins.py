"""Pins: the digest behind a tag is asked for, written, refreshed, and told when the tag has moved on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from slimdesk.basics.finding import Finding
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.references import Reference, parse_reference
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.saved import Saved, state_of
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import every_image

if TYPE_CHECKING:
    from slimdesk.basics.job import Reporter
    from slimdesk.engine.model import TagDigest

Ask = Callable[[str], Awaitable["TagDigest"]]


async def pinned_options(
    project: Project,
    component: Component,
    family: Family | Literal["recommended"] | None,
    options: Options,
    *,
    ask: Ask,
    reporter: Reporter,
) -> tuple[Options, tuple[Finding, ...]]:
    """Ask (an engine) for the digest of every image that the variant names.

    Returns the options with the digests, and a finding for each image whose digest is not known: it stays unpinned.
    """
    plain = generate_dockerfile(project, component, family, replace(options, digests={}))
    names = [name for name in every_image(plain.dockerfile) if "@" not in name]
    digests: dict[str, str] = dict(options.digests)
    findings: list[Finding] = []
    for number, name in enumerate(names):
        reporter.progress(f"Asking for the digest of {name}", number, len(names), "steps")
        if name in digests:
            continue
        found = await ask(name)
        if found.digest is None:
            findings.append(_not_pinned(name, found))
        else:
            digests[name] = found.digest
            if not found.from_registry:
                findings.append(_from_engine(name, found))
    return replace(options, digests=digests), tuple(findings)


def _not_pinned(name: str, found: TagDigest) -> Finding:
    why = found.why or "neither the engine nor its registry told a digest"
    return Finding(
        "not-pinned",
        "warning",
        f"{name} is not pinned: {why}.",
        fix=found.todo or "Pull the image from its registry, or check the login, and generate again.",
    )


def _from_engine(name: str, found: TagDigest) -> Finding:
    return Finding(
        "pin-not-asked",
        "info",
        f"{name} is pinned to what the engine has pulled: {found.why or 'its registry did not answer'}.",
        fix=found.todo or None,
    )


async def refreshed(
    project: Project,
    saved: Saved,
    *,
    ask: Ask,
    reporter: Reporter,
    family: Family | Literal["recommended", "recorded"] | None = "recorded",
    given: Options | None = None,
) -> tuple[Saved, tuple[Finding, ...]]:
    """Return a saved Dockerfile's state again, with every digest asked for anew, and what the old pins were worth.

    Raises as `saved.state_of`.
    """
    findings = await stale_pins(parse(saved.text), ask, reporter)
    if saved.generated is None:
        return saved, findings
    names = list(every_image(parse(saved.generated.text)))
    digests: dict[str, str] = {}
    for number, name in enumerate(names):
        plain = name.partition("@")[0]
        reporter.progress(f"Asking for the digest of {plain}", number, len(names), "steps")
        found = await ask(plain)
        if found.digest is not None:
            digests[plain] = found.digest
        elif "@" in name:
            # What cannot be asked now keeps the pin that it has.
            digests[plain] = name.partition("@")[2]
        else:
            findings = (*findings, _not_pinned(plain, found))
    again = state_of(project, saved.component, saved.path, family=family, given=given, digests=digests)
    return replace(again, findings=()), findings


async def stale_pins(dockerfile: Dockerfile, ask: Ask, reporter: Reporter) -> tuple[Finding, ...]:
    """Return a warning for each pin whose tag means another image by now; what could not be asked is an info.

    That a base is past its end of life is a rule of its own (`ended-base`), which needs no engine.
    """
    findings: list[Finding] = []
    pins = list(_pins(dockerfile))
    answers: dict[str, TagDigest] = {}
    for number, (reference, line) in enumerate(pins):
        if reference.tag is None:
            findings.append(
                Finding(
                    "pin-without-tag",
                    "info",
                    f"{reference.name} is pinned without a tag, so nothing can tell whether it is still the newest.",
                    line=line,
                    fix="Write NAME:TAG@sha256:…",
                )
            )
            continue
        name = f"{reference.name}:{reference.tag}"
        reporter.progress(f"Asking for the digest of {name}", number, len(pins), "steps")
        if name not in answers:
            answers[name] = await ask(name)
        found = _judged(name, str(reference.digest), line, answers[name])
        if found is not None:
            findings.append(found)
    return tuple(findings)


def _judged(name: str, digest: str, line: int, found: TagDigest) -> Finding | None:
    if not found.from_registry:
        return Finding(
            "pin-not-asked",
            "info",
            f"Whether the pin of {name} is still the newest is not known: {found.why or 'nobody could be asked'}.",
            line=line,
            fix=found.todo or None,
        )
    if found.digest == digest:
        return None
    return Finding(
        "stale-pin",
        "warning",
        f"{name} has moved on: it is {_short(str(found.digest))} now, and the file pins {_short(digest)}.",
        line=line,
        fix="Generate or merge with --pin to take the newer image, which has the fixes since then.",
    )


def _short(digest: str) -> str:
    return f"{digest[:19]}…"


def _pins(dockerfile: Dockerfile) -> Iterator[tuple[Reference, int]]:
    for name, line in every_image(dockerfile).items():
        reference = parse_reference(name)
        if reference is not None and reference.digest:
            yield reference, line
