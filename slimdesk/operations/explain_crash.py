"""Why a pod or container does not run, from what a person pasted: `kubectl describe pod`, a log, a status word, an exit code."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import log_line, visible
from slimdesk.debug.causes import Cause, of_exit_code, of_probe, of_refusal
from slimdesk.debug.describe import MAX_LINE, MAX_LINES, MAX_TEXT, Description, read_description
from slimdesk.debug.pod_fixes import fix_of
from slimdesk.debug.status_words import STATUS
from slimdesk.verify import diagnose

_CODE = re.compile(r"(?i)\s*(?:exit(?:ed)?[ -]?(?:with )?(?:code|status)?[ :(]*)?(-?\d{1,3})\)?\s*")
_CODE_INSIDE = re.compile(
    r"(?i)\b(?:exit code|exit status|exited with (?:code|status)|command terminated with exit code)[ :=]+(\d{1,3})\b"
)
_PROBE = re.compile(
    r"(Startup|Readiness|Liveness) probe (?:failed|errored)(?: and resulted in unknown state)?: ?(.*)"
)
_START = re.compile(
    r"exec(?:: \"|\sformat| /)|OCI runtime|runc (?:create|did)|failed to create shim|unable to find user|chdir to cwd"
    r"|port is already allocated"
)
# Of several causes those that say why stand before those that only say that.
_WEAK = frozenset(
    {
        "crash-loop",
        "ended",
        "config",
        "no-start",
        "not-created",
        "killed",
        "no-image",
        "stopped",
        "not-started",
    }
)


@dataclass(frozen=True, slots=True)
class Explained:
    """A cause, the line of the text that shows it (from 1; None for a bare exit code), and that line."""

    cause: Cause
    line: int | None = None
    evidence: str = ""
    container: str = ""


def explain(text: str, exit_code: int | None = None) -> tuple[Explained, ...]:
    """Return the causes that a text and an exit code tell, the most telling first; empty where nothing is known.

    `text` may be the output of `kubectl describe pod`, of `kubectl logs --previous` or `docker logs`, an engine's message, a
    status word such as CrashLoopBackOff, or an exit code alone.
    """
    found: list[Explained] = []
    short = text.strip()
    alone = _CODE.fullmatch(short) if short else None
    if alone and exit_code is None:
        return (Explained(of_exit_code(_as_code(int(alone.group(1))))),)
    if short in STATUS:
        return (Explained(STATUS[short], 1, short),)
    described = read_description(text)
    found += _of_description(described) if described else _of_text(text)
    if exit_code is not None:
        found.append(Explained(of_exit_code(_as_code(exit_code))))
    return tuple(sorted(_once(found), key=lambda one: one.cause.kind in _WEAK))


def _of_description(described: Description) -> list[Explained]:
    found: list[Explained] = []
    if described.reason in STATUS:
        found.append(Explained(STATUS[described.reason], None, described.message or described.reason))
    for event in described.events:
        if event.kind != "Warning" and event.reason != "Killing":
            continue
        cause = _of_message(event.message) or (STATUS.get(event.reason) if event.kind == "Warning" else None)
        if cause is not None:
            found.append(Explained(cause, event.line, visible(event.message, 300)))
    for state in described.states:
        place = (
            state.line,
            visible(f"{state.name} {state.reason} {state.message}".strip(), 300),
            state.container,
        )
        known = _of_message(state.message) if state.message else None
        if known is not None:
            found.append(Explained(known, *place))
        elif state.reason in STATUS and not (
            state.reason == "CrashLoopBackOff" and _has_code(described, state.container)
        ):
            found.append(Explained(STATUS[state.reason], *place))
        elif state.exit_code is not None and not (state.exit_code == 0 and not state.last):
            found.append(Explained(of_exit_code(state.exit_code), *place))
    return found


def _has_code(described: Description, container: str) -> bool:
    return any(one.container == container and one.exit_code is not None for one in described.states)


def _of_message(message: str) -> Cause | None:
    probe = _PROBE.search(message)
    if probe:
        return of_probe(probe.group(1).lower(), probe.group(2))
    cause = of_refusal(message)
    if cause is not None:
        return cause
    if _START.search(message):
        known = diagnose.of_start(message)
        if known.kind != "not-started":
            return Cause(known.kind, known.message, fix_of(known.kind))
    return None


def _of_text(text: str) -> list[Explained]:
    """A log, or an engine's message: the newest telling line counts."""
    lines = [log_line(one[:MAX_LINE]) for one in text[-MAX_TEXT:].splitlines()[-MAX_LINES:]]
    found: list[Explained] = []
    for number in range(len(lines), max(0, len(lines) - diagnose.LOOKED_AT), -1):
        said = lines[number - 1]
        cause = _of_message(said)
        if cause is None:
            known = diagnose.of_log((said,))
            cause = Cause(known.kind, known.message, fix_of(known.kind)) if known else None
        if cause is not None:
            found.append(Explained(cause, number, visible(said, 300)))
    codes = _CODE_INSIDE.findall(text[-MAX_TEXT:])
    # What the lines say is why it ended so.
    if codes and not any(one.cause.kind not in _WEAK for one in found):
        found.append(Explained(of_exit_code(_as_code(int(codes[-1])))))
    found += [
        Explained(cause, None, word)
        for word, cause in STATUS.items()
        if re.search(rf"\b{word}\b", text[-MAX_TEXT:])
    ]
    return found


def _as_code(number: int) -> int:
    """Windows and some runtimes tell a signal as a negative number."""
    return 128 - number if -65 < number < 0 else number


def _once(found: list[Explained]) -> list[Explained]:
    kept: dict[tuple[str, str], Explained] = {}
    for one in found:
        kept.setdefault((one.cause.kind, one.cause.message), one)
    return list(kept.values())
