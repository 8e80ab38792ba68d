"""What Debian's packages are called where apk installs them: Alpine 3.24 and Wolfi.

So one list of names serves all families of a project. A name that is not known here is taken as the distribution's own.
Sources: pkgs.alpinelinux.org, 3.24; for Wolfi chainguard-images/images */locked_config.json, 2026-08-22.
"""

from __future__ import annotations

from slimdesk.recipes.native_packages import LIBRARIES

_ALPINE = {
    "fonts-dejavu-core": "font-dejavu",
    "fonts-liberation": "font-liberation",
    "fonts-noto-core": "font-noto",
    "libcairo2": "cairo",
    "libldap2": "libldap",
    "libmagic1t64": "libmagic",
    "libmariadb3": "mariadb-connector-c",
    "libodbc2": "unixodbc",
    "libpango-1.0-0": "pango",
    "libvips42t64": "vips",
    **{known.debian: known.alpine for known in LIBRARIES.values() if known.debian and known.alpine},
}
_WOLFI = {
    "fonts-dejavu-core": "ttf-dejavu",
    "libssl3t64": "libssl3",
    "libstdc++6": "libstdc++",
    "libgcc-s1": "libgcc",
    "libexpat1": "libexpat1",
    "libffi8": "libffi",
    "libsqlite3-0": "sqlite-libs",
    "zlib1g": "zlib",
}


def apk_names(names: tuple[str, ...], *, wolfi: bool) -> tuple[str, ...]:
    """Return Debian's names in the words of Wolfi or Alpine, each once."""
    table = _WOLFI if wolfi else _ALPINE
    return tuple(dict.fromkeys(table.get(name, name) for name in names))
