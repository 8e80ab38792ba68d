"""Packages of a language that a RUN installs by their names, beside or without a manifest: pip install flask, npm install express."""

from __future__ import annotations

import re

from slimdesk.dockerfile.commands import commands
from slimdesk.dockerfile.model import Dockerfile

# Programs and the words that begin what they install, by the type of package as purls spell it.
_INSTALLERS = {
    "pypi": (("pip", "pip3", "uv", "pipx"), ("install", "add")),
    "npm": (("npm", "pnpm", "yarn", "bun"), ("install", "i", "add")),
    "gem": (("gem",), ("install",)),
    "composer": (("composer",), ("require",)),
    "cargo": (("cargo",), ("install", "add")),
}
# What follows them is no package: a file, a place, an address.
_WITH_VALUE = frozenset({
    "-r", "--requirement", "-c", "--constraint", "-t", "--target", "--prefix", "--root", "--python", "-i", "--index-url",
    "--extra-index-url", "-f", "--find-links", "--cache-dir", "--registry", "--path", "--git", "--features", "-C", "--dir", "--cwd",
})  # fmt: skip
_NAME = re.compile(r"(?:@?[\w.-]+/)?[A-Za-z0-9_][\w.-]*")


def line_that_names(dockerfile: Dockerfile, kind: str, name: str) -> int | None:
    """Return the first line whose RUN installs a package of this type by its name, in any stage; None if there is none."""
    wanted = _plain(name, kind)
    for stage in dockerfile.stages:
        for one in stage.instructions:
            if one.keyword == "RUN" and any(
                wanted in _named(command.words, kind) for command in commands(one)
            ):
                return one.line
    return None


def _named(words: tuple[str, ...], kind: str) -> set[str]:
    programs, verbs = _INSTALLERS.get(kind, ((), ()))
    plain = [word.rpartition("/")[2] for word in words]
    program = next((number for number, word in enumerate(plain) if word in programs), None)
    if program is None:
        return set()
    verb = next((number for number in range(program + 1, len(words)) if words[number] in verbs), None)
    found: set[str] = set()
    skip = False
    for word in words[verb + 1 :] if verb is not None else ():
        if skip or word.startswith("-"):
            skip = not skip and word in _WITH_VALUE
            continue
        match = _NAME.match(word.strip("\"'"))
        if match is not None:
            found.add(_plain(match[0], kind))
    return found


def _plain(name: str, kind: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower() if kind == "pypi" else name.lower()
