"""The context menu of a row of the Variants table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from slimdesk.operations.fix_variant import FIX
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.variants import VariantRow
from slimdesk.ui.pages.debug_run_offer import offer_run_and_debug
from slimdesk.ui.pages.variants_detail import VariantDetail
from slimdesk.ui.pages.variants_work import VariantsWork


class RowActs(Protocol):
    """What the page does with a row."""

    work: VariantsWork

    desk: Desk
    detail: VariantDetail

    def build(self, families: Sequence[str]) -> None:
        """Build these."""

    def verify(self, families: Sequence[str]) -> None:
        """Verify these."""

    def show_log(self, family: str) -> None:
        """Open a row's log."""

    def open_image(self) -> None:
        """Open the chosen row's image."""

    def save(self) -> None:
        """Save the chosen row's Dockerfile."""

    def save_apko(self) -> None:
        """Save apko.yaml."""

    def choose_reference(self) -> None:
        """Choose what is measured against."""


def fill_row_menu(menu: QMenu, item: VariantRow, acts: RowActs) -> None:
    """Offer what can be done with a row."""

    def offer(words: str, act: Callable[[], object], allowed: bool) -> None:
        menu.addAction(words, act).setEnabled(allowed)

    family, idle = item.variant.family, not item.busy
    copy = QGuiApplication.clipboard().setText
    offer("Measure" if item.picked else "Build", partial(acts.build, [family]), item.available and idle)
    offer("Verify", partial(acts.verify, [family]), item.image is not None and idle)
    if acts.detail.mending.can_fix(family):
        offer(FIX, partial(acts.detail.mending.fix, family), idle)
    offer("Show log", partial(acts.show_log, family), item.job is not None)
    offer("Open image", acts.open_image, item.image is not None)
    build = item.results.build
    made = build.value.tag if build is not None and build.value.image_id and not item.busy else ""
    offer_run_and_debug(menu, acts.desk, made)
    offer("Scan for vulnerabilities…", partial(acts.work.scan, item.image), item.image is not None)
    offer("Save to project…", acts.save, item.text is not None)
    if family == "chainguard":
        offer("Save apko.yaml…", acts.save_apko, item.available)
    menu.addSeparator()
    offer("Copy base image", partial(copy, item.base_name), bool(item.base_name))
    for need in item.needs:
        offer(f"Copy “{need}”", partial(copy, need), True)
    if item.busy and item.job is not None:
        menu.addSeparator()
        menu.addAction("Cancel", item.job.cancel)
    menu.addSeparator()
    menu.addAction("Measure against…", acts.choose_reference)
