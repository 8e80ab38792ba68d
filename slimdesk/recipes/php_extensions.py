"""PHP extensions: what each image has already, and how the others get in.

Sources: docker-library/php (445bf414, 2026-07-30) for what is compiled in and the docker-php-ext scripts; packages.debian.org/trixie
for names of packages; mlocati/docker-php-extension-installer, whose script FrankenPHP's images carry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from slimdesk.project.model import Component


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Compiled into every official image.
BUILT_IN = _words(
    "core ctype curl date dom fileinfo filter hash iconv json libxml lexbor mbstring mysqlnd openssl pcre pdo pdo_sqlite phar posix random readline "
    "reflection session simplexml sodium spl sqlite3 standard tokenizer uri xml xmlreader xmlwriter zlib"
)
# In Debian's php8.4-cli and php8.4-common; the rest has packages.
IN_DEBIAN = _words(
    "core calendar ctype date exif ffi fileinfo filter ftp gettext hash iconv json libxml openssl pcntl pcre pdo phar posix random reflection "
    "session shmop sockets sodium spl standard sysvmsg sysvsem sysvshm tokenizer zlib opcache"
)
_DEBIAN = {
    "pdo_mysql": "mysql", "mysqli": "mysql", "mysqlnd": "mysql", "pdo_pgsql": "pgsql", "pgsql": "pgsql", "pdo_sqlite": "sqlite3", "sqlite3": "sqlite3", "dom": "xml",
    "simplexml": "xml", "xml": "xml", "xmlreader": "xml", "xmlwriter": "xml", "xsl": "xml", "pdo_odbc": "odbc", "odbc": "odbc",
}  # fmt: skip
# What a package of the same name stands for: php8.4-<name>.
_SAME = _words("curl mbstring gd intl zip bcmath soap ldap gmp bz2 tidy readline snmp enchant dba redis imagick apcu mongodb memcached igbinary msgpack yaml amqp ssh2 uuid ds pcov xdebug raphf")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """How an official image gets an extension: Debian's packages to build and to run, and the words of a configuration."""

    build: str = ""
    run: str = ""
    configure: str = ""
    pecl: bool = False


COMPILED: dict[str, Compiled] = {
    "pdo_mysql": Compiled(), "mysqli": Compiled(), "bcmath": Compiled(), "exif": Compiled(), "pcntl": Compiled(), "sockets": Compiled(),
    "calendar": Compiled(), "gettext": Compiled(), "shmop": Compiled(), "sysvmsg": Compiled(), "sysvsem": Compiled(), "sysvshm": Compiled(), "ftp": Compiled(),
    "pdo_pgsql": Compiled("libpq-dev", "libpq5"), "pgsql": Compiled("libpq-dev", "libpq5"),
    "gd": Compiled("libfreetype-dev libjpeg62-turbo-dev libpng-dev libwebp-dev", "libfreetype6 libjpeg62-turbo libpng16-16t64 libwebp7", "--with-freetype --with-jpeg --with-webp"),
    "intl": Compiled("libicu-dev", "libicu76"), "zip": Compiled("libzip-dev", "libzip5"), "soap": Compiled("libxml2-dev", "libxml2"),
    "xsl": Compiled("libxslt1-dev", "libxslt1.1"), "ldap": Compiled("libldap-dev", "libldap2"), "gmp": Compiled("libgmp-dev", "libgmp10"),
    "bz2": Compiled("libbz2-dev", "libbz2-1.0"), "tidy": Compiled("libtidy-dev", "libtidy58"), "ffi": Compiled("libffi-dev", "libffi8"),
    "redis": Compiled(pecl=True), "apcu": Compiled(pecl=True), "mongodb": Compiled(pecl=True), "igbinary": Compiled(pecl=True), "msgpack": Compiled(pecl=True),
    "imagick": Compiled("libmagickwand-dev", "libmagickwand-7.q16-10", pecl=True), "memcached": Compiled("libmemcached-dev zlib1g-dev", "libmemcached11t64", pecl=True),
    "yaml": Compiled("libyaml-dev", "libyaml-0-2", pecl=True), "amqp": Compiled("librabbitmq-dev", "librabbitmq4", pecl=True),
}  # fmt: skip


def wanted(component: Component) -> list[str]:
    """Return the extensions that the project asks for or shows in its code."""
    names = (str(fact.value) for fact in component.all("extension"))
    return list(dict.fromkeys(name for name in names if re.fullmatch(r"[a-z0-9_]{1,40}", name)))


def debian_packages(names: Iterable[str], version: str) -> list[str]:
    """Return Debian's packages for the extensions that are not in php-cli and php-common."""
    words = [_DEBIAN.get(name, name if name in _SAME else "") for name in names if name not in IN_DEBIAN]
    return [f"php{version}-{word}" for word in dict.fromkeys(words) if word]


def to_compile(names: Iterable[str]) -> dict[str, Compiled]:
    """Return the extensions that an official image lacks and that can be built into it."""
    return {name: COMPILED[name] for name in names if name in COMPILED and name not in BUILT_IN}


def for_installer(names: Iterable[str]) -> list[str]:
    """Return the names for install-php-extensions, which knows what each needs."""
    return [name for name in names if name not in BUILT_IN]


def unknown(names: Iterable[str]) -> list[str]:
    """Return extensions that neither Debian nor the official images' scripts are known to offer."""
    return [
        name
        for name in names
        if name not in BUILT_IN
        and name not in COMPILED
        and name not in IN_DEBIAN
        and name not in _DEBIAN
        and name not in _SAME
        and name != "opcache"
    ]
