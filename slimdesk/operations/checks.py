"""All checks of a Dockerfile together: our rules, hadolint's, the engine's; one fault is told once, with all who say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.dockerfile.check import check
from slimdesk.dockerfile.fixes import Fix, quick_fixes
from slimdesk.dockerfile.hadolint import Lint
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.surroundings import Surroundings
from slimdesk.engine.model import BuildWarning

OURS, HADOLINT, ENGINE = "SlimDesk", "hadolint", "the engine"

# Which fault a rule of another checker means, by the name of our rule, or by a name of its own where we have none.
# Sources: github.com/hadolint/hadolint README.md; moby/buildkit frontend/dockerfile/docs/rules.
_SAME = {
    "hadolint-DL3000": "relative-workdir", "hadolint-DL3002": "root-user", "hadolint-DL3003": "lost-state", "hadolint-DL3004": "sudo",
    "hadolint-DL3006": "base-tag", "hadolint-DL3007": "base-tag", "hadolint-DL3009": "package-lists", "hadolint-DL3010": "add-local",
    "hadolint-DL3011": "expose", "hadolint-DL3014": "apt", "hadolint-DL3015": "apt", "hadolint-DL3019": "package-lists",
    "hadolint-DL3020": "add-local", "hadolint-DL3021": "copy-from", "hadolint-DL3022": "copy-from", "hadolint-DL3023": "copy-from",
    "hadolint-DL3025": "shell-form", "hadolint-DL3027": "apt", "hadolint-DL3032": "package-lists", "hadolint-DL3040": "package-lists",
    "hadolint-DL3042": "package-lists", "hadolint-DL4000": "maintainer", "hadolint-DL4003": "overruled", "hadolint-DL4004": "overruled",
    "hadolint-DL3024": "stage-name", "hadolint-DL3045": "relative-workdir", "hadolint-DL3012": "overruled",
    "engine-JSONArgsRecommended": "shell-form", "engine-WorkdirRelativePath": "relative-workdir", "engine-MaintainerDeprecated": "maintainer",
    "engine-MultipleInstructionsDisallowed": "overruled", "engine-SecretsUsedInArgOrEnv": "secret-in-image",
    "engine-ExposeInvalidFormat": "expose", "engine-DuplicateStageName": "stage-name", "engine-CopyIgnoredFile": "no-dockerignore",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One fault, who says so, and its quick fix if there is one."""

    finding: Finding
    sources: tuple[str, ...]
    fix: Fix | None = None


def all_checks(
    text: str,
    catalog: Catalog | None = None,
    *,
    path: str | None = None,
    surroundings: Surroundings | None = None,
    lint: Lint | None = None,
    warnings: Iterable[BuildWarning] = (),
) -> tuple[Told, ...]:
    """Return every fault of a Dockerfile, the worst first, then by line, each on the line of its instruction.

    `lint` is hadolint's answer, `warnings` those of the last build of this very text. Raises DockerfileError.
    """
    dockerfile = parse(text)
    starts = {
        line: one.line for one in dockerfile.instructions() for line in range(one.line, one.end_line + 1)
    }
    own = check(dockerfile, catalog, path, surroundings)
    fixes = {
        (fix.finding.rule, fix.finding.line, fix.finding.message): fix
        for fix in quick_fixes(text, own, catalog, surroundings)
    }
    told = [Told(one, (OURS,), fixes.get((one.rule, one.line, one.message))) for one in own]
    for finding in (lint.findings or ()) if lint is not None else ():
        _add(told, _placed(finding, starts, path), f"{HADOLINT} {finding.rule.removeprefix('hadolint-')}")
    for warning in warnings:
        finding = Finding(
            f"engine-{warning.rule or 'warning'}", "warning", warning.message, path, warning.line
        )
        _add(told, _placed(finding, starts, path), f"{ENGINE} {warning.rule}".strip())
    return tuple(
        sorted(told, key=lambda one: (SEVERITIES.index(one.finding.severity), one.finding.line or 0))
    )


def _placed(finding: Finding, starts: dict[int, int], path: str | None) -> Finding:
    """On the first line of the instruction that holds its line."""
    return replace(finding, path=path, line=starts.get(finding.line or 0, finding.line))


def _add(told: list[Told], finding: Finding, source: str) -> None:
    """Tell it, or only who says so as well if that fault of that line is told already."""
    fault = _SAME.get(finding.rule, finding.rule)
    for at, one in enumerate(told):
        if one.finding.line == finding.line and _SAME.get(one.finding.rule, one.finding.rule) == fault:
            if source not in one.sources:
                told[at] = replace(one, sources=(*one.sources, source))
            return
    told.append(Told(finding, (source,)))
