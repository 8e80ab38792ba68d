"""What Rust code does that an image must serve: the port it listens on, files it opens, programs it starts.

Read with patterns from code whose comments and tests are blanked; nothing is run. Each finding has its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from slimdesk.project.facts import FactList
from slimdesk.project.languages.native_source import (
    MAX_MATCHES,
    PortCandidate,
    Source,
    read_source,
    tell_ports,
)
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, join, normal

MAX_FILES = 200

# Possessive, with ends that may be missing: linear on any input.
_TOKENS = re.compile(
    r"""(\br"[^"]*+"?|\br\#"(?:[^"]++|"(?!\#))*+(?:"\#)?|\br\#\#"(?:[^"]++|"(?!\#\#))*+(?:"\#\#)?|"(?:[^"\\]++|\\(?s:.))*+"?"""
    r"""|'(?:[^'\\\n]|\\.)')|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"""
)
_TESTS = re.compile(r"#\[cfg\(test\)\]\s{0,60}(?:pub\s)?mod\s")
_NUMBER = r"(\d{2,5})"
_HOST = r"([\w.\[\]:-]*?)"
_OCTETS = r"\(?\[\s*(\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3})\s*\]"
_PORT_NAME = r"(?:[A-Z0-9]+_)*(?:PORT|ADDR|ADDRESS|LISTEN|BIND)"
# The first group is the host, the second the port.
_PATTERNS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (0, bounded(rf'env::var(?:_os)?\(\s*"{_PORT_NAME}"\s*\)[^;]{{0,200}}?"{_HOST}:?{_NUMBER}"')),
    (0, bounded(rf'env::var(?:_os)?\(\s*"{_PORT_NAME}"\s*\)[^;]{{0,200}}?\b(?:unwrap_or|map_or)\(()\s*{_NUMBER}\b')),
    (0, bounded(rf'\benv_or\w*\(\s*"{_PORT_NAME}"\s*,\s*"?{_HOST}:?{_NUMBER}')),
    (1, bounded(rf'\b(?:bind(?:_\w+)?|http|try_bind|serve|run|listen)\(\s*&?(?:\()?\s*"{_HOST}:{_NUMBER}"')),
    (1, bounded(rf'\b(?:bind(?:_\w+)?)\(\s*&?\(\s*"{_HOST}"\s*,\s*{_NUMBER}')),
    (1, bounded(rf"\b(?:run|try_bind|bind|from|new)\(\s*&?\(?\s*{_OCTETS}\s*,\s*{_NUMBER}")),
    (1, bounded(rf"Ipv[46]Addr::(UNSPECIFIED|LOCALHOST)\s*[,)]+\s*,?\s*{_NUMBER}")),
    (1, bounded(rf"Ipv4Addr::new\(([^)]{{1,40}})\)\)?\s*,\s*{_NUMBER}")),
    (2, bounded(
        rf'default_value(?:_t)?\s*=\s*"?{_HOST}:?{_NUMBER}"?[^\]]{{0,200}}\]\s*(?:///[^\n]*\n\s*)*(?:pub\s+)?\w*(?:port|addr|address|listen|bind)\w*\s*:'
    )),
    (2, bounded(rf'"{_HOST}:{_NUMBER}"\s*\.(?:parse|to_socket_addrs)\b')),
    (3, bounded(rf'(?i)\b(?:const|static|let)\s+(?:mut\s+)?\w*(?:port|addr|address|listen|bind)\w*\s*(?::\s*&?[^=;]{{1,60}})?=\s*"?{_HOST}:?{_NUMBER}"?\s*;')),
)  # fmt: skip
_WORDS = ("bind", "serve", "run(", "PORT", "ADDR", "LISTEN", "port", "addr", "http(", "from(")
# The host of format!("0.0.0.0:{port}"), whose port stands elsewhere.
_FORMATTED = bounded(r'"(0\.0\.0\.0|127\.0\.0\.1|localhost|\[::1?\]):\{')
_ASKED = bounded(r'env::var(?:_os)?\(\s*"([A-Z][A-Z0-9_]{1,80})"')
_PORT_ASKED = bounded(r'env::var(?:_os)?\(\s*"(PORT)"')
_REQUIRED = bounded(r'env::var\(\s*"([A-Z][A-Z0-9_]{1,80})"\s*\)\s*(?:\.(?:expect|unwrap)\(|\?)')
_PROGRAM = bounded(r'Command::new\(\s*"([\w./-]{1,80})"')
_FOLDERS = bounded(
    r"\b(?:ServeDir::new|ServeFile::new|Files::new\([^,]{0,80},|FileServer::from|NamedFile::open|fs::dir|fs::file|Tera::new|"
    r'read_to_string|fs::read|File::open|from_file|from_filename|File::with_name)\(?\s*"(\.?/?[\w.-][\w./*-]{0,120})"'
)
_HEALTH = bounded(r'"(/(?:api/|_)?(?:healthz?|livez|readyz|ping|status|up)(?:/live|/ready)?)"')
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - read from code, not bound
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "LOCALHOST", "127,0,0,1"})
# What databases, brokers, mail and tracing listen on.
_FOREIGN = frozenset({
    22, 25, 53, 465, 587, 1025, 1433, 1521, 2181, 2379, 3306, 4222, 4317, 4318, 5432, 5672, 6379, 8086, 8125, 8200, 8500,
    9042, 9092, 9200, 9411, 11211, 26257, 27017,
})  # fmt: skip
_ASIDE = re.compile(
    r"metric|admin|debug|redis|postgres|mysql|mongo|database|db_|smtp|kafka|nats|amqp|client|remote|otel|otlp",
    re.IGNORECASE,
)


def read_file(tree: Tree, path: str) -> Source | None:
    """Return one file ready to be searched; its tests, which end a file, are left out."""
    source = read_source(tree, path, _TOKENS)
    tests = None if source is None else _TESTS.search(source.code)
    return source if source is None or tests is None else Source(path, source.code[: tests.start()])


def files_below(
    tree: Tree, folder: str, *, first: str | None = None, without: Iterable[str] = ()
) -> Iterator[Source]:
    """The sources below a folder, `first` before all others; those of other programs are left out."""
    left_out = frozenset(without)
    paths = [first] if first else []
    paths += [
        entry.path
        for entry in islice(tree.under(folder), 20_000)
        if entry.path.endswith(".rs") and entry.path != first and entry.path not in left_out
    ]
    for path in paths[:MAX_FILES]:
        file = read_file(tree, path)
        if file is not None:
            yield file


def read_usage(tree: Tree, files: list[Source], folder: str, facts: FactList) -> int | None:
    """Add the facts of these files, which are ordered by nearness to the program's main; return the port, if it is sure."""
    for file in files:
        _environment(file, facts)
        _programs(file, facts)
        _opened(tree, file, folder, facts)
        health = _HEALTH.search(file.code)
        if health is not None:
            facts.once("health_path", health.group(1), file.path, file.line(health.start()))
    return _port(files, facts)


def _port(files: list[Source], facts: FactList) -> int | None:
    best = tell_ports([one for at, file in enumerate(files) for one in _candidates(file, at)], facts)
    if best is None:
        _local_format(files, facts, None)
        return None
    if best.host in _LOCAL:
        facts.problem(
            f"It listens on {_said(best.host)} only, which nobody outside of the container reaches: "
            f"listen on {_EVERYWHERE}:{best.port}",
            best.path,
            best.line,
        )
    elif not best.host:
        _local_format(files, facts, best.port)
    return best.port


def _local_format(files: list[Source], facts: FactList, port: int | None) -> None:
    """An address whose port is put in by format!, where it is one that only this machine reaches."""
    hosts = [
        (match.group(1), file, match.start())
        for file in files
        for match in islice(_FORMATTED.finditer(file.code), 10)
    ]
    if hosts and all(host in _LOCAL for host, _, _ in hosts):
        host, file, at = hosts[0]
        where = f"{_EVERYWHERE}:{port}" if port else _EVERYWHERE
        facts.problem(
            f"It listens on {host} only, which nobody outside of the container reaches: listen on {where}",
            file.path,
            file.line(at),
        )


def _candidates(file: Source, place: int) -> Iterator[PortCandidate]:
    if not any(word in file.code for word in _WORDS):
        return
    for rank, pattern in _PATTERNS:
        for match in islice(pattern.finditer(file.code), MAX_MATCHES):
            port = int(match.group(2))
            host = re.sub(r"\s", "", match.group(1) or "").rstrip(":").replace("0,0,0,0", _EVERYWHERE)
            foreign = port in _FOREIGN and (rank >= 2 or host in _LOCAL or not host)
            if not 0 < port < 65_536 or foreign or "{" in host or "connect" in file.line_text(match.start()):
                continue
            aside = _ASIDE.search(file.line_text(match.start(2))) is not None
            yield PortCandidate(rank + 10 * aside, place, file.line(match.start(2)), port, host, file.path)


def _environment(file: Source, facts: FactList) -> None:
    for match in islice(_ASKED.finditer(file.code), MAX_MATCHES):
        facts.add("env", match.group(1), file.path, file.line(match.start()))
    for match in islice(_REQUIRED.finditer(file.code), MAX_MATCHES):
        if match.group(1) != "PORT":
            facts.add("env_required", match.group(1), file.path, file.line(match.start()))
    asked = _PORT_ASKED.search(file.code)
    if asked is not None:
        facts.once("port_env_read", "PORT", file.path, file.line(asked.start()))


def _programs(file: Source, facts: FactList) -> None:
    for match in islice(_PROGRAM.finditer(file.code), MAX_MATCHES):
        name = match.group(1)
        key = "shell" if name.rsplit("/", 1)[-1] in ("sh", "bash", "ash") else "program"
        facts.add(key, True if key == "shell" else name, file.path, file.line(match.start()))


def _opened(tree: Tree, file: Source, folder: str, facts: FactList) -> None:
    """Files and folders that are opened by a relative path and are there, beside Cargo.toml."""
    for match in islice(_FOLDERS.finditer(file.code), MAX_MATCHES):
        word = match.group(1).split("*")[0].rstrip("/")
        inside = normal(word) if word and not word.startswith("/") else None
        if inside in (None, ".", "src", "target", "tests"):
            continue
        path = join(folder, str(inside))
        if tree.has(path) or tree.has_folder(path):
            facts.add("runtime_file", inside, file.path, file.line(match.start()))


def _said(host: str) -> str:
    return {"LOCALHOST": "127.0.0.1", "127,0,0,1": "127.0.0.1"}.get(host, host)
