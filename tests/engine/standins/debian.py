"""debian:trixie and debian:trixie-slim, made by debootstrap and by debuerreotype's rules.

Source: debuerreotype examples/debian.sh, scripts/.slimify-excludes and debuerreotype-minimizing-config, 2026-06-05. Beyond
them the images carry the certificates that this machine trusts besides Debian's own, as files for update-ca-certificates
(a later `apt-get install ca-certificates` then makes the right bundle) and as one bundle for Node.js, which has its own.
"""

import os
import shutil
import subprocess
import tempfile
from fnmatch import fnmatch
from pathlib import Path

from engine import engines
from engine.standins import packages
from engine.standins.store import Image, Layer, Tree

TAGS = ("debian:trixie", "debian:trixie-slim")
# What debootstrap's minbase is made of: the essential packages, those that are required, and apt.
CONTENTS = ("apt", "?and(?priority(required),?architecture(native))")
EXTRA_BUNDLE = "usr/local/share/ca-certificates/extra.pem"

DROPPED = ("var/lib/apt/lists/*", "var/cache/apt/*", "var/cache/ldconfig/*", "var/cache/debconf/*-old", "var/log/*",
           "var/lib/dpkg/*-old", "etc/*-", "dev/*", "proc/*", "sys/*", "run/*", "tmp/*", "debootstrap*",
           "etc/resolv.conf", "etc/hostname", "etc/machine-id")  # fmt: skip
KEPT_FOLDERS = (
    "var/lib/apt/lists/partial",
    "var/cache/apt/archives",
    "var/cache/apt/archives/partial",
    "var/log/apt",
)
SLIM_EXCLUDED = ("usr/share/doc/*", "usr/share/info/*", "usr/share/linda/*", "usr/share/lintian/overrides/*",
                 "usr/share/locale/*", "usr/share/man/*")  # fmt: skip
SLIM_KEPT = (
    "usr/share/doc/*/copyright",
    "usr/share/doc/*/changelog.Debian.*",
    "usr/share/locale/locale.alias",
)
CONFIGURATION = {
    "etc/dpkg/dpkg.cfg.d/docker-apt-speedup": "force-unsafe-io\n",
    "etc/apt/apt.conf.d/docker-autoremove-suggests": 'Apt::AutoRemove::SuggestsImportant "false";\n',
    "etc/apt/apt.conf.d/docker-gzip-indexes": 'Acquire::GzipIndexes "true";\n',
    "etc/apt/apt.conf.d/docker-no-languages": 'Acquire::Languages "none";\n',
    "etc/apt/apt.conf.d/docker-clean": (
        'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb '
        '/var/cache/apt/*.bin || true"; };\n'
        'APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb '
        '/var/cache/apt/*.bin || true"; };\n'
        'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
    ),
}


def why_not() -> str | None:
    """Why this machine cannot make them, in a sentence; None if it can."""
    if os.geteuid() != 0:
        return "debootstrap takes root"
    if shutil.which("debootstrap", path=engines.SYSTEM_PATH) is None:
        return "the program debootstrap is missing (Debian: debootstrap)"
    return None


def make() -> list[Image]:
    """Assemble both from one debootstrap."""
    with tempfile.TemporaryDirectory(prefix="slimdesk-debian") as work:
        root = Path(work) / "root"
        _bootstrap(root)
        full = _layer(root, slim=False)
        slim = _layer(root, slim=True)
    config = {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], "Cmd": ["bash"]}
    return [Image((TAGS[0],), (full,), config), Image((TAGS[1],), (slim,), config)]


def inputs() -> list[str]:
    """What they are made of, for their key."""
    return [packages.fingerprint(CONTENTS, closure=True), packages.authorities_fingerprint()]


def _bootstrap(root: Path) -> None:
    environment = {
        **os.environ,
        "PATH": engines.SYSTEM_PATH,
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
    }
    sources = packages.sources()
    mirror = sources[packages.SUITE].split()[0]
    command = ["debootstrap", "--variant=minbase", "--merged-usr", f"--keyring={engines.KEYRING}"]
    _run([*command, packages.SUITE, str(root), mirror], environment)
    apt = root / "etc/apt"
    (apt / "sources.list").unlink(missing_ok=True)
    (apt / "sources.list.d/debian.sources").write_text(
        "\n".join(
            f"Types: deb\nURIs: {line.split()[0]}\nSuites: {suite}\nComponents: main\n"
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
            for suite, line in sources.items()
        )
    )
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    # No daemon of an upgraded package may start on this machine.
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text(
        "#!/bin/sh\n\n# For most Docker users, package installs must not start services\nexit 101\n"
    )
    policy.chmod(0o755)
    for words in (["update"], ["-y", "full-upgrade"]):
        _run(["chroot", str(root), "apt-get", "-qq", *words], environment)


def _layer(root: Path, *, slim: bool) -> Layer:
    tree = Tree()
    tree.add_folder(root, keep=lambda name: not _dropped(name, slim=slim))
    for path in ("dev", "proc", "sys", "run", *KEPT_FOLDERS):
        tree.folder(path)
    tree.folder("tmp", 0o1777)
    for path, text in CONFIGURATION.items():
        tree.file(path, text)
    if slim:
        excludes = "".join(f"path-exclude /{pattern}\n" for pattern in SLIM_EXCLUDED)
        includes = "".join(f"path-include /{pattern}\n" for pattern in SLIM_KEPT)
        tree.file("etc/dpkg/dpkg.cfg.d/docker", excludes + includes)
    for name, content in packages.extra_authorities().items():
        tree.file(f"usr/local/share/ca-certificates/{name}", content)
    if packages.extra_authorities():
        tree.file(EXTRA_BUNDLE, b"\n".join(packages.extra_authorities().values()))
    return tree.layer(f"debootstrap {packages.SUITE}{' slim' if slim else ''}")


def _dropped(name: str, *, slim: bool) -> bool:
    if any(fnmatch(name, pattern) for pattern in DROPPED):
        return True
    if not slim or not any(fnmatch(name, pattern) for pattern in SLIM_EXCLUDED):
        return False
    if any(fnmatch(name, pattern) for pattern in SLIM_KEPT):
        return False
    words = name.split("/")
    # Folders of kept files stay, and the empty man1 to man9: some packages do not install without them.
    return not (name.startswith("usr/share/doc/") and len(words) == 4) and not (
        name.startswith("usr/share/man/man") and len(words) == 4
    )


def _run(words: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise packages.PackagesError(f"{Path(words[0]).name} failed: {' | '.join(said)}")
