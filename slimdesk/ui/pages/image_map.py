"""The treemap's pane: where it stands, what colours mean, the map, the legend, and all about the chosen tile."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QMenu, QSizePolicy, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, format_exact, format_percent, plural
from slimdesk.image.model import Image
from slimdesk.image.table import ROOT, Kind
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.files_view import Wanted
from slimdesk.ui.models.image_colors import Way, layer_word
from slimdesk.ui.models.packages import NOT_READ, package_at, package_word, packages_known
from slimdesk.ui.pages.image_acts import NodeActs
from slimdesk.ui.pages.image_filter import filters_in_words
from slimdesk.ui.pages.image_view import ImageView
from slimdesk.ui.pages.treemap_switched import MANY, lays_out
from slimdesk.ui.theme.fonts import fix_height
from slimdesk.ui.widgets.buttons import Button, IconButton, SegmentedSwitch
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import clear, column, row
from slimdesk.ui.widgets.text import Elided, Text
from slimdesk.ui.widgets.treemap import Treemap
from slimdesk.ui.widgets.treemap_legend import TreemapLegend

_CRUMBS = 4


class MapPane(QWidget):
    """Follows an ImageView; `find` goes to the field that filters, `show_all` takes back what narrows."""

    def __init__(
        self,
        desk: Desk,
        view: ImageView,
        acts: NodeActs,
        find: Callable[[], object],
        show_all: Callable[[], object],
    ) -> None:
        super().__init__()
        self._acts = acts
        self._files_known = True
        self._view = view
        self.map = Treemap("Treemap", lays_out(desk, lambda: len(view.image.table) if view.image else 0))
        self._up = IconButton("arrow-up", "Up one folder (Backspace)", self.map.zoom_out)
        self._crumbs = row(spacing=0)
        crumbs = QWidget()
        crumbs.setLayout(self._crumbs)
        crumbs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.colors = SegmentedSwitch(
            "Colour", [("layer", "Layer"), ("kind", "Kind"), ("package", "Package"), ("change", "Change")]
        )
        self.colors.tip("layer", "By the layer that added the file")
        self.colors.tip("kind", "By the kind of file, told from its path")
        self.colors.tip("package", "By the package that the file belongs to")
        self.colors.tip("change", "By what the own layers did to it")
        self.colors.chosen.connect(lambda way: view.color(_way(way)))
        self.shadowed = QCheckBox("Shadowed")
        self.shadowed.setChecked(True)
        self.shadowed.setToolTip("Show bytes that a later layer overwrites or deletes")
        self.shadowed.toggled.connect(lambda shown: view.want(shadowed=shown))
        self._search = IconButton("magnifying-glass", "Find files (Ctrl+F)", find)
        self.all_button = Button(
            "Show all", None, show_all, kind="link", tip="Show all layers and files again"
        )
        self.all_button.hide()
        self._color_word = Text("Colour", "body", "text2")
        bar = ToolBar(
            self._up, crumbs, self.all_button, self._color_word, self.colors, self.shadowed, self._search
        )
        layout = bar.layout()
        if layout is not None:
            layout.setStretchFactor(crumbs, 1)  # type: ignore[attr-defined]
        self.legend = TreemapLegend()
        self.legend.switched.connect(view.leave_out)
        self.legend.alone.connect(view.leave_only)
        self.legend.shadowed.connect(self.shadowed.setChecked)
        self._look = Button("Look inside", "eye", lambda: acts.look(view.node), kind="flat")
        self._save = Button("Save…", "download-simple", lambda: acts.save(view.node), kind="flat")
        self.about = NodeLine(self.copy_path, (self._look, self._save))
        self.setLayout(column(bar, self.map, self.legend, self.about, spacing=0))
        self.map.chosen.connect(view.select)
        self.map.zoomed.connect(view.zoom)
        self.map.pointed.connect(self._pointed)
        self.map.asked.connect(self.show_menu)
        self.map.looked.connect(acts.look)
        view.opened.connect(self._opened)
        view.renewed.connect(self._renewed)
        view.changed.connect(self._changed)
        view.colored.connect(self._colored)
        view.selected.connect(self._selected)
        view.zoomed.connect(self._zoomed)

    def copy_path(self) -> None:
        """Put the chosen path on the clipboard."""
        if self._view.image is not None and self._view.node >= ROOT:
            # A name may hold a line feed, which a terminal would take for Enter.
            QGuiApplication.clipboard().setText(visible(self._view.image.table.path(self._view.node)))

    def show_menu(self, node: int, where: QPoint) -> None:
        """Open the menu of a file or folder."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, node)
        menu.popup(where)

    def fill_menu(self, menu: QMenu, node: int) -> None:
        """Choose a node and list what can be done with it."""
        image = self._view.image
        if image is None:
            return
        self._view.select(node)
        table = image.table
        folder = node if table.is_folder(node) else max(ROOT, table.parent[node])
        menu.addAction("Zoom into the folder", lambda: self._view.zoom(folder)).setEnabled(
            folder != self._view.root
        )
        menu.addAction("Whole image", lambda: self._view.zoom(ROOT)).setEnabled(self._view.root != ROOT)
        menu.addSeparator()
        self._acts.fill(menu, node)
        menu.addSeparator()
        menu.addAction("Copy path", self.copy_path)
        menu.addAction("Copy name", lambda: QGuiApplication.clipboard().setText(visible(table.name(node))))
        layer = table.layer[node]
        if layer >= 0:
            menu.addSeparator()
            menu.addAction(f"Show layer {layer} alone", lambda: self._view.want(layer=layer, up_to=None))
            menu.addAction(
                f"Show the image up to layer {layer}", lambda: self._view.want(layer=None, up_to=layer)
            )

    def set_wide(self, wide: bool) -> None:
        """Leave words out where there is little room."""
        self._color_word.setVisible(wide)

    # Following the view

    def _opened(self) -> None:
        image = self._view.image
        self.colors.choose(self._view.way)
        if image is not None:
            self._say_empty("Laying out…" if len(image.table) >= MANY else "Nothing to show")
            self.colors.allow("package", packages_known(image), NOT_READ)
        self.map.select(-1)
        self._show_all()

    def _renewed(self) -> None:
        image = self._view.image
        self.colors.choose(self._view.way)
        if image is not None:
            self.colors.allow("package", packages_known(image), NOT_READ)
        self._say_empty("This image holds no files")
        self.map.select(self._view.node)
        self._show_all()

    def say_known(self, *, layers: bool, files: bool) -> None:
        """Say whether it is known which layer each file is from (without that nothing is coloured by it), and any file."""
        self._files_known = files
        for way in ("layer", "change"):
            self.colors.allow(way, layers, "Which layer each file is from is not known yet")

    def _changed(self) -> None:
        everything = self._view.wanted.everything
        self._say_empty("This image holds no files" if everything else "Nothing matches")
        blocked = self.shadowed.blockSignals(True)
        self.shadowed.setChecked(self._view.wanted.shadowed)
        self.shadowed.blockSignals(blocked)
        self._show_all()

    def _say_empty(self, words: str) -> None:
        self.map.empty_words = words if self._files_known else "The files are on their way"

    def _show_all(self) -> None:
        view = self._view
        table = view.image.table if view.image is not None else None
        self.map.show_files(table, view.shown, view.coloring, view.root)
        self._show_legend()
        self._show_crumbs()
        self._about(view.node)

    def _colored(self) -> None:
        if self._view.coloring is not None:
            self.map.color_by(self._view.coloring)
        self._show_legend()

    def _selected(self) -> None:
        self.map.select(self._view.node)
        self._about(self._view.node)

    def _zoomed(self) -> None:
        self.map.zoom_to(self._view.root)
        self._show_crumbs()

    def _pointed(self, node: int) -> None:
        self._about(node if node >= 0 else self._view.node)

    def _show_legend(self) -> None:
        view = self._view
        if view.image is not None and view.coloring is not None:
            self.legend.show_entries(
                view.coloring.legend, view.wanted.left_out, view.image.shadowed, shadowed=view.wanted.shadowed
            )

    def _show_crumbs(self) -> None:
        clear(self._crumbs)
        view = self._view
        if view.image is None or view.shown is None:
            return
        table, root = view.image.table, view.root
        size = format_bytes(view.shown.weight[root]) if self._files_known else "not known yet"
        self._up.allow(root != ROOT, "the whole image is shown")
        chain = table.ancestors(root)
        if len(chain) > _CRUMBS:
            chain = [ROOT, *chain[-_CRUMBS + 1 :]]
        for number, node in enumerate(chain):
            gap = number == 1 and table.parent[node] != ROOT
            name = "/" if node == ROOT else ("… / " if gap else "") + visible(table.name(node), 28)
            if node == root:
                self._crumbs.addWidget(Text(name, "strong"))
            else:
                crumb = Button(name, clicked=partial(view.zoom, node), kind="link")
                crumb.setToolTip(visible(table.path(node)))
                self._crumbs.addWidget(crumb)
                if node != ROOT:
                    self._crumbs.addWidget(Text(" / ", "body", "text3"))
                else:
                    self._crumbs.addWidget(Text(" ", "body", "text3"))
        words = f"  {', '.join([*narrowed(view.wanted, root, view.image), size])}"
        self._crumbs.addWidget(Elided(words, "body", "text2"), 1)
        self.all_button.setVisible(not view.wanted.everything)
        self.map.setAccessibleName(f"Treemap of {visible(table.path(root))}, {size}")

    def _about(self, node: int) -> None:
        view = self._view
        if view.image is None or node < ROOT:
            self.about.say("", "", "Point at a tile, or move with the arrow keys", copy=False)
            self._allow_acts()
            return
        path, size, words, tip = describe(view.image, node, view.shown.weight[node] if view.shown else 0)
        self.about.say(path, size, words, tip, copy=view.node >= ROOT)
        self._allow_acts()

    def _allow_acts(self) -> None:
        for button, reason in (
            (self._look, self._acts.why_not_look(self._view.node)),
            (self._save, self._acts.why_not_save(self._view.node)),
        ):
            button.allow(not reason, reason)


class NodeLine(QFrame):
    """The line below the map: the whole path, its size, what is known of it, and what can be done with it."""

    def __init__(self, copy: Callable[[], object], actions: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.setProperty("rule", "top")
        self.path = Elided("", "mono_strong", mode=Qt.TextElideMode.ElideLeft)
        self.path.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.size_text = Text("", "strong")
        self.words = Elided("", "body", "text2")
        self._copy = Button("Copy path", "copy", copy, kind="flat")
        top = row(self.path, self.size_text, 1, spacing=10)
        words = column(1, top, self.words, 1, spacing=2)
        box = row(words, *actions, self._copy, margins=(12, 4, 8, 4))
        box.setStretch(0, 1)
        self.setLayout(box)
        fix_height(self, 50)
        self.setAccessibleName("The chosen file")

    def say(self, path: str, size: str, words: str, tip: str = "", *, copy: bool = True) -> None:
        """Show it."""
        # Without a choice the words stand alone, in the middle.
        self.path.setVisible(bool(path))
        self.size_text.setVisible(bool(path))
        self.path.setText(path)
        self.size_text.setText(size)
        self.size_text.setToolTip(tip)
        self.words.setText(words)
        self._copy.allow(copy, "choose a file or folder first")
        self.setAccessibleDescription(f"{path} {size} {words}".strip())


def narrowed(wanted: Wanted, root: int, image: Image | None = None) -> list[str]:
    """Return in words what narrows the map."""
    if wanted.everything:
        return ["whole image"] if root == ROOT else []
    parts = []
    if wanted.layer is not None:
        parts.append(f"layer {wanted.layer} alone")
    if wanted.up_to is not None:
        parts.append(f"up to layer {wanted.up_to}")
    parts += filters_in_words(wanted)
    if wanted.package is not None:
        packages = (image.packages if image is not None else None) or ()
        known = wanted.package < len(packages)
        parts.append(
            f"package {package_word(packages[wanted.package])} alone" if known else "one package alone"
        )
    if wanted.base_layers:
        parts.append("without the base")
    if wanted.text:
        parts.append(f"matching {visible(wanted.text, 40)}")
    if wanted.left_out:
        parts.append("some left out")
    return parts


def describe(image: Image, node: int, weight: int) -> tuple[str, str, str, str]:
    """Return path, size, a line of facts, and the exact bytes of a node, in words."""
    table = image.table
    kind = Kind(table.kind[node])
    path = visible(table.path(node))
    facts = []
    live = image.sizes.live
    size = table.size[node] if kind != Kind.FOLDER else weight
    hidden = table.hidden_by[node]
    if kind == Kind.FOLDER:
        if live:
            facts.append(f"{format_percent(table.live[node] / live)} of live")
        facts.append(plural(table.files[node], "file"))
        if table.shadowed[node]:
            facts.append(f"{format_bytes(table.shadowed[node])} shadowed")
    elif hidden >= 0:
        facts.append(f"shadowed by layer {hidden}")
    elif live:
        facts.append(f"{format_percent(size / live)} of live")
    layer = table.layer[node]
    if layer >= 0:
        word = layer_word(image.layers[layer]).partition(" ")[2] if layer < len(image.layers) else ""
        facts.append(f"layer {layer}" + (f" ({visible(word)})" if word else ""))
        package = package_at(image, node) if kind != Kind.FOLDER else None
        if package is not None:
            facts.append(f"package {package_word(package)}")
        facts.append(
            f"{stat.filemode(_mode(kind) | table.mode(node))} {_owner(table.uid(node), table.gid(node))}"
        )
    link = table.link(node)
    if link and kind == Kind.SYMLINK:
        facts.append(f"→ {visible(link, 80)}")
    elif link:
        facts.append(f"same body as {visible(link, 80)}")
    return path, format_bytes(size), ", ".join(facts), format_exact(size)


def _owner(uid: int, gid: int) -> str:
    if uid == gid == 0:
        return "root"
    return f"{'root' if uid == 0 else uid}:{'root' if gid == 0 else gid}"


def _mode(kind: Kind) -> int:
    return {
        Kind.FOLDER: stat.S_IFDIR,
        Kind.SYMLINK: stat.S_IFLNK,
        Kind.CHARACTER_DEVICE: stat.S_IFCHR,
        Kind.BLOCK_DEVICE: stat.S_IFBLK,
        Kind.FIFO: stat.S_IFIFO,
    }.get(kind, stat.S_IFREG)


def _way(key: str) -> Way:
    ways: tuple[Way, ...] = ("kind", "package", "change")
    return next((way for way in ways if way == key), "layer")
