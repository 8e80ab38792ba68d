"""Beside the Dockerfile: the proof that the variant runs, the options, and how it is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from slimdesk.basics.units import format_seconds
from slimdesk.operations.variants import with_environment
from slimdesk.project.model import Component
from slimdesk.ui.theme.fonts import fix_height, most_width, scaled, set_font
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.headers import SectionHeader
from slimdesk.ui.widgets.layout import clear, column, line, panel, row
from slimdesk.ui.widgets.number_field import NumberField
from slimdesk.ui.widgets.text import Elided, Icon, Text, Tone
from slimdesk.verify.model import Check, RunProfile, Verification
from slimdesk.workspace.session import Choices

QWIDGETSIZE_MAX = 16_777_215
_FORM_WIDTH = 720
_STATES: dict[bool | None, tuple[str, Token, str]] = {
    True: ("check-circle-fill", "good", "Passed"),
    False: ("x-circle-fill", "bad", "Failed"),
    None: ("minus-circle", "text3", "Not done"),
}


class ProofPane(QWidget):
    """The checks of one verification, each with its time. Signals: `asked` where the person wants to say how it runs."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[object, ...] = ()
        self.setAccessibleName("Proof that it runs")
        self._head = SectionHeader("Proof that it runs", surface="bar", rule=True)
        self._rows = column(margins=(16, 10, 16, 12), spacing=7)
        self.setLayout(column(self._head, self._rows, 1, spacing=0))

    def show_verification(self, found: Verification | None, when: str, *, built: bool) -> None:
        """Show it, or say what is missing."""
        self._head.count.set(when)
        shown = (found, built)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._rows)
        if found is None:
            text = (
                "Not verified yet"
                if built
                else "Build it first: then it is started as production would start it"
            )
            self._rows.addWidget(Text(text, "body", "text2", wrap=True))
            return
        if found.verdict != "runs":
            tone: Tone = "bad" if found.verdict == "fails" else "warn"
            self._rows.addWidget(Text(found.reason, "medium", tone, wrap=True))
        for check in found.checks:
            self._rows.addLayout(_check_row(check))
        if found.verdict != "runs":
            self._rows.addLayout(row(Button("Say how it runs", "sliders-horizontal", self.asked.emit), 1))


def _check_row(check: Check) -> QHBoxLayout:
    picture, role, meaning = _STATES[check.passed]
    words = Elided(check.message or check.name, "body", "text2" if check.passed is None else "text")
    words.setToolTip(f"{check.name}: {check.message}")
    time = Text(format_seconds(check.seconds) if check.seconds is not None else "", "body", "text2")
    return row(Icon(picture, role, 16, meaning), words, time)


class OptionsPane(QWidget):
    """The options of all variants of the component. Signals: `changed(name, value)`, `pins_wanted`."""

    changed = Signal(str, bool)
    pins_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Options")
        self._boxes: dict[str, QCheckBox] = {}
        self._reason = Text("", "small", "text3", wrap=True)
        self._reason.hide()
        rows: list[QWidget] = []
        for name, words, tip in (
            (
                "debug",
                "Debug variant",
                "The same image with a shell: the family's debug tag, or a debug target with busybox",
            ),
            (
                "debugger",
                "Debugger in debug variants",
                "JDWP, Node's inspector, debugpy or Delve, with its port; the findings say how to attach",
            ),
            (
                "pin",
                "Pin base images by digest",
                "name:tag@sha256:… – the same bytes next year; bots can still update it",
            ),
            ("cache_mounts", "Cache mounts", "Downloads are kept between builds; nothing of them ships"),
            (
                "healthcheck",
                "Health check",
                "HEALTHCHECK in exec form, with what the image has: no shell needed",
            ),
        ):
            box = QCheckBox(words)
            box.setToolTip(tip)
            box.toggled.connect(self._teller(name))
            self._boxes[name] = box
            rows.append(box)
            if name == "pin":
                rows.append(self._pins_below())
        self.setLayout(
            column(Text("Options", "strong"), *rows, self._reason, margins=(16, 12, 16, 12), spacing=9)
        )

    def _pins_below(self) -> QWidget:
        self._pins = Text("", "small", "text2", wrap=True)
        self._refresh = Button(
            "Refresh pins", "arrow-clockwise", self.pins_wanted.emit, kind="flat",
            tip="Ask the registries which image each tag means now",
        )  # fmt: skip
        below = QWidget()
        below.setLayout(column(self._pins, row(self._refresh, 1), margins=(24, 0, 0, 0), spacing=2))
        below.hide()
        self._pins_area = below
        return below

    def show_pins(self, words: str, *, warn: bool = False, busy: bool = False) -> None:
        """Show how the chosen variant is pinned; nothing where `words` is empty."""
        self._pins.setText(words)
        self._pins.set_tone("warn" if warn else "text2")
        self._refresh.allow(not busy, "The registries are being asked")
        self._pins_area.setVisible(bool(words))

    def show_choices(self, choices: Choices, frozen: str) -> None:
        """Show them; `frozen` is why they do not apply (an edited Dockerfile), empty where they do."""
        for name, box in self._boxes.items():
            blocked = box.blockSignals(True)
            box.setChecked(bool(getattr(choices, name)))
            box.blockSignals(blocked)
            why = frozen or ("Show debug variants first" if name == "debugger" and not choices.debug else "")
            box.setEnabled(not why)
            box.setAccessibleDescription(why)
        self._reason.setText(frozen)
        self._reason.setVisible(bool(frozen))

    def _teller(self, name: str) -> Callable[[bool], None]:
        return lambda checked: self.changed.emit(name, checked)


class RunForm(QScrollArea):
    """How the component is run to prove that it works. Signals: `changed(RunProfile)`."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._profile = RunProfile()
        self._port = NumberField()
        self._port.setRange(0, 65_535)
        self._port.setSpecialValueText("none: a command that ends")
        self._path = QLineEdit()
        self._path.setPlaceholderText("/ – any answer below 500 will do")
        self._exit = NumberField()
        self._exit.setRange(0, 255)
        self._expect = QLineEdit()
        self._expect.setPlaceholderText("text that the answer or the output must hold")
        self._timeout = NumberField()
        self._timeout.setRange(1, 3_600)
        self._timeout.setSuffix(" s")
        self._read_only = QCheckBox("Read-only root file system")
        self._environment = QPlainTextEdit()
        self._environment.setPlaceholderText(
            "NAME=value, one per line. Kept in memory only: secrets are safe here."
        )
        self._environment.setTabChangesFocus(True)
        fix_height(self._environment, 110)
        set_font(self._environment, "mono")
        self._hint = Text("", "small", "text2", wrap=True)
        form = QFormLayout()
        form.setContentsMargins(16, 12, 16, 12)
        form.setHorizontalSpacing(16)
        self.setAccessibleName("How it runs")
        for words, field in (
            ("", self._hint),
            ("Port", self._port),
            ("HTTP path", self._path),
            ("Must hold", self._expect),
            ("Exit status of a command", self._exit),
            ("Give up after", self._timeout),
            ("", self._read_only),
            ("Environment", self._environment),
        ):
            if field is self._hint:
                form.addRow(field)
                continue
            field.setAccessibleName(words or (field.text() if isinstance(field, QCheckBox) else "Variables"))
            form.addRow(words, field)
        fields = QWidget()
        fields.setLayout(form)
        most_width(fields, _FORM_WIDTH)
        line_up = row(fields, 1, spacing=0)
        line_up.setStretch(0, 1_000)
        self.setWidget(panel(line_up))
        for spin in (self._port, self._exit, self._timeout):
            spin.lineEdit().setTextMargins(6, 0, 6, 0)
            spin.editingFinished.connect(self._tell)
        for edit in (self._path, self._expect):
            edit.editingFinished.connect(self._tell)
        self._read_only.toggled.connect(lambda _on: self._tell())
        self._environment.textChanged.connect(self._tell)
        self._showing = False

    @property
    def unset(self) -> tuple[str, ...]:
        """The variables that the code cannot do without and that are not given here."""
        return tuple(name for name in self._profile.required if name not in self._profile.environment)

    def show_profile(self, profile: RunProfile, component: Component | None, needs: str = "") -> None:
        """Show it, which variables the project reads, and what its last run lacked (`needs`, a sentence)."""
        self._showing = True
        self._profile = profile
        self._port.setValue(profile.port or 0)
        self._path.setText(profile.http or "")
        self._expect.setText(profile.expect or "")
        self._exit.setValue(profile.exit_code)
        self._timeout.setValue(round(profile.timeout))
        self._read_only.setChecked(profile.read_only)
        text = "\n".join(f"{name}={value}" for name, value in profile.environment.items())
        if with_environment(profile, self._environment.toPlainText()) != profile:
            self._environment.setPlainText(text)
        required = list(profile.required)
        read = [str(fact.value) for fact in component.all("env")] if component else []
        parts = [needs] if needs else []
        if required:
            parts.append(f"Must be set: {', '.join(required)}.")
        others = [name for name in read if name not in required]
        if others:
            parts.append(f"Also read: {', '.join(others[:12])}.")
        self._hint.setText(" ".join(parts))
        self._hint.set_tone("warn" if needs or self.unset else "text2")
        self._hint.setVisible(bool(parts))
        self._showing = False

    def _tell(self) -> None:
        if self._showing:
            return
        changed = replace(
            with_environment(self._profile, self._environment.toPlainText()),
            port=self._port.value() or None,
            http=self._path.text().strip() or None,
            expect=self._expect.text() or None,
            exit_code=self._exit.value(),
            timeout=float(self._timeout.value()),
            read_only=self._read_only.isChecked(),
        )
        if changed != self._profile:
            self._profile = changed
            self.changed.emit(changed)


class SidePane(QScrollArea):
    """Proof and options: below each other in a pane at the right, or beside each other where they fill a tab."""

    def __init__(self, proof: ProofPane, options: OptionsPane, packages: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Proof and options")
        chosen = QWidget()
        chosen.setLayout(column(options, packages, 1, spacing=0))
        self._rule = line()
        self._layout = column(spacing=0)
        for widget, stretch in ((proof, 0), (self._rule, 0), (chosen, 1)):
            self._layout.addWidget(widget, stretch)
        self._panel = panel(self._layout, "page", "left")
        self.setWidget(self._panel)

    def set_wide(self, wide: bool) -> None:
        """Be a pane of its own (True), or fill a tab."""
        self._layout.setDirection(
            QBoxLayout.Direction.TopToBottom if wide else QBoxLayout.Direction.LeftToRight
        )
        self._rule.setVisible(wide)
        self._layout.setStretch(0, 0 if wide else 3)
        self._layout.setStretch(2, 1 if wide else 2)
        self.setMinimumWidth(scaled(310) if wide else 0)
        self.setMaximumWidth(scaled(310) if wide else QWIDGETSIZE_MAX)
