"""The steps of a build as they stand: traces come in, in any order and repeated, BuildSteps come out."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

from slimdesk.basics.escaping import log_line, visible
from slimdesk.engine.model import BuildStep, BuildWarning, StepState
from slimdesk.engine.trace import Advice, Log, Status, Trace, Vertex

# Newest lines that a step keeps for being shown; the whole log goes to the job.
STEP_LOG_LINES = 200
# A program that never ends its line must not fill the memory.
_LONGEST_LINE = 16_384

_NAME = re.compile(r"\[(?:(?P<platform>\S+/\S+) )?(?:(?P<stage>[^\]\s]+) +)?(?P<number>\d+)/(?P<of>\d+)\] ")
_CANCELLED = ("context canceled", "Canceled:")


@dataclass(slots=True)
class _Step:
    digest: str
    name: str = ""
    cached: bool = False
    started: float | None = None
    completed: float | None = None
    error: str = ""
    parts: dict[str, Status] = field(default_factory=dict)
    log: deque[str] = field(default_factory=lambda: deque(maxlen=STEP_LOG_LINES))
    rest: bytes = b""
    announced: bool = False
    finished: bool = False
    shown: BuildStep | None = None


class Steps:
    """Collects traces; not thread-safe: its owner locks."""

    def __init__(self) -> None:
        self._steps: dict[str, _Step] = {}
        self._lines: list[str] = []
        self._warnings: list[BuildWarning] = []

    def add(self, trace: Trace) -> None:
        """Take one message; a repeated vertex resets nothing that is known."""
        for vertex in trace.vertexes:
            self._vertex(vertex)
        for status in trace.statuses:
            step = self._step(status.vertex)
            step.parts[status.identity] = status
        for log in trace.logs:
            self._log(log)
        for advice in trace.warnings:
            warning = _warning(advice)
            if warning not in self._warnings:
                self._warnings.append(warning)
                self._lines.append(f"warning: {visible(advice.text)}")

    def say(self, text: str) -> None:
        """Take output that belongs to no step."""
        self._lines += [log_line(line) for line in text.splitlines() if line.strip()]

    def end(self) -> None:
        """Take what programs left without an end of line."""
        for step in self._steps.values():
            if step.rest:
                self._line(step, step.rest)
                step.rest, step.shown = b"", None

    def take_lines(self) -> list[str]:
        """Return the log lines since the last call: what a terminal would show, step by step."""
        lines, self._lines = self._lines, []
        return lines

    def snapshot(self) -> tuple[BuildStep, ...]:
        """Every step as it stands: in the order in which they began, then those that wait."""
        named = [step for step in self._steps.values() if step.name]
        return tuple(_shown(step) for step in sorted(named, key=_place))

    def warnings(self) -> tuple[BuildWarning, ...]:
        """Return what BuildKit's check says, each once."""
        return tuple(self._warnings)

    def failed(self) -> BuildStep | None:
        """Return the step that failed by itself; one that was stopped because of another does not count."""
        return next((step for step in self.snapshot() if step.state == "failed"), None)

    def _step(self, digest: str) -> _Step:
        step = self._steps.setdefault(digest, _Step(digest))
        step.shown = None
        return step

    def _vertex(self, vertex: Vertex) -> None:
        step = self._step(vertex.digest)
        step.name = visible(vertex.name) or step.name
        step.cached = step.cached or vertex.cached
        if vertex.started is not None:
            step.started = vertex.started
            # A step may be taken up again (a second exporter, a retried pull): then it is not complete any more.
            step.completed = vertex.completed
        elif vertex.completed is not None:
            step.completed = vertex.completed
        step.error = vertex.error or step.error
        if step.started is not None and not step.announced and step.name:
            step.announced = True
            self._lines.append(step.name)
        if step.completed is not None and not step.finished and step.announced:
            step.finished = True
            self._lines.append(_ended(step))

    def _log(self, log: Log) -> None:
        step = self._step(log.vertex)
        *lines, step.rest = (step.rest + log.data).split(b"\n")
        for line in lines:
            self._line(step, line)
        if len(step.rest) > _LONGEST_LINE:
            self._line(step, step.rest)
            step.rest = b""

    def _line(self, step: _Step, data: bytes) -> None:
        text = log_line(data[:_LONGEST_LINE].decode("utf-8", errors="replace"))
        step.log.append(text)
        self._lines.append(text)


def _shown(step: _Step) -> BuildStep:
    if step.shown is None:
        match = _NAME.match(step.name)
        counted = [part for part in step.parts.values() if part.total > 0 or part.current > 0]
        known = bool(counted) and all(part.total > 0 for part in counted)
        step.shown = BuildStep(
            digest=step.digest,
            name=step.name,
            stage=match["stage"] if match else None,
            number=int(match["number"]) if match else None,
            of=int(match["of"]) if match else None,
            state=_state(step),
            seconds=_seconds(step),
            done=sum(part.current for part in counted),
            total=sum(part.total for part in counted) if known else None,
            error=visible(step.error) if step.error and not _was_cancelled(step) else None,
            log=tuple(step.log),
        )
    return step.shown


def _place(step: _Step) -> tuple[bool, float, int]:
    shown = _shown(step)
    return step.started is None, step.started or 0.0, shown.number or 0


def _state(step: _Step) -> StepState:
    if step.error:
        return "cancelled" if _was_cancelled(step) else "failed"
    if step.cached:
        return "cached"
    if step.completed is not None:
        return "done"
    return "queued" if step.started is None else "running"


def _was_cancelled(step: _Step) -> bool:
    return any(sign in step.error for sign in _CANCELLED)


def _seconds(step: _Step) -> float | None:
    if step.started is None or step.completed is None:
        return None
    return max(0.0, step.completed - step.started)


def _ended(step: _Step) -> str:
    state = _state(step)
    if state == "done":
        return f"  done in {_seconds(step) or 0:.1f} s"
    return f"  {state}: {visible(step.error)}" if state == "failed" else f"  {state}"


def _warning(advice: Advice) -> BuildWarning:
    """BuildKit writes `Rule: what is wrong (line 3)`. Source: moby/buildkit frontend/dockerfile/linter/linter.go."""
    found = re.fullmatch(
        r"(?:([A-Z][A-Za-z]+): )?(.*?)(?: \(line (\d{1,6})\))?", advice.text.strip(), re.DOTALL
    )
    if found is None:
        return BuildWarning("", visible(advice.text, 500), advice.line)
    line = advice.line or (int(found[3]) if found[3] else None)
    return BuildWarning(found[1] or "", visible(found[2], 500), line)
