"""What came of running a pod's container here: the verdict with its fix, each check, what is not reproduced, and the log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_seconds
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.cards import Cards, lined, said
from slimdesk.ui.widgets.layout import column, panel
from slimdesk.ui.widgets.text import Icon, Text

if TYPE_CHECKING:
    from slimdesk.debug.pod_plan import PodPlan
    from slimdesk.operations.run_pod import PodRun
    from slimdesk.verify.model import Check

# Lines of the log that are shown; the whole of it is in the job's log.
LOG_SHOWN = 40
_SIGNS: dict[bool | None, tuple[str, Token, str]] = {
    True: ("check-circle-fill", "good", "Passed"),
    False: ("x-circle-fill", "bad", "Failed"),
    None: ("minus-circle", "text3", "Not done"),
}
_VERDICTS: dict[str, tuple[str, Token, str]] = {
    "runs": ("check-circle-fill", "good", "It runs here"),
    "fails": ("x-circle-fill", "bad", "It fails"),
    "refused": ("prohibit", "bad", "Kubernetes would not start it"),
}
Maker = Callable[[], QWidget]


class PodAnswer(Cards):
    """The right half of "Run as this pod"."""

    def __init__(self) -> None:
        super().__init__("What came of it")
        self.show_plan(None)

    def say(self, words: str) -> None:
        """Show a sentence alone."""
        self.show_cards([partial(said, words, "warning")])

    def show_running(self, what: str) -> None:
        """Say that it is being run."""
        self.show_cards([partial(said, f"{what} is started, and its probes are asked…", "spinner-gap")])

    def show_plan(self, plan: PodPlan | None, words: str = "") -> None:
        """Show what would be done; without a plan what this is for."""
        if plan is None:
            self.show_cards(
                [partial(said, "Whether it runs, its probes, and what is not reproduced here stand here.")]
            )
            return
        self.show_cards([*([partial(said, words)] if words else []), *_of_plan(plan)])

    def show_kept(self, plan: PodPlan) -> None:
        """Say that it runs on."""
        words = "It runs, and is chosen in the list of containers: open a shell beside it there. It goes when this window is closed."
        self.show_cards([partial(_headed, "play-circle-fill", "good", "It runs on", words), *_of_plan(plan)])

    def show_run(self, found: PodRun) -> None:
        """Show what came of it."""
        picture, tone, title = _VERDICTS[found.verdict]
        cause = found.cause
        head = partial(
            _headed,
            picture,
            tone,
            title,
            cause.message if cause else found.reason,
            cause.fix if cause else "",
        )
        log = [partial(_log, found.log)] if found.log else []
        self.show_cards([head, *(partial(_check, one) for one in found.checks), *_of_plan(found.plan), *log])


def in_window(sentence: str) -> str:
    """Return a sentence that names the command line's options with the fields of the window instead."""
    for option, field in (("--env", "under Variables"), ("--image", "under Image")):
        sentence = sentence.replace(f"with {option}", field)
    return sentence


def _of_plan(plan: PodPlan) -> list[Maker]:
    makers: list[Maker] = [
        partial(said, f"{visible(plan.image, 200)} as user {visible(plan.user, 60)}", "cube")
    ]
    makers += [partial(_headed, "prohibit", "bad", one.message, one.fix) for one in plan.refused[1:]]
    makers += [partial(said, in_window(one), "warning") for one in plan.notes]
    if plan.omitted:
        makers.append(partial(_omitted, plan.omitted))
    return makers


def _headed(picture: str, tone: Token, title: str, words: str, fix: str = "") -> QWidget:
    return lined(
        Icon(picture, tone, 16, title),
        column(
            Text(title, "strong", wrap=True),
            Text(words, "body", wrap=True) if words else None,
            Text(fix, "body", "text2", wrap=True) if fix else None,
            spacing=4,
        ),
    )


def _check(one: Check) -> QWidget:
    picture, tone, meaning = _SIGNS[one.passed]
    took = "" if one.seconds is None else f" ({format_seconds(one.seconds)})"
    return lined(
        Icon(picture, tone, 16, meaning),
        column(Text(f"{one.name}{took}", "medium"), Text(one.message, "body", "text2", wrap=True), spacing=2),
    )


def _omitted(sentences: tuple[str, ...]) -> QWidget:
    lines = [Text(in_window(one), "body", "text2", wrap=True) for one in sentences]
    return lined(
        Icon("info", "accent_text", 16, "Not reproduced"),
        column(Text("Not reproduced here", "strong"), *lines, spacing=4),
    )


def _log(lines: tuple[str, ...]) -> QWidget:
    shown = lines[-LOG_SHOWN:]
    title = "Its log" if len(shown) == len(lines) else f"The last {LOG_SHOWN} lines of its log"
    words = Text("\n".join(shown), "mono", wrap=True)
    return panel(
        column(
            Text(title, "strong"), panel(column(words, margins=8), "well"), margins=(16, 9, 16, 9), spacing=6
        )
    )
