"""What calls into a component's image from around it, and what becomes of each call in each family."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLayout, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.catalog.model import FAMILIES, Family
from slimdesk.operations.advice import advice_for
from slimdesk.project.model import Call, Component, Project
from slimdesk.recipes.advice import Advice
from slimdesk.recipes.needs import Verdict
from slimdesk.ui.desk import Desk
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button, IconButton
from slimdesk.ui.widgets.cards import Cards, lined, said
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.text import Icon, Tag, Text

MOST = 60
_WIDE = 900
_KINDS = {
    "entrypoint": "Start", "arguments": "Command", "healthcheck": "Health check", "probe": "Probe", "post-start": "After the start",
    "pre-stop": "Before the stop", "init": "Before the start", "process": "Process", "exec": "From outside",
}  # fmt: skip
_SOURCES = {
    "dockerfile": "Dockerfile", "compose": "Compose", "kubernetes": "Kubernetes", "procfile": "Procfile", "script": "Script",
}  # fmt: skip
_ANSWERS: dict[str, tuple[str, Token, str]] = {
    "works": ("check-circle-fill", "good", "Works"),
    "replace": ("warning-fill", "warn", "Works with what is said"),
    "fails": ("x-circle-fill", "bad", "Fails"),
}
# What is to be written into a file, unlike a sentence about it.
_CODE = re.compile(r"\n|^[\w.-]+: |\[\"|^[A-Z]{3,} ")
NOTHING = "Nothing calls into this image"
LOOKED_FOR = (
    "Looked for: compose health checks, commands and entry points; Kubernetes probes, hooks, commands and arguments; "
    "Procfile lines; the Dockerfile's ENTRYPOINT, CMD and HEALTHCHECK; scripts that run docker exec or kubectl exec."
)


def own_calls(project: Project, component: Component) -> tuple[Call, ...]:
    """Return the calls into the component's image, or those into the images of its parts."""
    names = (component.name, *(part.name for part in component.parts))
    return tuple(call for call in project.calls if call.component in names)


class CallsPane(Cards):
    """Signals: `evidence_wanted(Evidence)`."""

    evidence_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__("What calls into the image", _WIDE)
        self.desk = desk
        self._asked: tuple[Project, Component] | None = None
        self._shown: tuple[Project, Component] | None = None

    def show_component(self, project: Project | None, component: Component | None) -> int:
        """Be about another component; return how many calls it has. What becomes of them is asked when the pane is seen."""
        self._asked = None if project is None or component is None else (project, component)
        self._shown = None
        if self._asked is None:
            self.show_cards(())
            return 0
        if self.isVisible():
            self.read()
        return len(own_calls(*self._asked))

    def read(self) -> None:
        """Show the calls, then what becomes of them."""
        if self._asked is None or self._asked is self._shown:
            return
        self._shown = self._asked
        calls = own_calls(*self._asked)
        self._show(calls, None)
        place = next((call.evidence for call in calls if call.evidence is not None), None)
        if place is not None:
            self.evidence_wanted.emit(place)
        if calls:
            self.desk.spawn(self._advise(self._asked))

    async def _advise(self, asked: tuple[Project, Component]) -> None:
        prefer = self.desk.workspace.choices.prefer
        found = await self.desk.blocking(partial(advice_for, *asked, prefer=prefer))
        if self._shown is asked:
            self._show(own_calls(*asked), found)

    def _show(self, calls: Sequence[Call], advice: Advice | None) -> None:
        makers: list[Callable[[], QWidget]] = [] if calls else [_nothing]
        if calls and advice is not None and advice.family is not None:
            makers.append(partial(_verdict_line, advice, advice.family))
        makers += [partial(self._call, call, advice) for call in calls[:MOST]]
        if len(calls) > MOST:
            makers.append(partial(said, f"{len(calls) - MOST} more are not shown."))
        self.show_cards(makers)

    def _call(self, call: Call, advice: Advice | None) -> QWidget:
        head = row(Text(_KINDS[call.kind], "strong"), Tag(_SOURCES[call.source]), 1)
        if call.evidence is not None:
            place = Button(
                visible(str(call.evidence), 80),
                clicked=partial(self.evidence_wanted.emit, call.evidence),
                kind="link",
            )
            place.setAccessibleName(f"Show {visible(str(call.evidence), 200)}")
            head.addWidget(place)
        words = column(head, Text(_command(call), "mono", "text2", wrap=True), spacing=4)
        if advice is not None:
            answers = grouped(call, advice)
            for families, verdict in answers[:1]:
                words.addLayout(_answer(families, verdict, advice.family))
            if answers[1:]:
                words.addLayout(_others(answers[1:]))
        return lined(Icon("terminal", "text2"), words)


def _nothing() -> QWidget:
    words = (Text(NOTHING, "section"), Text(LOOKED_FOR, "body", "text2", wrap=True))
    return panel(column(*words, margins=(16, 20, 16, 16)))


def grouped(call: Call, advice: Advice) -> list[tuple[list[Family], Verdict]]:
    """Return what becomes of a call, the advised family's answer first; families that answer alike stand together."""
    found: list[tuple[list[Family], Verdict]] = []
    order = sorted(FAMILIES, key=lambda family: family != advice.family)
    for family in order:
        one = next((verdict for verdict in advice.verdicts.get(family, ()) if verdict.call == call), None)
        if one is None:
            continue
        alike = next((group for group in found if _alike(group[1], one)), None)
        if alike is None:
            found.append(([family], one))
        else:
            alike[0].append(family)
    return found


def _alike(one: Verdict, other: Verdict) -> bool:
    if one.answer == other.answer == "works":
        return True
    return (one.answer, one.program, one.replacement) == (other.answer, other.program, other.replacement)


def _answer(families: list[Family], verdict: Verdict, advised: Family | None) -> QLayout:
    """The advised family's answer in full, with those that answer alike."""
    picture, tone, meaning = _ANSWERS[verdict.answer]
    names = row(Icon(picture, tone, 14, meaning), spacing=6)
    for family in families:
        chosen = family == advised
        names.addWidget(Tag(f"{family}, advised" if chosen else family, "accent_text" if chosen else "text2"))
    names.addStretch(1)
    box = column(names, Text(verdict.sentence, "body", "text", wrap=True), margins=(0, 4, 0, 0), spacing=4)
    if verdict.replacement:
        code = _CODE.search(verdict.replacement) is not None
        instead = Text(verdict.replacement, "mono" if code else "body", "text2", wrap=True)
        copy = IconButton(
            "copy",
            "Copy what to write instead",
            partial(QGuiApplication.clipboard().setText, verdict.replacement),
        )
        held = row(instead, copy)
        held.setStretch(0, 1)
        box.addLayout(held)
    return box


def _others(answers: Sequence[tuple[list[Family], Verdict]]) -> QLayout:
    """The other families in one line: what becomes of it there, the sentence as tooltip."""
    box = row(Text("Elsewhere", "small", "text3"), spacing=6)
    for families, verdict in answers:
        picture, tone, meaning = _ANSWERS[verdict.answer]
        tip = "\n".join(part for part in (verdict.sentence, verdict.replacement) if part)
        box.addWidget(Icon(picture, tone, 14, meaning))
        for family in families:
            tag = Tag(family)
            tag.setToolTip(tip)
            tag.setAccessibleDescription(tip)
            box.addWidget(tag)
    box.addStretch(1)
    return box


def _verdict_line(advice: Advice, family: Family) -> QWidget:
    answers = [one.answer for one in advice.verdicts.get(family, ())]
    failing, replaced = answers.count("fails"), answers.count("replace")
    if failing:
        words, picture, tone = f"On {family}, {failing} of {len(answers)} would fail.", "x-circle-fill", "bad"
    elif replaced:
        words, picture, tone = (
            f"On {family}, {replaced} of {len(answers)} must be written in another way; what to write stands below.",
            "warning-fill",
            "warn",
        )
    else:
        words, picture, tone = (
            f"On {family}, the advised family, all of them work.",
            "check-circle-fill",
            "good",
        )
    return lined(Icon(picture, tone), column(Text(words, "strong", wrap=True)))  # type: ignore[arg-type]


def _command(call: Call) -> str:
    words = " ".join(call.words) or (call.script or "").strip()
    return visible(words, 300)
