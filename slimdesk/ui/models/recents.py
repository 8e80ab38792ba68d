"""The rows of Start: projects with their best variant, images with their sizes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimdesk.basics import clock
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, format_bytes, format_factor
from slimdesk.project.languages.registry import title_of
from slimdesk.ui.models.roles import SizeBar
from slimdesk.ui.models.rows import Column
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.theme.tokens import Token
from slimdesk.workspace.history import Best, History, Recent


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project that was opened before. `best` is by the current size."""

    place: str
    name: str
    folder: str
    components: str
    languages: str
    opened: dt.datetime
    missing: bool
    best: Best | None


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image that was opened before; `sizes` are bytes by kind, empty if it was never read."""

    place: str
    name: str
    source: str
    platform: str
    opened: dt.datetime
    archive: bool
    missing: bool
    sizes: dict[str, int]
    shadowed: int | None


def project_rows(recents: Sequence[Recent], history: History, size: str) -> list[ProjectRow]:
    """Return the rows, newest first. It looks whether each folder is still there."""
    rows = []
    for recent in recents:
        place = Path(recent.place)
        components = [str(name) for name in recent.about.get("components", [])]
        languages = [title_of(str(one)) for one in recent.about.get("profiles", [])]
        rows.append(
            ProjectRow(
                place=recent.place,
                name=visible(place.name or recent.place),
                folder=visible(short_path(place)),
                components=visible(", ".join(components)),
                languages=visible(", ".join(languages)),
                opened=recent.opened,
                missing=not place.is_dir(),
                best=history.best(recent.place, size),
            )
        )
    return rows


def image_rows(recents: Sequence[Recent]) -> list[ImageRow]:
    """Return the rows, newest first. It looks whether each archive is still there."""
    rows = []
    for recent in recents:
        path = Path(recent.place)
        archive = path.is_absolute()
        sizes = {
            key: value
            for key in ("download", "unpacked", "files", "live")
            if isinstance(value := recent.about.get(key), int)
        }
        shadowed = recent.about.get("shadowed")
        rows.append(
            ImageRow(
                place=recent.place,
                name=visible(path.name if archive else recent.place),
                source=visible(short_path(path.parent)) if archive else "Docker Engine",
                platform=visible(str(recent.about.get("platform") or UNKNOWN)),
                opened=recent.opened,
                archive=archive,
                missing=archive and not path.exists(),
                sizes=sizes,
                shadowed=shadowed if isinstance(shadowed, int) else None,
            )
        )
    return rows


def project_columns(size: Callable[[], str]) -> list[Column[ProjectRow]]:
    """Return the columns; sizes are of the kind that `size` names."""

    def bar(one: ProjectRow) -> SizeBar | None:
        if one.best is None or one.missing:
            return None
        sizes = f"{format_bytes(one.best.reference_size)} → {format_bytes(one.best.size)}"
        return SizeBar(one.best.size, one.best.reference_size, label=sizes, label_width=scaled(140))

    def best(one: ProjectRow) -> str:
        if one.missing:
            return "Not found. Locate…"
        return "No variant built" if one.best is None else ""

    def factor(one: ProjectRow) -> str:
        if one.best is None:
            return UNKNOWN
        return format_factor(one.best.size, one.best.reference_size).replace(" smaller", "")

    return [
        Column(
            "name",
            "Name",
            lambda one: one.name,
            second=lambda one: one.folder,
            font="strong",
            picture=lambda one: ("warning", "warn") if one.missing else ("folder", "text2"),
            width=180,
            grows=True,
            cell_tip=lambda one: visible(one.place),
        ),
        Column(
            "components",
            "Components",
            lambda one: one.components or UNKNOWN,
            second=lambda one: one.languages,
            width=160,
        ),
        Column(
            "best",
            lambda: f"Best variant, {size()}",
            best,
            link=lambda one: one.missing,
            tone=_quiet,
            bar=bar,
            sort=lambda one: one.best.size if one.best else None,
            width=246,
            tip="The smallest variant that is known to run, against its reference, by the current size",
            cell_tip=lambda one: (
                f"{one.best.component}: {one.best.family} against {one.best.reference}, {size()} size"
                if one.best
                else ""
            ),
        ),
        Column(
            "factor",
            "Smaller",
            factor,
            font="strong",
            right=True,
            sort=lambda one: one.best.size / one.best.reference_size if one.best else None,
            width=80,
            tip="How many times smaller than its reference",
            cell_tip=lambda one: f"Smaller than {_reference(one.best)}" if one.best else "",
        ),
        Column(
            "family", "Family", lambda one: one.best.family if one.best else UNKNOWN, tone=_quiet, width=100
        ),
        Column(
            "opened",
            "Opened",
            lambda one: day(one.opened),
            sort=lambda one: one.opened,
            right=True,
            tone=_quiet,
            width=110,
        ),
    ]


def image_columns(size: Callable[[], str]) -> list[Column[ImageRow]]:
    """Return the columns; the size is of the kind that `size` names."""
    return [
        Column(
            "name",
            "Name",
            lambda one: one.name,
            font="medium",
            picture=lambda one: (
                ("warning", "warn")
                if one.missing
                else ("archive", "text2")
                if one.archive
                else ("cube", "text2")
            ),
            width=220,
            grows=True,
            cell_tip=lambda one: visible(one.place),
        ),
        Column(
            "source",
            "From",
            lambda one: "File not found" if one.missing else one.source,
            tone=_quiet,
            width=170,
        ),
        Column("platform", "Platform", lambda one: one.platform, tone=_quiet, width=130),
        Column(
            "size",
            lambda: size().capitalize(),
            lambda one: format_bytes(one.sizes.get(size())),
            sort=lambda one: one.sizes.get(size()),
            right=True,
            width=100,
            tip="By the current size; – where it has not been read yet",
            cell_tip=lambda _one: f"{size()} size",
        ),
        Column(
            "shadowed",
            "Shadowed",
            lambda one: format_bytes(one.shadowed),
            sort=lambda one: one.shadowed,
            tone=lambda one: "warn" if one.shadowed and one.shadowed > 1_000_000 else "text2",
            right=True,
            width=100,
            tip="Bytes that some layer adds and a later one hides",
        ),
        Column(
            "opened",
            "Opened",
            lambda one: day(one.opened),
            sort=lambda one: one.opened,
            right=True,
            tone=_quiet,
            width=110,
        ),
    ]


def day(when: dt.datetime) -> str:
    """Today 16:58, Yesterday, 12 Nov, 3 Jan 2025; in local time."""
    local = when.astimezone()
    today = clock.today()
    days = (today - local.date()).days
    if days == 0:
        return f"Today {local:%H:%M}"
    if days == 1:
        return "Yesterday"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {local:%b}{year}"


def short_path(path: Path) -> str:
    """Return a path with the home folder as ~."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}".removesuffix("/.")
    except (ValueError, RuntimeError):
        return str(path)


def _reference(best: Best) -> str:
    return "yours" if best.reference == "yours" else "the baseline"


def _quiet(_row: object) -> Token:
    return "text2"
