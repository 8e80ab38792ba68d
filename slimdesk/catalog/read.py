"""Reading catalogue files: TOML tables become base images and release series, or an error with file and line.

The shipped files and a person's own have the same form:

    family = "slim"                     # for all images of the file; an image may name its own
    checked = 2026-11-20                # when somebody last looked

    [[image]]
    roles = ["runtime", "builder"]      # left out: runtime
    serves = ["node"]                   # static, glibc, cxx, musl, or a language
    name = "registry.example.com/node"  # {version} may stand in name, tag, debug_tag, entrypoint and interpreter
    tag = "{version}-slim"
    product = "node"                    # whose release series `versions` are; left out: `end_of_life` may say it
    versions = ["24", "22"]             # one entry each; left out: one entry for all
    os = "debian-13"                    # its end of life counts too
    libc = "glibc"                      # glibc, musl or none
    shell = true
    user = 0                            # whom it starts as; run_user and run_group: whom the Dockerfile sets

The other keys are those of `catalog.model.BaseImage`; `sizes` maps versions to what `size_download` says for one.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from slimdesk.basics.errors import CatalogError
from slimdesk.catalog.model import FAMILIES, BaseImage, Cycle, Family, Lack, Libc, Product, Role

T = TypeVar("T")

LIFECYCLES = "lifecycles.toml"
MAX_FILE = 1_048_576

# The reference grammar of github.com/distribution/reference, a little stricter: no digest, no capitals in the path.
_NAME = re.compile(r"(?:[A-Za-z0-9.-]+(?::\d{1,5})?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*", re.ASCII)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_WORD = re.compile(r"[a-z0-9][a-z0-9.+-]{0,40}", re.ASCII)
_HEADER = re.compile(r"^\s*\[\[\s*image\s*\]\]", re.MULTILINE)

_KEYS: dict[str, type | tuple[type, ...]] = {
    "family": str,
    "roles": list,
    "serves": list,
    "name": str,
    "tag": str,
    "product": str,
    "versions": list,
    "os": str,
    "libc": str,
    "libc_version": str,
    "shell": bool,
    "user": int,
    "group": int,
    "run_user": int,
    "run_group": int,
    "entrypoint": list,
    "interpreter": str,
    "package_manager": str,
    "debug_tag": str,
    "debug_entrypoint": list,
    "debug_shell": str,
    "platforms": list,
    "lacks": list,
    "needs": list,
    "note": str,
    "end_of_life": dt.date,
    "size_download": int,
    "sizes": dict,
    "size_source": str,
    "source": str,
}


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """What one file holds, and the day on which its author last checked it."""

    images: tuple[BaseImage, ...]
    checked: dt.date


def read_products(path: Path) -> tuple[dict[str, Product], dt.date]:
    """Read the life-cycle table: products by name, and when it was checked. Raises CatalogError."""
    text, data = _load(path)
    products: dict[str, Product] = {}
    for name, table in data.items():
        if name == "checked":
            continue
        place = f"{path}:{_line(text, f'[{name}]')}"
        if not isinstance(table, dict) or not isinstance(table.get("cycles"), dict):
            raise _wrong(place, f"{name} is not a product with cycles")
        cycles = tuple(
            Cycle(str(cycle), row.get("ends"), row.get("codename")) for cycle, row in table["cycles"].items()
        )
        products[name] = Product(
            name, str(table.get("title", name)), str(table.get("default", "")), tuple(_newest_first(cycles))
        )
    return products, _checked(data, path)


def read_images(path: Path, products: Mapping[str, Product], *, own: bool = False) -> CatalogFile:
    """Read one file of base images. Raises CatalogError with the file and the line of the entry."""
    text, data = _load(path)
    unknown = set(data) - {"family", "checked", "image"}
    if unknown:
        word = min(unknown)
        raise _wrong(
            f"{path}:{_line(text, word)}",
            f"{word} is not a key of a catalogue",
            "Each image is an [[image]] table",
        )
    rows = data.get("image", [])
    if not isinstance(rows, list):
        raise _wrong(
            f"{path}:{_line(text, '[image]')}", "image is not a list", "Write [[image]] with two brackets"
        )
    lines = [text.count("\n", 0, match.end()) + 1 for match in _HEADER.finditer(text)]
    images: list[BaseImage] = []
    for index, row in enumerate(rows):
        place = f"{path}:{lines[index] if index < len(lines) else 1}"
        images.extend(_images(row, data.get("family"), products, place, own=own))
    return CatalogFile(tuple(images), _checked(data, path))


def version_key(version: str) -> tuple[int, ...]:
    """Return what sorts 3.9 before 3.13."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _images(
    row: Any, family: Any, products: Mapping[str, Product], place: str, *, own: bool
) -> list[BaseImage]:
    if not isinstance(row, dict):
        raise _wrong(place, "an image is not a table", "Write [[image]] and its keys below")
    for key, value in row.items():
        if key not in _KEYS:
            raise _wrong(place, f"{key} is not a key of an image", f"Known keys: {', '.join(sorted(_KEYS))}")
        # A bool is an int in Python, and a date-time a date; neither is meant where the other stands.
        if not isinstance(value, _KEYS[key]) or (isinstance(value, bool) and _KEYS[key] is not bool):
            raise _wrong(
                place, f"{key} is not of the right type", f"Look at {key} in SlimDesk's own catalogue"
            )
    for key in ("serves", "name", "libc", "shell", "user"):
        if key not in row:
            raise _wrong(place, f"{key} is missing", f"Add {key} to this [[image]]")
    chosen = _one_of(row.get("family", family), FAMILIES, place, "family")
    libc = _one_of(row["libc"], get_args(Libc), place, "libc")
    roles = tuple(_one_of(role, get_args(Role), place, "roles") for role in row.get("roles", ["runtime"]))
    serves = _words(row, "serves", place)
    if not serves or not all(_WORD.fullmatch(word) for word in serves):
        raise _wrong(place, "serves does not name what it serves", 'For example serves = ["node"]')
    versions: list[str | None] = [*_words(row, "versions", place)] or [None]
    return [
        _image(
            row, place, products, family=chosen, role=role, serves=serves, libc=libc, version=version, own=own
        )
        for version in versions
        for role in roles
    ]


def _image(
    row: dict[str, Any],
    place: str,
    products: Mapping[str, Product],
    *,
    family: Family,
    role: Role,
    serves: tuple[str, ...],
    libc: Libc,
    version: str | None,
    own: bool,
) -> BaseImage:
    def filled(text: str) -> str:
        return text.replace("{version}", version or "")

    def several(key: str) -> tuple[str, ...] | None:
        return tuple(filled(word) for word in _words(row, key, place)) if key in row else None

    name = filled(row["name"])
    tag = filled(row["tag"]) if "tag" in row else None
    debug_tag = filled(row["debug_tag"]) if "debug_tag" in row else None
    _refuse_unfit(name, (tag, debug_tag), place)
    ends = [row["end_of_life"]] if "end_of_life" in row else []
    product = row.get("product")
    if product is not None and version is not None:
        ends.append(_ends(products, product, version, place))
    codename = None
    if "os" in row:
        os_name, _, os_cycle = row["os"].rpartition("-")
        ends.append(_ends(products, os_name, os_cycle, place))
        cycle = products[os_name].cycle(os_cycle)
        codename = cycle.codename if cycle else None
    user = row["user"]
    run_user = row.get("run_user", user or 65532)
    size = row.get("sizes", {}).get(version, row.get("size_download"))
    return BaseImage(
        family=family,
        role=role,
        serves=serves,
        name=name,
        tag=tag,
        version=version,
        libc=libc,
        libc_version=row.get("libc_version"),
        shell=row["shell"],
        user=user,
        group=row.get("group", user),
        run_user=run_user,
        run_group=row.get("run_group", run_user),
        product=product,
        entrypoint=several("entrypoint"),
        interpreter=filled(row["interpreter"]) if "interpreter" in row else None,
        package_manager=row.get("package_manager"),
        codename=codename,
        debug_tag=debug_tag,
        debug_entrypoint=several("debug_entrypoint"),
        debug_shell=row.get("debug_shell"),
        platforms=several("platforms") or (),
        lacks=tuple(_one_of(word, get_args(Lack), place, "lacks") for word in row.get("lacks", [])),
        needs=several("needs") or (),
        note=row.get("note"),
        end_of_life=min((day for day in ends if day is not None), default=None),
        size_download=size,
        size_source=row.get("size_source") if size is not None else None,
        source=row.get("source"),
        own=own,
    )


def _refuse_unfit(name: str, tags: tuple[str | None, str | None], place: str) -> None:
    """Refuse a name and its tags, the image's and its debug variant's, that FROM would not take. Raises CatalogError."""
    if not _NAME.fullmatch(name):
        raise _wrong(place, f"{name!r} is not the name of an image", "Write it as in FROM, without the tag")
    for text in tags:
        if text is not None and not _TAG.fullmatch(text):
            raise _wrong(
                place, f"{text!r} is not a tag", "A tag has letters, digits, dots, dashes and underscores"
            )
    if (tags[0] is None) != (name == "scratch"):
        raise _wrong(
            place, f"{name} needs a tag" if tags[0] is None else "scratch has no tag", "Say which tag to take"
        )


def _ends(products: Mapping[str, Product], product: str, cycle: str, place: str) -> dt.date | None:
    known = products.get(product)
    found = known.cycle(cycle) if known else None
    if found is None:
        raise _wrong(
            place,
            f"{product} {cycle} is not in the table of release series",
            "Leave product and os out and give end_of_life as a date instead",
        )
    return found.ends


def _words(row: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    words = row.get(key, [])
    if not all(isinstance(word, str) and word.isprintable() for word in words):
        raise _wrong(place, f"{key} is not a list of words", f'For example {key} = ["…"]')
    return tuple(words)


def _one_of(value: Any, allowed: tuple[T, ...], place: str, key: str) -> T:
    if value not in allowed:
        known = ", ".join(str(word) for word in allowed)
        raise _wrong(place, f"{key} is {value!r}", f"Write one of {known}")
    return cast("T", value)


def _newest_first(cycles: tuple[Cycle, ...]) -> list[Cycle]:
    return sorted(cycles, key=lambda cycle: version_key(cycle.name), reverse=True)


def _checked(data: Mapping[str, Any], path: Path) -> dt.date:
    day = data.get("checked")
    if type(day) is not dt.date:
        raise _wrong(f"{path}:1", "checked is not a date", "Add a line such as checked = 2026-11-20")
    return day


def _load(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
        if len(raw) > MAX_FILE:
            raise CatalogError(
                f"{path} is not read", "it is over 1 MB", "Split the catalogue into several files"
            )
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except OSError as error:
        raise CatalogError(
            f"{path} cannot be read", error.strerror or str(error), "Check its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path} cannot be read", "it is not UTF-8", "Save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        place = f"{path}:{found.group(1)}" if found else str(path)
        raise _wrong(
            place, str(error) or "it is nested too deeply", "Correct the TOML on that line"
        ) from error


def _line(text: str, needle: str) -> int:
    at = text.find(needle)
    return 1 if at < 0 else text.count("\n", 0, at) + 1


def _wrong(place: str, why: str, todo: str = "Correct that entry or remove it") -> CatalogError:
    return CatalogError(f"The catalogue file {place} is not used", why, todo)
