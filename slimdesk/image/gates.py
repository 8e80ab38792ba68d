"""Thresholds that an image must keep: our own sizes and score, and a .dive-ci file read as dive reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import SEVERITIES, Finding, Severity
from slimdesk.basics.units import THIN_SPACE, format_bytes, format_percent, parse_size
from slimdesk.image.model import Image
from slimdesk.image.table import Kind

SIZE_RULES = ("download", "unpacked", "files", "live", "shadowed")

# cmd/dive/cli/internal/command/ci/rules.go and its options, v0.13: what holds where the file says nothing.
_DIVE_DEFAULTS: dict[str, Any] = {
    "lowestEfficiency": 0.9,
    "highestWastedBytes": "disabled",
    "highestUserWastedPercent": 0.1,
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)b?", re.ASCII | re.IGNORECASE)
_DIVE_OFF = ("", "disabled", "off", "false")
_DEBUG_LABEL = "io.slimdesk.debug"
_BASE_LABEL = "org.opencontainers.image.base.name"
# debug, debug-nonroot (distroless), latest-dev (Chainguard), 24-debian13-dev (hardened images).
_DEBUG_TAG = re.compile(r"(?:^|-)debug(?:-|$)|-dev$")
_DEBUGGER = re.compile(
    r"^(?:JAVA_TOOL_OPTIONS=.*-agentlib:jdwp=|NODE_OPTIONS=.*--inspect(?:-brk)?(?:=|\s|$))"
)
_DEBUG_SHELLS = ("/busybox/sh", "/busybox/busybox")


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule and how it went: `limit` as asked for, `value` as measured (None = not known, or nothing to measure)."""

    rule: str
    limit: float | int | str | bool
    value: float | int | str | bool | None
    passed: bool

    def to_json(self) -> dict[str, object]:
        """All keys of a gate in the command line's JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def sentence(self) -> str:
        """Say what failed, for people, without an end mark."""
        if self.rule == "forbid-debug":
            return "it is a debug variant"
        if self.rule == "fail-on":
            return f"the gravest finding is {_ARTICLE.get(str(self.value), str(self.value))}, and {self.limit} fails"
        name, worse, shown = _WORDS.get(self.rule, (self.rule.removeprefix("max-"), "more", _bytes))
        if self.value is None:
            return f"{name} is not known"
        value, limit = shown(self.value), shown(self.limit)
        if value == limit:
            # Rounded they are one; the difference is what matters.
            value, limit = _exact(self.value), _exact(self.limit)
        of_dive = f" ({self.rule.removeprefix('dive:')})" if self.rule.startswith("dive:") else ""
        return f"{name} {'are' if name.endswith('bytes') else 'is'} {value}, {worse} than {limit}{of_dive}"

    def measured(self) -> str:
        """Say what was measured and asked for, as in `41.2 MB of at most 50.0 MB`."""
        if self.rule == "forbid-debug":
            return "a debug variant" if self.value else "no debug variant"
        if self.rule == "fail-on":
            return f"the gravest finding is {_ARTICLE.get(str(self.value), 'none')}"
        _, worse, shown = _WORDS.get(self.rule, ("", "more", _bytes))
        if self.value is None:
            return "nothing to measure" if self.passed else "not known"
        return f"{shown(self.value)} of at {'most' if worse == 'more' else 'least'} {shown(self.limit)}"


def _bytes(value: object) -> str:
    return format_bytes(value, " ") if isinstance(value, int | float) else str(value)


def _percent(value: object) -> str:
    return (
        format_percent(float(value)).replace(THIN_SPACE, " ")
        if isinstance(value, int | float)
        else str(value)
    )


def _ratio_words(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)


def _exact(value: object) -> str:
    return f"{value} bytes" if isinstance(value, int) else f"{value!r}"


_ARTICLE = {"error": "an error", "warning": "a warning", "info": "an information", "None": "none"}
# Rule -> what is measured, which side of the limit is bad, and how its values are written. Others are sizes.
_WORDS: dict[str, tuple[str, str, Callable[[object], str]]] = {
    "min-score": ("score", "less", _ratio_words),
    "dive:lowestEfficiency": ("dive's efficiency", "less", _ratio_words),
    "dive:highestWastedBytes": ("dive's wasted bytes", "more", _bytes),
    "dive:highestUserWastedPercent": ("dive's user wasted share", "more", _percent),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked for. sizes: rule word of SIZE_RULES -> bytes. dive: the rules of a .dive-ci file."""

    sizes: dict[str, int] = field(default_factory=dict)
    min_score: float | None = None
    forbid_debug: bool = False
    fail_on: Severity | None = None
    dive: dict[str, float] = field(default_factory=dict)


def check(image: Image, findings: Iterable[Finding], limits: Limits) -> tuple[Gate, ...]:
    """Measure the image against the limits, in the order of the command line."""
    gates: list[Gate] = []
    for word, limit in limits.sizes.items():
        value = image.shadowed if word == "shadowed" else getattr(image.sizes, word)
        gates.append(Gate(f"max-{word}", limit, value, value is not None and value <= limit))
    if limits.min_score is not None:
        # An image without files wastes nothing.
        gates.append(
            Gate(
                "min-score",
                limits.min_score,
                image.score,
                image.score is None or image.score >= limits.min_score,
            )
        )
    if limits.forbid_debug:
        debug = is_debug(image)
        gates.append(Gate("forbid-debug", True, debug, not debug))
    if limits.fail_on is not None:
        worst = worst_of(findings)
        passed = worst is None or SEVERITIES.index(worst) > SEVERITIES.index(limits.fail_on)
        gates.append(Gate("fail-on", limits.fail_on, worst, passed))
    gates += _dive_gates(image, limits.dive)
    return tuple(gates)


def is_debug(image: Image) -> bool:
    """Whether it is a debug variant: by our label, the tag of its base, a debugger that listens, or distroless' debug shell."""
    labels, environment = image.config.labels, image.config.environment
    if labels.get(_DEBUG_LABEL, "").lower() in ("true", "1", "yes"):
        return True
    tag = labels.get(_BASE_LABEL, "").partition("@")[0].rpartition("/")[2].partition(":")[2]
    if _DEBUG_TAG.search(tag) or any(_DEBUGGER.search(text) for text in environment):
        return True
    table = image.table
    for path in _DEBUG_SHELLS:
        node = table.find(path)
        if node is not None and not table.is_hidden(node) and table.kind[node] != Kind.FOLDER:
            return True
    return False


def worst_of(findings: Iterable[Finding]) -> Severity | None:
    """Return the highest severity among the findings."""
    return min((finding.severity for finding in findings), key=SEVERITIES.index, default=None)


def read_dive_rules(path: Path) -> dict[str, float]:
    """Read a .dive-ci file; a rule that is turned off is left out. Raises BadInput."""
    import yaml

    try:
        if path.stat().st_size > 1 << 16:
            raise BadInput(
                f"{visible(path.name)} is too large for a .dive-ci file", "", "Choose another file"
            )
        document = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path} cannot be read", error.strerror or "", "Check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{visible(path.name)} is not YAML", "", "Correct the file") from error
    rules = (document or {}).get("rules") if isinstance(document or {}, dict) else None
    if rules is None:
        rules = {}
    if not isinstance(rules, dict):
        raise BadInput(
            f"{visible(path.name)} has no rules", "`rules` is not a list of names and values", "Correct it"
        )
    # dive's configuration library takes keys in any case.
    stated = {str(key).lower(): value for key, value in rules.items()}
    limits: dict[str, float] = {}
    for rule, default in _DIVE_DEFAULTS.items():
        value = stated.get(rule.lower())
        text = str(default if value is None else value).strip()
        if text.lower() in _DIVE_OFF:
            continue
        try:
            limits[rule] = _humanized(text) if rule == "highestWastedBytes" else _ratio(text)
        except ValueError as error:
            raise BadInput(
                f"{rule} in {visible(path.name)} is not a value that dive takes",
                visible(text, 60),
                "Correct it or set it to disabled",
            ) from error
    return limits


def _humanized(text: str) -> int:
    """Read a size as go-humanize does (ParseBytes): letters of either case, commas between digits."""
    match = _SIZE.fullmatch(text.replace(",", ""))
    if match is None:
        raise ValueError(text)
    number, prefix, binary = match.groups()
    return parse_size(f"{number}{prefix.upper()}{binary.lower()}B")


def _ratio(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def _dive_gates(image: Image, rules: dict[str, float]) -> Sequence[Gate]:
    # dive fails only beyond a limit, and never where its own figure is not a number.
    gates = []
    if "lowestEfficiency" in rules:
        limit, efficiency = rules["lowestEfficiency"], image.dive.efficiency
        gates.append(Gate("dive:lowestEfficiency", limit, efficiency, limit <= efficiency))
    if "highestWastedBytes" in rules:
        limit, wasted = rules["highestWastedBytes"], image.dive.wasted_bytes
        gates.append(Gate("dive:highestWastedBytes", limit, wasted, wasted <= limit))
    if "highestUserWastedPercent" in rules:
        limit, share = rules["highestUserWastedPercent"], image.dive.user_wasted_percent
        gates.append(Gate("dive:highestUserWastedPercent", limit, share, share is None or share <= limit))
    return gates
