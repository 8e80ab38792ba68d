"""Ruby gems: the specifications that RubyGems writes for what is installed (guides.rubygems.org, Specification Reference).

They are Ruby programs, of which the plain words that `gem install` writes are read, nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.image.interests import Rule
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Claim, Look
from slimdesk.image.packages.texts import body_of, text, whole

_WORD = "gem"
_MAX_NEEDED = 1_000
_STUB = re.compile(r"(?m)^# stub: (\S{1,200}) (\S{1,100}) (\S{1,100}) ")
_NEEDS = re.compile(r"""\.add_(?:runtime_)?dependency\(?\s{0,4}(?:%q<|["'])([\w.-]{1,200})[>"']""")
_LICENCES = re.compile(r"\.licenses = \[([^\]\n]{0,300})\]")
_QUOTED = re.compile(r"""["']([^"'\n]{1,100})["']""")


def _is_specification(key: bytes) -> bool:
    return b"\0specifications\0" in key


RULES = (Rule(whole(_WORD, 1 << 20), endings=frozenset((b"gemspec",)), fits=_is_specification),)


def read(look: Look) -> Iterator[Claim]:
    """Yield gems, each with its folder of the gems beside the specifications; a default gem is a part of Ruby and has none."""
    compiled: dict[str, dict[bytes, list[int]]] = {}
    for found in look.found(_WORD):
        body = text(body_of(found))
        stub = _STUB.search(body)
        if stub is None:
            continue
        needed = [match[1] for match in _NEEDS.finditer(body)][:_MAX_NEEDED]
        licences = _LICENCES.search(body)
        claim = Claim(
            stub[1], stub[2], "gem", found.path, found.node,
            licence=" OR ".join(_QUOTED.findall(licences[1])) or None if licences else None,
            nodes=[found.node], requires=tuple(dict.fromkeys(needed)),
        )  # fmt: skip
        above, _, name = found.path.rpartition("/specifications/")
        name = name.rpartition("/")[2].removesuffix(".gemspec")
        node = look.paths.folder(_key(f"{above}/gems/{name}"))
        if node is not None:
            claim.trees.append(node)
        if above not in compiled:
            compiled[above] = _compiled(look, above)
        claim.trees += compiled[above].get(_key(name), [])
        yield claim


def _compiled(look: Look, above: str) -> dict[bytes, list[int]]:
    """What was compiled for gems, by their names: extensions/PLATFORM/RUBY/NAME."""
    top = look.paths.folder(_key(f"{above}/extensions"))
    folders = [] if top is None else [top]
    for _ in ("platform", "ruby"):
        folders = [one for folder in folders for one in look.paths.below(folder).values()]
        folders = [one for one in folders if look.table.is_folder(one)]
    found: dict[bytes, list[int]] = {}
    for folder in folders:
        for name, node in look.paths.below(folder).items():
            found.setdefault(name, []).append(node)
    return found


def _key(path: str) -> bytes:
    return clean_key(path.encode("utf-8", "surrogateescape"))
