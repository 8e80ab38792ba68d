"""What a generated Dockerfile says of itself: a first line for people, and as its last one the comment that is read back.

    # Written by SlimDesk 0.1.0: distroless for api (go)
    …
    # slimdesk 0.1.0: go distroless --component api --path . --healthcheck --lines .F7dMx.KxT1a…

The comment's words are those of `slimdesk generate`. The marks (`dockerfile.units`) stand for the text as it was generated:
with them a merge knows, on any machine, which lines a person added, changed or took away, without the text itself.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from slimdesk import __version__
from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible, without_controls
from slimdesk.catalog.model import FAMILIES, Family
from slimdesk.dockerfile.units import Mark, Unit, decoded, encoded
from slimdesk.project.model import Component
from slimdesk.recipes.model import Options

BASELINE = "baseline"
# BuildKit gives up on lines of 65536 bytes.
LONGEST = 60_000

_COMMENT = re.compile(r"#[ \t]*slimdesk[ \t]+(?P<version>[0-9][\w.+-]*):[ \t](?P<words>.*)", re.ASCII)
_HEADING = re.compile(r"#[ \t]*Written by SlimDesk [0-9][\w.+-]*: .*", re.ASCII)
_SWITCHES = frozenset({"--debug", "--debugger", "--healthcheck", "--syntax", "--no-cache-mounts", "--pin"})
_VALUED = frozenset({
    "--component", "--path", "--platform", "--package", "--mirror", "--label", "--set", "--lines",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the comment says. `family` None is the baseline; `path` and `component` name the component.

    `options` are as they were given, without digests: those stand in the text. `pin` says that there were some.
    """

    version: str
    profile: str
    family: Family | None
    component: str
    path: str
    options: Options
    pin: bool
    lines: tuple[Mark, ...]


def heading(component: Component, family: Family | None) -> str:
    """Return the first line: who wrote the file, and for what. Nothing is read from it."""
    name = visible(component.name, 60)
    return f"# Written by SlimDesk {__version__}: {family or BASELINE} for {name} ({component.profile})"


def is_heading(line: str) -> bool:
    """Whether a line is the first line of a generated Dockerfile."""
    return _HEADING.fullmatch(line.strip()) is not None


def comment(component: Component, family: Family | None, options: Options, body: tuple[Unit, ...]) -> str:
    """Return the comment for a Dockerfile whose other lines are `body`. Raises BadInput for one that is too long."""
    words = [component.profile, family or BASELINE, "--component", component.name, "--path", component.path]
    words += _option_words(options)
    shown = " ".join(shlex.quote(without_controls(word)) for word in words)
    text = f"# slimdesk {__version__}: {shown} --lines {encoded(unit.mark for unit in body)}"
    if len(text.encode("utf-8", "replace")) > LONGEST:
        raise BadInput(
            f"No Dockerfile was written for {visible(component.name, 60)}",
            "its options do not fit into one line",
            "Give fewer labels, or shorter ones",
        )
    return text


def _option_words(options: Options) -> Iterator[str]:
    switches = {
        "--debug": options.debug,
        "--debugger": options.debugger,
        "--healthcheck": options.healthcheck,
        "--syntax": options.syntax,
        "--no-cache-mounts": not options.cache_mounts,
        "--pin": bool(options.digests),
    }
    yield from (word for word, on in switches.items() if on)
    if options.platform:
        yield from ("--platform", options.platform)
    for package in options.packages:
        yield from ("--package", package)
    for word, table in (
        ("--mirror", options.mirrors),
        ("--label", options.labels),
        ("--set", options.settings),
    ):
        for key, value in table.items():
            yield from (word, f"{key}={value}")


def is_comment(line: str) -> bool:
    """Whether a line is the comment."""
    return _COMMENT.fullmatch(line.strip()) is not None


def read_comment(line: str) -> Provenance | None:
    """Return what the comment says; None if the line is none. Raises BadInput for one that cannot be read."""
    match = _COMMENT.fullmatch(line.strip())
    if match is None:
        return None
    try:
        return _read(match["version"], shlex.split(match["words"]))
    except (ValueError, IndexError) as error:
        raise BadInput(
            "SlimDesk's comment in the Dockerfile cannot be read",
            visible(str(error), 200),
            f"It was written by SlimDesk {visible(match['version'], 20)}, this is {__version__}: "
            "use that version, or generate the file anew",
        ) from None


def _read(version: str, words: list[str]) -> Provenance:
    profile, kind, *rest = words
    family = next((one for one in FAMILIES if one == kind), None)
    if family is None and kind != BASELINE:
        raise ValueError(f"there is no family {kind}")
    switches, values = _sorted(rest)
    options = Options(
        debug="--debug" in switches,
        debugger="--debugger" in switches,
        cache_mounts="--no-cache-mounts" not in switches,
        healthcheck="--healthcheck" in switches,
        syntax="--syntax" in switches,
        platform=_last(values, "--platform") or None,
        packages=tuple(values.get("--package", ())),
        mirrors=_table(values, "--mirror"),
        settings=_table(values, "--set"),
        labels=_table(values, "--label"),
    )
    return Provenance(
        version, profile, family, _last(values, "--component"), _last(values, "--path") or ".", options,
        pin="--pin" in switches, lines=decoded(_last(values, "--lines")),
    )  # fmt: skip


def _sorted(words: list[str]) -> tuple[set[str], dict[str, list[str]]]:
    """Return the switches, and the values by option. Raises ValueError for a word that is neither."""
    switches: set[str] = set()
    values: dict[str, list[str]] = {}
    given = iter(words)
    for word in given:
        if word in _SWITCHES:
            switches.add(word)
        elif word in _VALUED:
            value = next(given, None)
            if value is None:
                raise ValueError(f"{word} has no value")
            values.setdefault(word, []).append(value)
        else:
            raise ValueError(f"the option {word} is not known")
    return switches, values


def _last(values: dict[str, list[str]], option: str) -> str:
    return values.get(option, [""])[-1]


def _table(values: dict[str, list[str]], option: str) -> dict[str, str]:
    """Return KEY=VALUE words as a table. Raises ValueError."""
    table: dict[str, str] = {}
    for word in values.get(option, ()):
        key, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"{option} {word} has no =")
        table[key] = value
    return table
