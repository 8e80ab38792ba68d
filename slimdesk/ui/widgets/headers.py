"""Heads: of a page, of a section, of a pane; tool bars and tabs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLayout, QSizePolicy, QTabBar, QWidget

from slimdesk.ui.theme.fonts import fix_height, set_font
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.fitted import FittedFrame
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Elided, Tag, Text


class PageHeader(QFrame):
    """The head of a page: title, a line of facts below it, and what can be done, right. 60 px."""

    def __init__(self, title: str, facts: str = "", actions: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.setProperty("rule", "bottom")
        self.title = Text(title, "page")
        self.facts = Elided(facts, "small", "text2")
        self.facts.setVisible(bool(facts))
        words = column(1, self.title, self.facts, 1, spacing=0)
        self._row = row(words, *actions, margins=(20, 6, 16, 6))
        self._row.setStretch(0, 1)
        self.setLayout(self._row)
        fix_height(self, 64)

    def set(self, title: str, facts: str = "") -> None:
        """Change the words."""
        self.title.setText(title)
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))


class SectionHeader(QFrame):
    """The head of a section: 44 px, title, a count, what can be done, right."""

    def __init__(
        self,
        title: str,
        count: str = "",
        actions: Sequence[QWidget] = (),
        *,
        surface: str = "page",
        rule: bool = False,
    ) -> None:
        super().__init__()
        self.setProperty("surface", surface)
        if rule:
            self.setProperty("rule", "bottom")
        self.title = Text(title, "section")
        self.count = Tag(count)
        self.count.setVisible(bool(count))
        self.setLayout(row(self.title, self.count, 1, *actions, margins=(20, 0, 16, 0)))
        fix_height(self, 44)


class ToolBar(FittedFrame):
    """A bar of 44 px for buttons and switches; a number among `items` is a stretch.

    Where room lacks nothing is cut: the widgets of `yields` go one after the other, first things first, then the flat
    buttons keep their icons alone, from the right. What else hides or shows a widget of `yields` is overruled.
    """

    def __init__(
        self, *items: QWidget | QLayout | int, surface: str = "page", yields: Sequence[QWidget] = ()
    ) -> None:
        super().__init__()
        self._items = [one for one in items if isinstance(one, QWidget)]
        self._yields = tuple(yields)
        self.setProperty("surface", surface)
        self.setProperty("rule", "bottom")
        layout = row(*items, margins=(12, 0, 12, 0))
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setLayout(layout)
        fix_height(self, 44)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for what never goes."""
        whole = super().minimumSizeHint()
        layout = self.layout()
        if layout is None:
            return whole
        spared = sum(
            one.minimumSizeHint().width() + layout.spacing() for one in self._yields if not one.isHidden()
        )
        buttons = [one for one in self._items if isinstance(one, Button) and not one.isHidden()]
        spared += sum(one.sizeHint().width() - one.least_width() for one in buttons if one.can_shorten)
        return QSize(max(120, whole.width() - spared), whole.height())

    def fit(self) -> None:
        """Leave out what there is no room for. Words and places are only changed where they differ, so that this comes to rest."""
        layout = self.layout()
        if layout is None:
            return
        margins = layout.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        there = [one for one in self._items if one in self._yields or not one.isHidden()]
        widths = {one: _least_width(one, whole=one in self._yields) for one in there}
        needed = sum(widths.values()) + layout.spacing() * (len(there) - 1)
        for one in self._yields:
            shown = needed <= room
            one.setVisible(shown)
            if not shown:
                needed -= widths[one] + layout.spacing()
        for button in reversed([one for one in there if isinstance(one, Button) and one.can_shorten]):
            short = needed > room
            if short:
                needed -= widths[button] - button.least_width()
            button.shorten(short)


def _least_width(widget: QWidget, *, whole: bool) -> int:
    """Return what it takes to show it uncut; a widget that can shrink only counts with its least unless it is wanted `whole`."""
    if isinstance(widget, Button):
        return widget.whole_width()
    fixed = whole or widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Fixed
    least = widget.minimumSizeHint()
    hint = widget.sizeHint().expandedTo(least) if fixed else least
    return min(max(hint.width(), widget.minimumWidth()), widget.maximumWidth())


class TabBar(QWidget):
    """Tabs of 36 px with counts. `tabs` are (key, words).

    Signals: `chosen(key)`.
    """

    chosen = Signal(str)

    def __init__(self, name: str, tabs: Sequence[tuple[str, str]], extra: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self._keys = [key for key, _ in tabs]
        self._bar = QTabBar()
        self._bar.setAccessibleName(name)
        self._bar.setExpanding(False)
        self._bar.setDrawBase(False)
        set_font(self._bar, "medium")
        for key, word in tabs:
            number = self._bar.addTab(word)
            self._bar.setTabData(number, key)
        # The words beside the tabs give way, the tabs do not.
        self._bar.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self._bar.setUsesScrollButtons(False)
        self._bar.currentChanged.connect(lambda index: self.chosen.emit(self._keys[index]))
        line = row(self._bar, 1, *extra, margins=(0, 0, 12, 0))
        # Their underlines lie on the rule, however high the bar is.
        line.setAlignment(self._bar, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(line)
        fix_height(self, 36)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    @property
    def value(self) -> str:
        """The key of the open tab."""
        return self._keys[self._bar.currentIndex()]

    def choose(self, key: str) -> None:
        """Open a tab (and tell, if it was another)."""
        self._bar.setCurrentIndex(self._keys.index(key))

    def count(self, key: str, count: int | None, tone: str = "text2", words: str = "") -> None:
        """Show a count on a tab, in `words` if they are given; None takes it away."""
        index = self._keys.index(key)
        if count is None:
            self._bar.setTabButton(index, QTabBar.ButtonPosition.RightSide, _no_widget())
            return
        tag = Tag(words or str(count), tone)  # type: ignore[arg-type]
        self._bar.setTabButton(index, QTabBar.ButtonPosition.RightSide, tag)

    def picture(self, key: str, name: str) -> None:
        """Show an icon on a tab; an empty name takes it away."""
        self._bar.setTabIcon(self._keys.index(key), icon(name) if name else QIcon())

    def allow(self, key: str, allowed: bool, reason: str = "") -> None:
        """Enable a tab, or disable it and say why."""
        index = self._keys.index(key)
        self._bar.setTabEnabled(index, allowed)
        self._bar.setTabToolTip(index, "" if allowed else reason)

    def show_tab(self, key: str, shown: bool) -> None:
        """Show or hide a tab."""
        self._bar.setTabVisible(self._keys.index(key), shown)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the surface and the rule below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), current().color("s2"))
        painter.setPen(QColor(current().color("line")))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()


def _no_widget() -> QWidget:
    return None  # type: ignore[return-value]
