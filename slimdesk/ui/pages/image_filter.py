"""What narrows the files of an image: words, a glob or a regular expression; kinds; changes; one layer or all up to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.image.changes import Change
from slimdesk.image.kinds import TITLES, FileKind
from slimdesk.ui.models.files_view import Wanted
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import IconButton, SegmentedSwitch, menu_button
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.text import Text

_TYPING_MS = 180
CHANGES: dict[Change, tuple[str, str]] = {
    "added": ("Added", "New paths of a layer; with a layer chosen, of that layer"),
    "modified": ("Modified", "Copies that replace an older one, also those with another mode or owner alone"),
    "removed": ("Removed", "Files that a later layer deletes; with a layer chosen, what that layer deletes"),
    "overwritten": (
        "Overwritten",
        "Older copies that a later one replaces: they are sent, and nobody sees them",
    ),
}
_WORDS = "Filter, for example *.so"
_REGEX = r"Regular expression, for example \.so(\.\d+)*$"


class FilterBar(QWidget):
    """The field, its menu, and a line that says what is wrong with a pattern.

    Signals: `asked(values)` what is wanted instead, as keywords of Wanted.
    """

    asked = Signal(object)

    def __init__(self, *tools: QWidget) -> None:
        super().__init__()
        self._wanted = Wanted()
        self.field = QLineEdit()
        self.field.setAccessibleName("Filter files")
        self.field.setClearButtonEnabled(True)
        self.field.addAction(icon("magnifying-glass"), QLineEdit.ActionPosition.LeadingPosition)
        self.menu_button = IconButton("funnel", "Filter by kind, change or regular expression")
        menu_button(self.menu_button, self.fill)
        self.problem = Text("", "small", "bad", wrap=True)
        self._problem_row = panel(row(self.problem, margins=(12, 4, 12, 4)), rule="bottom")
        self._problem_row.hide()
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPING_MS)
        self._typed.timeout.connect(self._tell_text)
        self.field.textChanged.connect(lambda _text: self._typed.start())
        self.field.returnPressed.connect(self._tell_text)
        bar = ToolBar(Text("Files", "strong"), self.field, self.menu_button, *tools)
        self.setLayout(column(bar, self._problem_row, spacing=0))
        self._dress()

    def show_wanted(self, wanted: Wanted) -> None:
        """Show what narrows the files now, without telling."""
        if wanted.text != self.field.text().strip() and not self._typed.isActive():
            blocked = self.field.blockSignals(True)
            self.field.setText(wanted.text)
            self.field.blockSignals(blocked)
        if wanted != self._wanted:
            self._wanted = wanted
            self._dress()

    def say_problem(self, words: str) -> None:
        """Say what is wrong with the pattern; an empty text takes it back."""
        self.problem.setText(visible(words, 200))
        self._problem_row.setVisible(bool(words))
        self.field.setAccessibleDescription(words or self.field.toolTip())

    def clear(self) -> None:
        """Empty the field without telling."""
        self._typed.stop()
        blocked = self.field.blockSignals(True)
        self.field.clear()
        self.field.blockSignals(blocked)
        self.say_problem("")

    def fill(self, menu: QMenu) -> None:
        """Offer what else can narrow the files."""
        wanted = self._wanted
        regex = menu.addAction("Regular expression")
        regex.setCheckable(True)
        regex.setChecked(wanted.regex)
        regex.setToolTip(
            "Read the field as a regular expression: over names, over whole paths where it holds a slash"
        )
        regex.triggered.connect(lambda on: self._tell(regex=on, text=self.field.text().strip()))
        menu.addSection("Change")
        for change, (word, tip) in CHANGES.items():
            self._choice(
                menu, word, change in wanted.changes, self._switch("changes", wanted.changes, change), tip
            )
        kinds = menu.addMenu("Kind")
        for kind in FileKind:
            self._choice(kinds, TITLES[kind], kind in wanted.kinds, self._switch("kinds", wanted.kinds, kind))
        menu.addSeparator()
        clear = menu.addAction("Clear these filters")
        clear.setEnabled(bool(wanted.text or wanted.kinds or wanted.changes or wanted.regex))
        clear.triggered.connect(lambda _checked=False: self._clear_all())

    def _clear_all(self) -> None:
        self.clear()
        self._tell(text="", regex=False, kinds=frozenset(), changes=frozenset())

    def _switch(self, key: str, chosen: frozenset[Any], one: object) -> Callable[[], None]:
        return lambda: self._tell(**{key: chosen ^ {one}})

    def _choice(
        self, menu: QMenu, word: str, checked: bool, switch: Callable[[], None], tip: str = ""
    ) -> None:
        action = menu.addAction(word)
        action.setCheckable(True)
        action.setChecked(checked)
        action.setToolTip(tip)
        action.triggered.connect(lambda _checked: switch())

    def _tell_text(self) -> None:
        self._typed.stop()
        self._tell(text=self.field.text().strip(), regex=self._wanted.regex)

    def _tell(self, **values: Any) -> None:
        self.asked.emit(values)

    def _dress(self) -> None:
        wanted = self._wanted
        self.field.setPlaceholderText(_REGEX if wanted.regex else _WORDS)
        self.field.setToolTip(
            "A regular expression over names, over whole paths where it holds a slash; case does not matter"
            if wanted.regex
            else "Part of a name, a glob such as *.so, or a path such as usr/*/doc"
        )
        parts = filters_in_words(wanted)
        active = bool(parts or wanted.regex)
        self.menu_button.setIcon(
            icon("funnel-fill" if active else "funnel", "accent_text" if active else "text2")
        )
        told = ", ".join([*(["regular expression"] if wanted.regex else []), *parts])
        self.menu_button.setToolTip(
            f"Filter: {told}" if told else "Filter by kind, change or regular expression"
        )


class LayerBar(QWidget):
    """Of a chosen layer either what it brings and takes alone, or the image as it was up to it.

    Signals: `asked(values)` what is wanted instead, as keywords of Wanted.
    """

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._layer = -1
        self._word = Text("", "strong")
        self._switch = SegmentedSwitch(
            "What is shown of the layer", [("layer", "Its own entries"), ("up_to", "Image up to it")]
        )
        self._switch.tip("layer", "What this layer adds, and what it removes from those below")
        self._switch.tip("up_to", "All files as they were when this was the last layer")
        self._switch.chosen.connect(self._chosen)
        close = IconButton("x", "Show all layers", lambda: self.asked.emit({"layer": None, "up_to": None}))
        bar = ToolBar(self._word, self._switch, 1, close, surface="bar")
        self.setLayout(column(bar, spacing=0))
        self.hide()

    def show_wanted(self, wanted: Wanted) -> None:
        """Show it, or nothing where no layer is chosen."""
        layer = wanted.layer if wanted.layer is not None else wanted.up_to
        self.setVisible(layer is not None)
        if layer is not None:
            self._layer = layer
            self._word.setText(f"Layer {layer}")
            self._switch.choose("layer" if wanted.layer is not None else "up_to")

    def _chosen(self, key: str) -> None:
        other = "up_to" if key == "layer" else "layer"
        self.asked.emit({key: self._layer, other: None})


def filters_in_words(wanted: Wanted) -> list[str]:
    """Return the kinds and changes that are wanted alone, in words."""
    return [*_first(TITLES[kind].lower() for kind in sorted(wanted.kinds)),
            *_first(CHANGES[change][0].lower() for change in CHANGES if change in wanted.changes)]  # fmt: skip


def _first(words: Iterable[str]) -> list[str]:
    listed = list(words)
    return listed if len(listed) <= 2 else [*listed[:2], f"{len(listed) - 2} more"]
