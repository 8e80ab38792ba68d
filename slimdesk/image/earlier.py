"""An analysis of earlier, read back from what `slimdesk analyze --json` wrote. The file may come from anywhere: it is checked."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import ArchiveError, BadInput
from slimdesk.basics.escaping import visible, without_controls
from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.image.compare import Side
from slimdesk.image.kept_json import KINDS
from slimdesk.image.layer import LayerColumns, clean_key
from slimdesk.image.merge import merge
from slimdesk.image.model import DiveFigures, Image, ImageConfig, Layer, Package, Sizes
from slimdesk.image.pack import empty_table
from slimdesk.image.stack import stack
from slimdesk.image.table import FileTable, Kind

SCHEMA = 1
MAX_FILE = 1 << 30
_MOST = 1 << 62
_SOURCES = ("engine", "docker-archive", "oci-archive", "oci-layout")
_LINKS = (Kind.SYMLINK, Kind.HARD_LINK)


def is_json(path: Path) -> bool:
    """Whether a path is a file that begins as a JSON object does."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(64).lstrip().startswith(b"{")
    except (OSError, ValueError):
        return False


def read_earlier(path: Path) -> Side:
    """Return the image of an earlier analysis. Raises BadInput, which names what is wrong with the file."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise BadInput(f"{visible(path.name)} is too large for an analysis", "", "Choose another file")
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise BadInput(
            f"{visible(path.name)} cannot be read", error.strerror or "", "Check the path"
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{visible(path.name)} is not JSON",
            visible(str(error), 120),
            "Write it with `slimdesk analyze --json`",
        ) from error
    try:
        return _side(document, path.name)
    except _Wrong as error:
        raise BadInput(
            f"{visible(path.name)} is not what `slimdesk analyze --json` writes", str(error),
            "Write it anew with `slimdesk analyze IMAGE --json`",
        ) from error  # fmt: skip
    except ArchiveError as error:
        raise BadInput(
            f"{visible(path.name)} states impossible files", error.what, "Write it anew"
        ) from error


class _Wrong(Exception):
    """A sentence: which key is not what it should be."""


def _side(document: object, label: str) -> Side:
    whole = _Keys(document, "the file")
    if whole.number("schema", 0) != SCHEMA:
        raise _Wrong(f"schema is not {SCHEMA}")
    layers = tuple(_layer(_Keys(one, "a layer"), index) for index, one in enumerate(whole.list("layers")))
    if len(layers) > 1 << 14:
        raise _Wrong("there are too many layers")
    rows = whole.list("files") if whole.has("files") else None
    sizes = _sizes(whole.keys("sizes"))
    image = Image(
        source=whole.choice("source", _SOURCES),  # type: ignore[arg-type]
        location=label,
        name=whole.text("name"),
        image_id=whole.text("image_id"),
        platform=whole.text("platform"),
        verified=whole.flag("verified"),
        config=_config(whole.keys("config")) if whole.has("config") else ImageConfig(),
        layers=layers,
        sizes=sizes,
        shadowed=whole.number("shadowed", 0),
        score=whole.ratio("score"),
        dive=_dive(whole.keys("dive")),
        table=_table(rows, len(layers)) if rows is not None else empty_table(),
        packages=tuple(_package(_Keys(one, "a package")) for one in whole.list("packages"))
        if whole.flag("packages_known", default=True)
        else None,
        could_save=whole.number("could_save", 0),
    )
    return Side(
        name=without_controls(image.name or label),
        image=image,
        findings=tuple(_finding(_Keys(one, "a finding")) for one in whole.list("findings")),
        files_known=rows is not None,
        config_known=whole.has("config"),
        earlier=True,
    )


def _sizes(keys: _Keys) -> Sizes:
    return Sizes(
        download=keys.count("download"),
        unpacked=keys.number("unpacked"),
        files=keys.number("files"),
        live=keys.count("live"),
        download_from=keys.choice("download_from", ("blobs", "compressed", None)),  # type: ignore[arg-type]
    )


def _dive(keys: _Keys) -> DiveFigures:
    return DiveFigures(
        keys.ratio("efficiency") or 0.0, keys.number("wasted_bytes", 0), keys.ratio("user_wasted_percent")
    )


def _layer(keys: _Keys, index: int) -> Layer:
    return Layer(
        index=index,
        diff_id=keys.text("diff_id"),
        digest=keys.text("digest"),
        media_type=None,
        created_by=keys.text("created_by"),
        instruction=keys.text("instruction"),
        base=None if keys.get("base") is None else keys.flag("base"),
        entries=keys.number("entries", 0),
        sizes=_sizes(keys.keys("sizes")),
        shadowed=keys.number("shadowed", 0),
    )


def _package(keys: _Keys) -> Package:
    return Package(
        name=keys.word("name"),
        version=keys.word("version"),
        type=keys.word("type"),
        purl=keys.word("purl"),
        size=keys.count("size"),
        path=keys.harmless("path"),
        licence=keys.harmless("licence"),
        files=keys.number("files", 0),
    )


def _finding(keys: _Keys) -> Finding:
    return Finding(
        rule=keys.word("rule"),
        severity=keys.choice("severity", SEVERITIES),  # type: ignore[arg-type]
        message=keys.word("message"),
        path=keys.harmless("path"),
        line=keys.count("line"),
        bytes=keys.count("bytes"),
        fix=keys.harmless("fix"),
    )


def _config(keys: _Keys) -> ImageConfig:
    labels = keys.get("labels")
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise _Wrong("labels are not names and texts")
    return ImageConfig(
        user=keys.text("user") or "",
        entrypoint=keys.words("entrypoint"),
        command=keys.words("command"),
        environment=keys.words("environment") or (),
        working_dir=keys.text("working_dir") or "",
        exposed_ports=keys.words("exposed_ports") or (),
        volumes=keys.words("volumes") or (),
        labels=dict(labels),
        stop_signal=keys.text("stop_signal"),
        shell=keys.words("shell"),
        healthcheck=keys.words("healthcheck"),
    )


def _table(rows: list[Any], layers: int) -> FileTable:
    """Stack the files that were visible; each stands in the layer that it came from."""
    columns = [_columns() for _ in range(max(1, layers))]
    owners: dict[tuple[int, int, int], int] = {}
    # All layers share one list of owners.
    modes, uids, gids = array("H"), array("I"), array("I")
    for row in rows:
        keys = _Keys(row, "a file")
        key = clean_key(keys.word("path", harmless=False).encode("utf-8", "replace"))
        kind = KINDS.get(keys.choice("kind", tuple(KINDS)) or "", Kind.FILE)
        layer = keys.count("layer") or 0
        if layer >= len(columns):
            raise _Wrong("a file is in a layer that is not there")
        owner = (keys.number("mode", 0) & 0o7777, keys.number("uid", 0), keys.number("gid", 0))
        if max(owner[1:]) >= 1 << 32:
            raise _Wrong("an owner's number is too large")
        if owner not in owners:
            owners[owner] = len(owners)
            modes.append(owner[0])
            uids.append(owner[1])
            gids.append(owner[2])
        into = columns[layer]
        size = keys.number("size") if kind == Kind.FILE else 0
        if kind in _LINKS:
            target = (keys.text("target") or "").encode("utf-8", "replace")
            into.links[len(into.keys)] = clean_key(target) if kind == Kind.HARD_LINK else target
        into.keys.append(key)
        into.kinds.append(kind)
        into.sizes.append(size)
        into.mtimes.append(keys.signed("mtime"))
        into.owners.append(owners[owner])
        into.files += size
    for one in columns:
        one.owner_mode, one.owner_uid, one.owner_gid = modes, uids, gids
    return merge(stack(columns)).table


def _columns() -> LayerColumns:
    return LayerColumns()


class _Keys:
    """An object of the file, asked for its keys. Raises _Wrong for what is not of the right kind."""

    def __init__(self, value: object, what: str) -> None:
        if not isinstance(value, dict):
            raise _Wrong(f"{what} is not an object")
        self._value: dict[str, Any] = value
        self._what = what

    def has(self, key: str) -> bool:
        """Whether it is there and not null."""
        return self._value.get(key) is not None

    def get(self, key: str) -> Any:
        """Return a value of any kind, None where there is none."""
        return self._value.get(key)

    def keys(self, key: str) -> _Keys:
        """Return an object."""
        return _Keys(self._value.get(key), key)

    def list(self, key: str) -> list[Any]:
        """Return a list, empty where there is none."""
        value = self._value.get(key, [])
        if not isinstance(value, list):
            raise _Wrong(f"{key} of {self._what} is not a list")
        return value

    def number(self, key: str, default: int | None = None) -> int:
        """Return a count that must be there, unless a default is given."""
        value = self._value.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
            raise _Wrong(f"{key} of {self._what} is not a count")
        return value

    def signed(self, key: str) -> int:
        """Return a whole number of either sign, 0 where there is none."""
        value = self._value.get(key) or 0
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _MOST:
            raise _Wrong(f"{key} of {self._what} is not a whole number")
        return value

    def count(self, key: str) -> int | None:
        """Return a count or None."""
        return None if self._value.get(key) is None else self.number(key)

    def ratio(self, key: str) -> float | None:
        """Return a number or None."""
        value = self._value.get(key)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e9:
            raise _Wrong(f"{key} of {self._what} is not a number")
        return float(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return yes or no."""
        value = self._value.get(key, default)
        if not isinstance(value, bool):
            raise _Wrong(f"{key} of {self._what} is neither true nor false")
        return value

    def text(self, key: str) -> str | None:
        """Return a text as it stands, or None."""
        value = self._value.get(key)
        if value is not None and not isinstance(value, str):
            raise _Wrong(f"{key} of {self._what} is not text")
        return value

    def word(self, key: str, *, harmless: bool = True) -> str:
        """Return a text that must be there, by default without control characters."""
        value = self.text(key)
        if value is None:
            raise _Wrong(f"{self._what} has no {key}")
        return without_controls(value) if harmless else value

    def harmless(self, key: str) -> str | None:
        """Return a text without control characters, or None."""
        value = self.text(key)
        return None if value is None else without_controls(value)

    def words(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts, or None."""
        value = self._value.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _Wrong(f"{key} of {self._what} is not a list of texts")
        return tuple(value)

    def choice(self, key: str, choices: tuple[str | None, ...]) -> str | None:
        """Return one of a few words."""
        value = self._value.get(key)
        if value not in choices:
            raise _Wrong(f"{key} of {self._what} is none of {', '.join(str(one) for one in choices)}")
        return value
