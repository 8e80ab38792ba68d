"""The tab of an image's contents: layers, files and treemap side by side, one choice shared by the three."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from slimdesk.basics.errors import BadInput
from slimdesk.image.picture import Picture
from slimdesk.image.table import ROOT, FileTable
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.files_view import Shown, Wanted
from slimdesk.ui.models.packages import node_of_package
from slimdesk.ui.pages.image_acts import NodeActs
from slimdesk.ui.pages.image_files import FilePane
from slimdesk.ui.pages.image_layers import LayerList
from slimdesk.ui.pages.image_map import MapPane
from slimdesk.ui.pages.image_view import ImageView
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.splitter import RememberedSplitter

_WORDY = 1180
_LEFT, _LEFT_WIDE = 380, 560
_LEFT_SHARE = 0.33
_LAYERS_SHARE = 0.48


class ContentsPane(QWidget):
    """Follows an ImageView. `find` goes to the field that filters; `show_base` brings the base back."""

    def __init__(
        self,
        desk: Desk,
        view: ImageView,
        acts: NodeActs,
        find: Callable[[], object],
        show_base: Callable[[], object],
    ) -> None:
        super().__init__()
        self._view = view
        self._acts = acts
        self._show_base = show_base
        self._so_far: Picture | None = None
        self.layers = LayerList()
        self.files = FilePane()
        self.map = MapPane(desk, view, acts, find, self.show_all)
        self._left = RememberedSplitter(
            desk, "image-left", [self.layers, self.files], [300, 360],
            orientation=Qt.Orientation.Vertical, collapses=0,
        )  # fmt: skip
        self._split = RememberedSplitter(desk, "image", [self._left, self.map], [_LEFT, 800], collapses=0)
        self._split.setStretchFactor(0, 0)
        self._split.setStretchFactor(1, 1)
        self._fresh = desk.recall("image") is None
        self._fresh_left = desk.recall("image-left") is None
        self._left.splitterMoved.connect(lambda _at, _index: self._left_moved())
        self._split.splitterMoved.connect(lambda _at, _index: self._split_moved())
        self.setLayout(column(self._split, spacing=0))
        self.layers.picked.connect(lambda layer: view.want_layer(None if layer < 0 else layer))
        self.files.picked.connect(view.select)
        self.files.filtered.connect(self._want)
        self.files.opened.connect(self._open_node)
        self.files.looked.connect(acts.look)
        self.files.asked.connect(lambda node, where: self.map.show_menu(node, _point(where)))
        self.files.copied.connect(lambda _node: self.map.copy_path())
        view.opened.connect(self._show)
        view.renewed.connect(self._renew)
        view.changed.connect(self._changed)
        view.colored.connect(self._colored)
        view.selected.connect(self._node_chosen)

    def panes(self) -> Sequence[QWidget]:
        """Layers, files, treemap."""
        return (self.layers, self.files.tree, self.map.map)

    def say_known(self, picture: Picture | None) -> None:
        """Say how much of the image is known; None = all of it. What is shown next is shown in that light."""
        self._so_far = picture
        self.map.say_known(
            layers=picture is None or picture.tree == "layers",
            files=picture is None or picture.tree is not None,
        )

    def show_all(self) -> None:
        """Take back whatever narrows what is shown."""
        self.layers.forget()
        self.files.clear_filter()
        self._show_base()
        self._view.want(**asdict(Wanted()))

    def show_filter(self) -> None:
        """Go to the field that filters."""
        self.files.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.files.filter.selectAll()

    def open_package(self, index: int) -> None:
        """Show what belongs to a package alone; where none of the files is its own, the one that it is in."""
        image = self._view.image
        if image is None or not image.packages:
            return
        self.show_all()
        self._view.zoom(ROOT)
        if image.packages[index].files:
            self._view.want(package=index)
        self._go_to(node_of_package(image, index))

    def open_place(self, node: int) -> None:
        """Show a node in tree and map, also where what is shown had left it out."""
        view = self._view
        if view.image is not None and view.shown is not None:
            if node not in view.shown:
                self.show_all()
            if view.root not in view.image.table.ancestors(node):
                view.zoom(ROOT)
        self._go_to(node)

    def show_layer(self, layer: int) -> None:
        """Show what a layer brings alone."""
        self._view.want(layer=layer, up_to=None)

    def fit(self, width: int) -> None:
        """Give the parts their room in a page of this width, unless the person has moved them."""
        self.map.set_wide(width >= _WORDY)
        if self._fresh and width > 700:
            left = min(_LEFT_WIDE, max(_LEFT, round(width * _LEFT_SHARE)))
            self._split.setSizes([left, width - left])

    def _go_to(self, node: int) -> None:
        self._view.select(node)
        self.files.select(node)
        self.files.tree.setFocus(Qt.FocusReason.OtherFocusReason)

    def _want(self, values: dict[str, object]) -> None:
        """Narrow the files; a pattern that is none is said below its field, and what was shown stays."""
        try:
            self._view.want(**values)
        except BadInput as error:
            self.files.bar.say_problem(f"{error.what}: {error.why}")
        else:
            self.files.bar.say_problem("")

    def _open_node(self, node: int) -> None:
        image = self._view.image
        if image is None:
            return
        if image.table.is_folder(node):
            self._view.zoom(node)
        else:
            self._acts.look(node)

    # Following the view

    def _show(self) -> None:
        view = self._view
        self.files.clear_filter()
        self.files.show_wanted(view.wanted)
        self._show_layers()
        self.files.show_files(*self._known_files())

    def _renew(self) -> None:
        view = self._view
        self._show_layers()
        self.files.show_wanted(view.wanted)
        if view.image is not None:
            table, shown = self._known_files()
            self.files.renew_files(table, shown, view.node)
        self._mark_layer()

    def _changed(self) -> None:
        view = self._view
        self.files.show_wanted(view.wanted)
        if view.image is not None:
            self.files.show_files(view.image.table, view.shown, view.node)
        self._mark_layer()

    def _known_files(self) -> tuple[FileTable | None, Shown | None]:
        view = self._view
        none_yet = self._so_far is not None and self._so_far.tree is None
        return (None, None) if view.image is None or none_yet else (view.image.table, view.shown)

    def _show_layers(self) -> None:
        image = self._view.image
        self.layers.show_image(image, self._view.coloring, self._so_far.layers if self._so_far else ())
        if image is not None and self._fresh_left and self._left.height() > 200:
            rows = len(image.layers) + self.layers.layers.rowCount()
            high = min(scaled(26) * rows + scaled(32), round(self._left.height() * _LAYERS_SHARE))
            self._left.setSizes([high, max(100, self._left.height() - high)])

    def _mark_layer(self) -> None:
        wanted = self._view.wanted
        layer = wanted.layer if wanted.layer is not None else wanted.up_to
        if layer is None:
            self.layers.forget()
        else:
            self.layers.mark(layer, chosen=True)

    def _colored(self) -> None:
        self.layers.coloring = self._view.coloring
        self.layers.viewport().update()

    def _node_chosen(self) -> None:
        view = self._view
        self.files.select(view.node)
        narrowed = view.wanted.layer is not None or view.wanted.up_to is not None
        if view.image is not None and not narrowed and view.node >= ROOT:
            self.layers.mark(view.image.table.layer[view.node])

    def _split_moved(self) -> None:
        self._fresh = False

    def _left_moved(self) -> None:
        self._fresh_left = False


def _point(where: object) -> QPoint:
    return where if isinstance(where, QPoint) else QPoint()
