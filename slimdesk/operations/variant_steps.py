"""The steps of a variant's build, told once each: which of how many runs, in words that fit a line."""

from __future__ import annotations

import re

from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.engine.model import BuildStep

MOST_LETTERS = 120
# Caches and digests say nothing of how far it is.
_NOISE = re.compile(r"--mount=\S+\s+|@sha256:[0-9a-f]{64}")


class ButSteps:
    """Hands on what a build tells, but the steps of the Dockerfile: `tell_steps` says those with their number."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def progress(self, step: str = "", done: float = 0, total: float | None = None, unit: str = "") -> None:
        """Say where it is, such as what is fetched; names of a Dockerfile's steps begin with a bracket."""
        if unit != "steps" and not step.startswith("["):
            self._reporter.progress(step, done, total, unit)

    def log(self, text: str) -> None:
        """Add lines to the log."""
        self._reporter.log(text)


def tell_steps(reporter: Reporter, steps: tuple[BuildStep, ...]) -> None:
    """Say the step that runs, and how many are done."""
    real = [step for step in steps if not step.name.startswith("[internal]")]
    done = sum(1 for step in real if step.state in ("done", "cached"))
    running = next((step for step in reversed(real) if step.state == "running"), None)
    if running is not None:
        words = f"Step {min(done + 1, len(real))} of {len(real)}: {step_words(running.name)}"
        reporter.progress(words, done, len(real), "steps")
    elif real:
        reporter.progress("", done, len(real), "steps")


def step_words(name: str) -> str:
    """Return a step's name without what says nothing of how far it is."""
    return visible(" ".join(_NOISE.sub("", name).split()), MOST_LETTERS)
