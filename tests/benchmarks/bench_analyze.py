"""How fast and how lean `analyze` is, measured against the same work without it, in one run.

    python tests/benchmarks/bench_analyze.py [--dive PATH] [--engine [NAME]] [--rounds 5] [--loose]
                                             [--only archive|gzip|engine]... [--files 75000] [--megabytes 2100]
                                             [--keep FOLDER]

Makes an archive with plain layers and one with gzipped layers (in FOLDER, to be used again; 5 GB are needed on the way), then
compares: `analyze --fast` with dive, the whole call with one pass of SHA-256 and isal level 1, gzipped layers with inflating
them to nowhere, an archive opened again in the running program. --engine: an engine image too, against reading its stream to
nowhere; without NAME one is made, and left there for the next time. --only: these parts alone. dive: `go install github.com/wagoodman/dive@v0.13.1`.

Each pair runs in turn, several times, and the medians are compared; the time of processors stands beside the time that went
by, for the machine is rarely quiet. Exit 1 above a limit (--loose: five times the limit, for machines that are shared).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from image_archives import BYTES, FILES, IMAGE, fresh_copies, load_image, make_archive

ROUNDS = 5
PARTS = ("archive", "gzip", "engine")
SLACK = 5.0


@dataclass(frozen=True)
class Row:
    """One line of the table; `limit` is the most, or with `at_least` the least."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False

    def within(self, slack: float) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit / slack if self.at_least else self.value <= self.limit * slack

    def line(self, slack: float) -> str:
        sign = "at least" if self.at_least else "at most"
        wanted = f"{sign} {self.limit:g}" if self.limit is not None else ""
        return f"{self.what:<66} {self.value:9.2f} {self.unit:<6} {wanted:<14} {'' if self.within(slack) else 'MISSED'}"


@dataclass(frozen=True)
class Times:
    """Medians, in seconds: what went by, and what processors did."""

    wall: float
    cpu: float


class Memory:
    """The most memory that this process and all below it held at one time: the sum of their proportional sets, in bytes."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.peak = max(self.peak, sum(map(_proportional, _family(os.getpid()))))


def _family(root: int) -> Iterator[int]:
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _proportional(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def in_turn(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[Times, Times]:
    """Both, run in turn so that what else goes on hits both."""
    found: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for _ in range(rounds):
        for work, seconds in zip((one, other), found, strict=True):
            started, before = time.perf_counter(), processors()
            work()
            seconds.append((time.perf_counter() - started, processors() - before))
    first, second = (
        Times(statistics.median(wall for wall, _ in each), statistics.median(cpu for _, cpu in each))
        for each in found
    )
    return first, second


def processors() -> float:
    """Seconds that processors worked for this process and for those that it waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def compared(what: str, ours: Times, theirs: Times, limit: float | None) -> Iterator[Row]:
    """How many times as long as the bare work ours takes."""
    yield Row(f"{what}: times the bare work", ours.wall / theirs.wall, "", limit)
    yield Row("    in time of processors", ours.cpu / theirs.cpu, "")
    yield Row("    seconds", ours.wall, "s")


def call(path: Path, home: str, *words: str) -> None:
    """One `analyze` as a process, with its cache in `home`."""
    subprocess.run(
        [sys.executable, "-m", "slimdesk", "analyze", str(path), "--json", *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env={**os.environ, "SLIMDESK_HOME": home},
    )  # fmt: skip


def fresh_call(path: Path, *words: str) -> None:
    """One `analyze` that knows nothing yet."""
    with tempfile.TemporaryDirectory() as home:
        call(path, home, *words)


def run_dive(dive: str, path: Path) -> None:
    # Its exit status says whether its own limits hold.
    subprocess.run(
        [dive, "--ci", "--source", "docker-archive", str(path)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def bench_fast(path: Path, dive: str | None, rounds: int) -> Iterator[Row]:
    """Headers alone, whole processes."""
    with Memory() as memory:
        fresh_call(path, "--fast")
    ours, theirs = in_turn(
        lambda: fresh_call(path, "--fast"), lambda: run_dive(dive, path) if dive else None, rounds
    )
    yield Row("analyze --fast", ours.wall, "s")
    yield Row("    in time of processors", ours.cpu, "s")
    yield Row("    memory with this script's own", memory.peak / 1e6, "MB", 250)
    if dive:
        yield Row("    times as fast as dive", theirs.wall / ours.wall, "", 10, at_least=True)
        yield Row("    in time of processors", theirs.cpu / ours.cpu, "")


def bench_full(path: Path, rounds: int) -> Iterator[Row]:
    """The whole call against one pass of SHA-256 and isal level 1 over the same layers, with as many threads as processors."""
    from isal import isal_zlib

    def both(piece: bytes) -> None:
        hashlib.sha256(piece).digest()
        isal_zlib.compress(piece, 1, wbits=31)

    theirs, ours = in_turn(lambda: side_by_side(both, path, 2 << 20), lambda: fresh_call(path), rounds)
    yield from compared("analyze, all of it", ours, theirs, 1.3)


def bench_gzip(path: Path, dive: str | None, rounds: int) -> Iterator[Row]:
    """`analyze --fast` of gzipped layers against inflating them to nowhere."""
    theirs, ours = in_turn(lambda: inflate_to_nowhere(path), lambda: fresh_call(path, "--fast"), rounds)
    yield from compared("analyze --fast, gzipped layers", ours, theirs, 1.3)
    if dive:
        others, _ = in_turn(lambda: run_dive(dive, path), lambda: None, rounds)
        yield Row("    times as fast as dive", others.wall / ours.wall, "", 1, at_least=True)


def bench_again(path: Path, rounds: int) -> Iterator[Row]:
    """An archive in the running program: first pictures, and the archive opened again."""
    from slimdesk.operations.analyze import analyze
    from slimdesk.operations.analyze_recent import recent

    # What was written just now might still change: only a file that has stood for a while is known again.
    time.sleep(2.5)

    async def twice() -> tuple[float, float, float]:
        started = time.perf_counter()
        trees: list[float] = []
        await analyze(
            path, on_picture=lambda picture: trees.append(time.perf_counter()) if picture.table else None
        )
        middle = time.perf_counter()
        await analyze(path)
        again = time.perf_counter() - middle
        recent.clear()
        middle = time.perf_counter()
        await analyze(path)
        return (trees[0] if trees else middle) - started, again, time.perf_counter() - middle

    with own_home():
        first, again, cached = asyncio.run(twice())
    yield Row("an archive in the running program: first tree", first, "s")
    yield Row("    opened again", again, "s", 0.3)
    yield Row("    opened again, from its cached layers", cached, "s")


def bench_engine(name: str, rounds: int) -> Iterator[Row]:
    """An engine image: first pictures, the whole against its save stream to nowhere, and opened again.

    Each round reads an image of its own, so that neither SlimDesk nor the engine's build cache knows its files.
    """
    from slimdesk.engine.endpoint import in_use
    from slimdesk.engine.save import open_save
    from slimdesk.operations.analyze import analyze
    from slimdesk.operations.analyze_recent import recent
    from slimdesk.operations.analyze_worker import warm_up

    layers: list[float] = []
    trees: list[float] = []
    again: list[float] = []

    def nowhere() -> None:
        with open_save(in_use(), name) as stream:
            for _ in stream:
                pass

    async def once(name: str) -> None:
        at: dict[str, float] = {}
        started = time.perf_counter()

        def seen(picture: object) -> None:
            at.setdefault("layers", time.perf_counter() - started)
            if getattr(picture, "table", None) is not None:
                at.setdefault("tree", time.perf_counter() - started)

        image = await analyze(f"docker://{name}", on_picture=seen)
        if not image.verified:
            raise SystemExit(f"not verified: {image.warnings}")
        layers.append(at.get("layers", time.perf_counter() - started))
        trees.append(at.get("tree", time.perf_counter() - started))
        started = time.perf_counter()
        await analyze(f"docker://{name}")
        again.append(time.perf_counter() - started)

    def ours() -> None:
        with own_home():
            recent.clear()
            warm_up()
            asyncio.run(once(copies.pop()))

    with fresh_copies(name, rounds) as copies:
        theirs, whole = in_turn(nowhere, ours, rounds)
    yield Row("an engine image: its layers", statistics.median(layers), "s")
    yield Row("    its tree", statistics.median(trees), "s", 3)
    yield from compared("    the whole, against its stream", whole, theirs, 1.10)
    yield Row("    opened again", statistics.median(again), "s", 0.3)


class own_home:  # noqa: N801 - used as a function
    """A cache of its own for what runs inside."""

    def __enter__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._before = os.environ.get("SLIMDESK_HOME")
        os.environ["SLIMDESK_HOME"] = self._folder.name

    def __exit__(self, *_: object) -> None:
        if self._before is None:
            del os.environ["SLIMDESK_HOME"]
        else:
            os.environ["SLIMDESK_HOME"] = self._before
        self._folder.cleanup()


def layer_places(path: Path) -> list[tuple[int, int]]:
    """Where the layers stand in an archive: first byte and length."""
    with tarfile.open(path) as tar:
        return [
            (member.offset_data, member.size)
            for member in tar
            if member.name.endswith(("/layer.tar", ".tar.gz"))
        ]


def side_by_side(work: Callable[[bytes], object], path: Path, block: int) -> None:
    """Do the work on all blocks of all layers, as many layers at a time as there are cores; each call is one layer's next."""
    from concurrent.futures import ThreadPoolExecutor

    def layer(place: tuple[int, int]) -> None:
        start, left = place
        with path.open("rb") as file:
            file.seek(start)
            while left > 0:
                piece = file.read(min(block, left))
                left -= len(piece)
                work(piece)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(layer, layer_places(path)))


def inflate_to_nowhere(path: Path) -> None:
    """Inflate all gzipped layers, as many at a time as there are cores."""
    from concurrent.futures import ThreadPoolExecutor

    from isal import igzip_lib

    def inflate(place: tuple[int, int]) -> None:
        start, left = place
        member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        with path.open("rb") as file:
            file.seek(start)
            while left > 0:
                piece = file.read(min(1 << 20, left))
                left -= len(piece)
                member.decompress(piece, 1 << 20)
                while not member.eof and not member.needs_input:
                    member.decompress(b"", 1 << 20)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(inflate, layer_places(path)))


def same_as_dive(dive: str, path: Path) -> Iterator[Row]:
    """dive's own figures of the archive beside those that SlimDesk computes."""
    with tempfile.TemporaryDirectory() as home:
        told = Path(home, "dive.json")
        subprocess.run(
            [dive, "--json", str(told), "--source", "docker-archive", str(path)],
            capture_output=True,
            check=True,
        )
        said = json.loads(told.read_text())["image"]
        ours = subprocess.run(
            [sys.executable, "-m", "slimdesk", "analyze", str(path), "--fast", "--json"],
            capture_output=True, check=True,
        )  # fmt: skip
    figures = json.loads(ours.stdout)["dive"]
    differ = abs(figures["efficiency"] - said["efficiencyScore"]) + abs(
        figures["wasted_bytes"] - said["inefficientBytes"]
    )
    yield Row("    dive's figures: how far ours are from its own", differ, "", 1e-9)


def archive(folder: Path, wanted: argparse.Namespace, *, gzipped: bool) -> Path:
    """Return the archive; made unless it is there."""
    path = folder / f"bench-{wanted.files}-{wanted.megabytes}{'-gzip' if gzipped else ''}.tar"
    if not path.exists():
        print(f"Making {path.name}", flush=True)
        make_archive(path, gzipped=gzipped, files=wanted.files, total=wanted.megabytes * 1_000_000)
    return path


def rows(folder: Path, wanted: argparse.Namespace) -> Iterator[Row]:
    """All that was asked for, line by line."""
    parts = wanted.only or PARTS
    if "archive" in parts:
        path = archive(folder, wanted, gzipped=False)
        # Warm: the disk is not what is measured.
        side_by_side(len, path, 4 << 20)
        yield from bench_fast(path, wanted.dive, wanted.rounds)
        if wanted.dive:
            yield from same_as_dive(wanted.dive, path)
        yield from bench_full(path, wanted.rounds)
        yield from bench_again(path, wanted.rounds)
        if not wanted.keep:
            path.unlink()
    if "gzip" in parts:
        packed = archive(folder, wanted, gzipped=True)
        side_by_side(len, packed, 4 << 20)
        yield from bench_gzip(packed, wanted.dive, wanted.rounds)
    if wanted.engine and "engine" in parts:
        if wanted.engine == IMAGE:
            load_image()
        yield from bench_engine(wanted.engine, wanted.rounds)


def main() -> int:
    """Print the table; 1 if a limit was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dive", default=shutil.which("dive"))
    parser.add_argument("--engine", nargs="?", const=IMAGE, metavar="NAME")
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--megabytes", type=int, default=BYTES // 1_000_000)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--loose", action="store_true")
    wanted = parser.parse_args()
    if wanted.only == ["engine"] and not wanted.engine:
        wanted.engine = IMAGE
    if wanted.keep:
        wanted.keep.mkdir(parents=True, exist_ok=True)
    slack = SLACK if wanted.loose else 1.0
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(wanted.keep or Path(folder), wanted):
            print(row.line(slack), flush=True)
            missed = missed or not row.within(slack)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
