"""Libraries and fonts that an image lacks: from its distribution's packages where these are known, else from another image."""

from __future__ import annotations

import re

from slimdesk.dockerfile.compose import copy
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.recipes.fixes_model import Ailing, Change, Put
from slimdesk.recipes.native_packages import LIBRARIES
from slimdesk.recipes.packages import debian_codename, why_not, with_packages

_SONAME = re.compile(r"(?:.*/)?(lib[\w.+-]+?)\.so(?:\.([\w.]+))?", re.ASCII)
FONTS = ("fontconfig-config", "fonts-dejavu-core")
_LIBRARY_FOLDERS = ("/usr/local/lib/", "/usr/lib/", "/usr/lib/*-linux-*/", "/lib/")
_FONT_FOLDERS = ("/usr/share/fonts", "/etc/fonts")


def library(ailing: Ailing) -> Change | None:
    """The package that holds the library; where none is known, the library as an earlier stage has it."""
    match = _SONAME.fullmatch(ailing.subject)
    if match is None:
        return None
    name = ailing.subject.rpartition("/")[2]
    reason = f"The program is linked to {name}, which the image has not."
    package = package_of(name)
    if package is not None and (change := _packages(ailing, (package,), f"Add {package}", reason)):
        return change
    source = ailing.helper(lambda image: image.libc == _libc(ailing))
    if source is None:
        return None
    # The loader looks there on every processor (ld.so(8); musl's ldso/dynlink.c looks in /usr/lib too). A pattern that fits
    # nothing is passed over by BuildKit; a name would be missed.
    pattern = name.replace(".so", "?so", 1)
    line = copy(reason, *(f"{folder}{pattern}" for folder in _LIBRARY_FOLDERS), "/usr/lib/", from_=source)
    return Change(f"Take {name} from the stage {source}", reason, (ailing.put(line),))


def fonts(ailing: Ailing) -> Change | None:
    """A family of fonts and where they are: a package, else those of distroless' image for Java."""
    reason = "The program draws text, and the image has no font."
    base = ailing.base
    if base is not None and base.package_manager in ("apt", "apk"):
        names = ("fontconfig", "fonts-dejavu-core") if base.package_manager == "apk" else FONTS
        return _packages(ailing, names, "Add a font", reason)
    image = ailing.catalog.find("distroless", "jlink")
    if image is None:
        return None
    source = ailing.reference(image.reference)
    lines = (copy(reason, folder, folder, from_=source) for folder in _FONT_FOLDERS)
    return Change("Add a font", reason, (ailing.put(*lines),))


def package_of(name: str) -> str | None:
    """Return Debian 13's package of a library's file name, such as libpq5 for libpq.so.5; None where it is not known.

    Names as Debian's policy makes them (policy manual 8.1), among those that native_packages knows.
    """
    match = _SONAME.fullmatch(name)
    if match is None:
        return None
    stem, version = match[1].lower().replace("_", "-"), match[2] or ""
    joined = f"{stem}{'-' if stem[-1:].isdigit() and version else ''}{version}"
    wanted = {joined, f"{joined}t64", f"{stem}-{version}", f"{stem}-{version}t64"}
    return next((known.debian for known in LIBRARIES.values() if known.debian in wanted), None)


def _packages(ailing: Ailing, names: tuple[str, ...], title: str, reason: str) -> Change | None:
    base = ailing.base
    debian = base is not None and debian_codename(base, ailing.catalog) is not None
    if (
        base is None
        or why_not(base, ailing.catalog) is not None
        or not (debian or base.package_manager == "apk")
    ):
        return None
    if len(ailing.chain) > 1 and base.package_manager is None:
        # What the packages need is worked out from the base image, not from a stage on top of it.
        return None
    before = ailing.dockerfile.stages[: ailing.number + 1]
    stages, _ = with_packages(before, base, dict.fromkeys(names), ailing.catalog)
    *_, final = stages
    puts = [_stage(ailing, one) for one in stages[:-1] if one not in before]
    old = {id(one) for one in ailing.stage.instructions}
    new = tuple(one for one in final.instructions if id(one) not in old)
    return Change(title, reason, (*puts, ailing.put_first(*new)))


def _stage(ailing: Ailing, one: Stage) -> Put:
    first, *body = one.instructions
    words = (ailing.reference(first.arguments[0]), *first.arguments[1:])
    start = Instruction(first.keyword, words, first.flags, reason=first.reason)
    return Put(ailing.stage.instructions[0].line, (start, *body), stage=True)


def _libc(ailing: Ailing) -> str:
    """The C library that a library must be made for; of scratch that of the stage that the program comes from."""
    if ailing.base is not None and ailing.base.libc != "none":
        return ailing.base.libc
    for one in ailing.stage.instructions:
        for flag in one.flags:
            stage = (
                ailing.dockerfile.stage(flag.removeprefix("--from=")) if flag.startswith("--from=") else None
            )
            image = ailing.known(stage.base) if stage is not None else None
            if image is not None:
                return image.libc
    return "glibc"
