"""A stage that unpacks Debian packages for an image without apt: only what its base lacks, with the records of each.

The base's own package records tell apt what is there, so it resolves as it would inside of that image. Distroless keeps
them in /var/lib/dpkg/status.d, one file per package (GoogleContainerTools/distroless, PACKAGE_METADATA.md, 2025-06-06),
and leaves out packages that others depend on; that is why apt is not told of dependencies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slimdesk.dockerfile.compose import run, stage, user
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Evidence

# What packages depend on for their install scripts alone, which do not run here.
INSTALLERS = (
    "adduser",
    "debconf",
    "dpkg",
    "init-system-helpers",
    "install-info",
    "lsb-base",
    "sensible-utils",
    "sysvinit-utils",
    "ucf",
)
_RECORDS = """
mkdir -p /downloads/partial /packages/var/lib/dpkg/status.d /control &&
apt-get update -o Acquire::Retries=3 &&
find /base/var -path '*/lib/dpkg/status*' -type f ! -name '*.md5sums' ! -name '*-old'
    -exec cat '{}' + > /records &&
apt-cache show --no-all-versions {installers} >> /records &&
awk '/^Package:/ { print "\\nStatus: install ok installed" }
    /^(Package|Version|Architecture|Multi-Arch|Provides):/' /records > /status &&
"""
# First nothing of the base is replaced. If a package insists on a newer one, it may be.
_RESOLVE = """
for keep in 990 1; do
    printf 'Package: *\\nPin: release a=now\\nPin-Priority: %s\\n' "$keep" > /etc/apt/preferences.d/base;
    apt-get install -y --no-install-recommends -o Dir::State::status=/status {names}
        {how} && break;
done &&
"""
_UPDATE = "apt-get update -o Acquire::Retries=3 &&"
_RESOLVE_HERE = """
apt-get install -y --no-install-recommends {names} {how} &&
"""
# A line of --print-uris: 'URI' NAME_VERSION_ARCHITECTURE.deb SIZE SUM, the colon of an epoch as %3a.
_TELL = """
sed -e "s/^'[^']*' \\([^_]*\\)_\\([^_]*\\)_.*/\\1=\\2/" -e 's/%3a/:/' /uris > /names &&
xargs -r apt-cache show < /names > /shown &&
awk '/^$/ || /^(Package|Version|Installed-Size|Size|Depends|Pre-Depends|Provides):/' /shown > /plan &&
rm -rf /var/lib/apt/lists/*
"""
_DOWNLOAD = "--download-only -o Dir::Cache::archives=/downloads -o Acquire::Retries=3"
_FORGET = "rm -rf /var/lib/apt/lists/*"
_UNPACK = """
for file in /downloads/*.deb; do
    [ -e "$file" ] || continue;
    name="$(dpkg-deb --field "$file" Package)";
    dpkg-deb --extract "$file" /packages || exit 1;
    dpkg-deb --control "$file" "/control/$name" || exit 1;
    cp "/control/$name/control" "/packages/var/lib/dpkg/status.d/$name" || exit 1;
    if [ -e "/control/$name/md5sums" ]; then
        cp "/control/$name/md5sums" "/packages/var/lib/dpkg/status.d/$name.md5sums" || exit 1;
    fi;
done
"""
# Rank, link and target of each alternative whose words hold no variable and no quote.
_LINKS = """
find /control -name postinst -exec cat '{}' + > /scripts &&
sed -e ':a' -e '/\\\\$/ { N; s/\\\\\\n//; ba' -e '}' /scripts > /joined &&
awk '/--install|--slave/ { for (i = 1; i < NF; i++) if ($i == "--install" || $i == "--slave") {
    if ($i == "--install") rank = $(i + 4);
    if ($(i + 1) $(i + 3) ~ /^\\/[^$\\042\\047]*$/) print rank, $(i + 1), $(i + 3) } }' /joined > /found &&
sort -rn /found > /links &&
while read -r _ link target; do
    if [ -e "/packages$target" ] && [ ! -e "/packages$link" ]; then
        mkdir -p "/packages${link%/*}" && ln -s "$target" "/packages$link" || exit 1;
    fi;
done < /links &&
"""
_FOLDERS = """
for folder in bin lib lib64 sbin; do
    if [ -d "/packages/$folder" ] && [ ! -L "/packages/$folder" ]; then
        mkdir -p "/packages/usr/$folder" && cp -a "/packages/$folder/." "/packages/usr/$folder/"
            && rm -r "/packages/$folder" || exit 1;
    fi;
done &&
find /packages -path '*/share/doc/*' -type f ! -name copyright -delete &&
rm -rf /packages/usr/share/man /packages/usr/share/info /packages/usr/share/locale
    /packages/usr/share/lintian
"""
_REFRESH = """
mkdir /whole &&
cp -a /base/. /packages/. /whole/ &&
rm -f /whole/etc/ld.so.cache &&
if [ ! -e /whole/etc/ld.so.conf ]; then
    mkdir -p /whole/etc && echo 'include /etc/ld.so.conf.d/*.conf' > /whole/etc/ld.so.conf;
fi &&
touch /unpacked &&
ldconfig -X -r /whole &&
libraries="$(find /usr/lib -name libc.so.6 -printf '%h')" &&
refresh() { if [ -x "/whole$1" ]; then chroot /whole "$@" || echo "$1 wrote nothing"; fi; } &&
refresh /usr/bin/fc-cache -s &&
refresh /usr/bin/update-mime-database /usr/share/mime &&
refresh "$libraries/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders" --update-cache &&
refresh "$libraries/glib-2.0/gio-querymodules" "$libraries/gio/modules" &&
refresh "$libraries/glib-2.0/glib-compile-schemas" /usr/share/glib-2.0/schemas &&
find /whole -type f -newer /unpacked ! -path '/whole/var/cache/ldconfig/*' -printf '%P\\n' > /written &&
tar -C /whole -cf /written.tar -T /written &&
tar -C /packages -xf /written.tar &&
rm -r /whole
"""


def debian_stage(
    name: str, helper: str, base: str, packages: tuple[str, ...], evidence: Evidence | None
) -> Stage:
    """Return the stage `name` on the image `helper` that leaves the packages, ready to be copied over `base`, in /packages.

    `helper` is a Debian of the release of `base`; `packages` are checked names.
    """
    mounted = (_mount(base),)
    body = (
        _script(
            "Takes what the base lacks: its own package records tell apt what is there already",
            _records(packages) + _resolve(packages, _DOWNLOAD) + _FORGET,
            mounted,
            evidence,
        ),
        _script(
            "Unpacks them without running their install scripts; their records let scanners see them", _UNPACK
        ),
        _script(
            "Sets the links of alternatives, keeps in /usr what belongs there, leaves manuals and translations out",
            _LINKS + _FOLDERS,
        ),
        _script(
            "Writes the caches that Debian writes after an installation: of libraries, fonts, file types, image formats",
            _REFRESH,
            mounted,
        ),
    )
    return stage(
        name,
        helper,
        "The release that the base is made of, with the package manager that the base has not",
        body,
        evidence=evidence,
    )


def plan_stage(name: str, helper: str, base: str | None, packages: tuple[str, ...]) -> Stage:
    """Return a stage that downloads nothing and, as a container, prints apt's records of what would be added.

    `base` None: to `helper` itself, which has apt.
    """
    first = _records(packages) if base is not None else _UPDATE
    commands = f"{first}{_resolve(packages, '--print-uris -qq > /uris', of_base=base is not None)}{_TELL}"
    mounts = () if base is None else (_mount(base),)
    body = (
        user(0, 0, "apt asks for root"),
        _script("Asks apt what it would install", commands, mounts),
        Instruction("CMD", ("cat", "/plan"), form="exec"),
    )
    return stage(name, helper, "", body)


def _records(packages: tuple[str, ...]) -> str:
    return _RECORDS.replace("{installers}", " ".join(word for word in INSTALLERS if word not in packages))


def _resolve(packages: tuple[str, ...], how: str, *, of_base: bool = True) -> str:
    text = _RESOLVE if of_base else _RESOLVE_HERE
    return text.replace("{how}", how).replace("{names}", " ".join(packages))


def _mount(base: str) -> str:
    return f"type=bind,from={base},target=/base"


def _script(
    reason: str, text: str, mounts: Sequence[str] = (), evidence: Evidence | None = None
) -> Instruction:
    """RUN whose lines stand as in `text`, which holds no comment."""
    lines = [line for line in text.splitlines() if line.strip()]
    pieces = [f"    {line} " for line in lines]
    pieces[0], pieces[-1] = pieces[0].lstrip(), pieces[-1].rstrip()
    return replace(run(reason, "".join(pieces), mounts=mounts, evidence=evidence), layout=tuple(pieces))
