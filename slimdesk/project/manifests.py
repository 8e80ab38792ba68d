"""Safe parsers for the manifests that languages share: JSON, TOML, YAML, .env examples, Procfile, .tool-versions.

Each gives data, or None after it noted a problem with its place in `tree.problems`; a missing file is None without a
problem. None of them raises for what a file holds: sizes, nesting and YAML aliases are bounded.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from slimdesk.basics.escaping import without_controls
from slimdesk.basics.units import format_bytes
from slimdesk.project.walk import Tree

MAX_JSON = 32 * 1_048_576
# These are written by hand (lock files are read line by line), and reading a megabyte of them takes most of a second.
MAX_TOML = 1_048_576
MAX_YAML = 1_048_576
MAX_NESTING = 100
# What the aliases of one YAML file may unfold to, in nodes.
MAX_UNFOLDED = 1_000_000
MAX_LINES = 2_000

# Possessive, with an end that may be missing: linear on any input.
_STRING = r'("(?:[^"\\]++|\\.)*+"?)'
_COMMENT = re.compile(_STRING + r"|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?", re.DOTALL)
_TRAILING_COMMA = re.compile(_STRING + r"|,(\s*+[\]}])", re.DOTALL)
# tomllib takes quadratic time over the parts of one dotted key.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""", re.ASCII)
_TOML_PLACE = re.compile(r"\(at line (\d+), column \d+\)")
_ENV_LINE = re.compile(r"(?:export\s++)?([A-Za-z_][A-Za-z0-9_]{0,99})\s*+=(.*)")
_PROCESS = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Setting:
    """One NAME=VALUE of an example environment; `line` counts from 1."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Process:
    """One line of a Procfile: its type, such as web, and its command."""

    name: str
    command: str
    line: int


def read_json(tree: Tree, path: str, *, comments: bool = False) -> dict[str, Any] | None:
    """Return the JSON object in `path`; with `comments` also // and /* */ and trailing commas (tsconfig.json)."""
    return _object(tree, path, "json", MAX_JSON, _jsonc if comments else _json)


def read_toml(tree: Tree, path: str) -> dict[str, Any] | None:
    """Return the TOML document in `path`."""
    return _object(tree, path, "toml", MAX_TOML, _toml)


def read_yaml(tree: Tree, path: str) -> dict[str, Any] | None:
    """Return the first YAML document in `path`, which must be a mapping; unknown tags are read as if absent."""
    return _object(tree, path, "yaml", MAX_YAML, load_yaml)


def read_env_example(tree: Tree, path: str) -> tuple[Setting, ...]:
    """Return the NAME=VALUE lines of an example environment; lines that are not one are passed over."""
    settings = []
    for number, line in enumerate((tree.text(path) or "").splitlines()[:MAX_LINES], 1):
        match = _ENV_LINE.fullmatch(line.strip())
        if match:
            settings.append(Setting(match.group(1), _env_value(match.group(2)), number))
    return tuple(settings)


def read_procfile(tree: Tree, path: str) -> tuple[Process, ...]:
    """Return the processes of a Procfile, in order."""
    lines = enumerate((tree.text(path) or "").splitlines()[:MAX_LINES], 1)
    matches = ((number, _PROCESS.fullmatch(line.strip())) for number, line in lines)
    return tuple(
        Process(match.group(1), without_controls(match.group(2))[:1000], number)
        for number, match in matches
        if match
    )


def read_tool_versions(tree: Tree, path: str) -> dict[str, tuple[str, int]]:
    """Return the versions that .tool-versions names: tool -> (version, line from 1)."""
    versions: dict[str, tuple[str, int]] = {}
    for number, line in enumerate((tree.text(path) or "").splitlines()[:MAX_LINES], 1):
        words = line.split("#")[0].split()
        if len(words) >= 2:
            versions.setdefault(without_controls(words[0])[:100], (without_controls(words[1])[:100], number))
    return versions


def key_line(text: str, *keys: str) -> int | None:
    """Return the line, from 1, of the key at the end of the path `keys` in JSON, TOML or YAML text.

    Each key is looked for after the one before it; keys of another table of the same name may win, so it is good for
    showing a place, not for deciding.
    """
    at = 0
    for key in keys:
        word = re.escape(key)
        match = re.compile(
            rf"""(?m)(?:^|[{{,\s])(["']?){word}\1\s*+[:=]|^[ \t]*+\[\[?[^\]\n]{{0,200}}(?<![A-Za-z0-9_-]){word}(?![A-Za-z0-9_-])[^\n]{{0,200}}\]"""
        ).search(text, at)
        if match is None:
            return None
        found = text.find(key, match.start())
        at = match.end()
    return text.count("\n", 0, found) + 1 if keys else None


def words_of(value: Any, limit: int = 300) -> str | None:
    """Return an untrusted value as one harmless line, if it is a text or a number; longer than `limit` is None."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = without_controls(str(value)).strip()
    return text if 0 < len(text) <= limit else None


class Unreadable(Exception):
    """Why a manifest could not be parsed, and on which line."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def _object(tree: Tree, path: str, kind: str, limit: int, parse: Any) -> dict[str, Any] | None:
    path = path.removeprefix("./")
    key = (path, kind + parse.__name__)
    if key not in tree.parsed:
        tree.parsed[key] = _parsed(tree, path, kind.upper(), limit, parse)
    result: dict[str, Any] | None = tree.parsed[key]
    return result


def _parsed(tree: Tree, path: str, kind: str, limit: int, parse: Any) -> dict[str, Any] | None:
    raw = tree.data(path, limit + 1)
    if raw is None:
        return None
    reason, line = f"it is larger than {format_bytes(limit, ' ')}", None
    if len(raw) <= limit:
        try:
            data = parse(_text(raw))
        except Unreadable as error:
            reason, line = error.reason, error.line
        else:
            if data is None and kind == "YAML":
                return {}
            if isinstance(data, dict):
                return data
            reason, line = "it does not hold an object at its top", 1
    tree.problem(f"{path} could not be read as {kind}: {reason}", path, line)
    return None


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    return raw.decode("utf-8-sig", errors="replace")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(error.msg, error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(_reason(error)) from None


def _jsonc(text: str) -> Any:
    def blank(match: re.Match[str]) -> str:
        # Lines keep their numbers.
        return match.group(1) or "\n" * match.group().count("\n")

    plain = _COMMENT.sub(blank, text)
    return _json(_TRAILING_COMMA.sub(lambda match: match.group(1) or match.group(2), plain))


def _toml(text: str) -> Any:
    long = _LONG_KEY.search(text)
    if long:
        raise Unreadable("a dotted key has more than a hundred parts", text.count("\n", 0, long.start()) + 1)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = _TOML_PLACE.search(str(error))
        line = int(place.group(1)) if place else None
        if line is None and "end of document" in str(error):
            line = text.count("\n") + 1
        raise Unreadable(_TOML_PLACE.sub("", _reason(error)).strip(), line) from None


def load_yaml(text: str) -> Any:
    """Return the first document of a text, within the bounds of `check_yaml`. Raises Unreadable."""
    import yaml

    try:
        check_yaml(text)
        return next(iter(yaml.load_all(text, Loader=_loader())), None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise Unreadable(error.problem or "it is damaged", mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise Unreadable(_reason(error)) from None


def check_yaml(text: str) -> None:
    """Refuse what would nest or unfold without end, from the events alone: nothing is built yet."""
    import yaml

    open_nodes: list[tuple[str | None, int]] = []
    sizes: dict[str, int] = {}
    total = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            # An anchor that is still open has no size yet: the node would hold itself.
            if any(anchor == event.anchor for anchor, _ in open_nodes):
                raise Unreadable("an alias stands inside the node that it names", line)
            total += sizes.get(event.anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, total))
            total += 1
            if len(open_nodes) > MAX_NESTING:
                raise Unreadable(f"it is nested more than {MAX_NESTING} levels deep", line)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = total - before
        elif isinstance(event, yaml.DocumentEndEvent):
            return
        if total > MAX_UNFOLDED:
            raise Unreadable("its aliases unfold to more than a million values", line)


def _loader() -> Any:
    import yaml

    class Loader(yaml.CSafeLoader):
        """Safe, and blind to tags that it does not know (compose's !reset, CloudFormation's !Ref)."""

    def untagged(loader: Any, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        tag = loader.resolve(yaml.ScalarNode, node.value, (True, False))
        return None if tag == "tag:yaml.org,2002:null" else node.value

    Loader.add_constructor(None, untagged)
    # A date is a text to us, and an impossible one (2024-99-99) must not raise.
    Loader.add_constructor("tag:yaml.org,2002:timestamp", untagged)
    return Loader


def _env_value(raw: str) -> str:
    value = raw.strip()
    quote = value[:1]
    plain = value[1:].split(quote)[0] if quote in ("'", '"') else value.split(" #")[0].strip()
    return without_controls(plain)[:500]


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return without_controls(str(error))[:200] or type(error).__name__
