"""How fast and how lean `analyze` is, measured against the same work without it. Run by hand:

    python tests/benchmarks/bench_analyze.py make FILE [--gzip]          an archive of 2.1 GB and 75 000 files to use below
    python tests/benchmarks/bench_analyze.py file FILE [--dive PATH]     an archive: --fast against dive
    python tests/benchmarks/bench_analyze.py full FILE                   the whole call, against one pass of SHA-256 and isal level 1;
                                                                         and once more, when its layers are known
    python tests/benchmarks/bench_analyze.py gzip FILE [--dive PATH]     gzipped layers: --fast against inflating them to nowhere
    python tests/benchmarks/bench_analyze.py engine [NAME]               an engine image: against reading its stream to nowhere;
                                                                         and once more, when it is known

Each pair is run in turn, several times, and the medians are compared: the machine is rarely quiet. Without NAME, `engine`
imports such an image as slimdesk/bench:files, and leaves it there for the next time. dive: `go install
github.com/wagoodman/dive@v0.13.1`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

ROUNDS = 5
IMAGE = "slimdesk/bench:files"
FILES, BYTES, LAYERS = 75_000, 2_100_000_000, 5


# --- making ------------------------------------------------------------------------------------------------------------


class Contents:
    """File bodies that compress as real ones do: a third noise, the rest text and machine code."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        text = b"the quick brown fox jumps over the lazy dog, and %d more of them\n"
        self._pool = self.chance.randbytes(1 << 20) + b"".join(text % number for number in range(16_000))
        self._pool += Path(sys.executable).resolve().read_bytes()[: 4 << 20]

    def body(self, size: int) -> bytes:
        start = self.chance.randrange(len(self._pool))
        body = self._pool[start : start + size]
        while len(body) < size:
            body += self._pool[: size - len(body)]
        return body


def write_layer(path: Path, number: int, contents: Contents, files: int, total: int) -> None:
    """One layer as a tar of files in folders as deep as site-packages are."""
    chance = contents.chance
    weights = [min(chance.paretovariate(1.2), 500.0) for _ in range(files)]
    scale = total / sum(weights)
    # An engine cannot unpack a layer that removes what it brings itself.
    removed = range(number * 20, number * 20 + 20) if number else range(0)
    packages = [package for package in range(300) if package not in removed]
    names = sorted(
        f"usr/lib/python3.{chance.randrange(3)}/package{chance.choice(packages)}/part{chance.randrange(5)}/file{number}_{index}.py"
        for index in range(files)
    )
    folders: set[str] = set()
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, weight in zip(names, weights, strict=True):
            parts = name.split("/")
            for depth in range(1, len(parts)):
                folder = "/".join(parts[:depth])
                if folder not in folders:
                    folders.add(folder)
                    info = tarfile.TarInfo(folder)
                    info.type, info.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(info)
            info = tarfile.TarInfo(name)
            info.size, info.mtime = int(weight * scale), 1_700_000_000 + chance.randrange(10_000)
            tar.addfile(info, io.BytesIO(contents.body(info.size)))
        for package in removed:
            tar.addfile(tarfile.TarInfo(f"usr/lib/python3.0/.wh.package{package}"))


def make_archive(path: Path, *, gzipped: bool = False) -> None:
    """A docker-save archive as engines before 25 write it, or as jib does, with gzipped layers."""
    contents = Contents(1)
    with (
        tempfile.TemporaryDirectory(dir=path.parent) as folder,
        tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar,
    ):
        names, diff_ids = [], []
        for number in range(LAYERS):
            file = Path(folder, f"{number}.tar")
            write_layer(file, number, contents, FILES // LAYERS, BYTES // LAYERS)
            with file.open("rb") as opened:
                diff_ids.append("sha256:" + hashlib.file_digest(opened, "sha256").hexdigest())
            names.append(f"{number:064x}.tar.gz" if gzipped else f"{number:064x}/layer.tar")
            if gzipped:
                from isal import igzip

                packed = file.with_suffix(".gz")
                with file.open("rb") as plain, igzip.open(packed, "wb", compresslevel=2) as into:
                    shutil.copyfileobj(plain, into, 1 << 20)
                file.unlink()
                file = packed
            tar.add(file, names[-1])
            file.unlink()
        config = {
            "os": "linux",
            "architecture": "amd64",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        }
        manifest = [{"Config": "config.json", "RepoTags": [IMAGE], "Layers": names}]
        for name, document in (("config.json", config), ("manifest.json", manifest)):
            data = json.dumps(document).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def load_image() -> None:
    """Give the engine the archive, unless it has the image."""
    import docker
    import docker.errors

    client = docker.APIClient(version="auto", timeout=900, **_host())
    try:
        client.inspect_image(IMAGE)
    except docker.errors.ImageNotFound:
        print(f"Making {IMAGE}: {BYTES / 1e9:.1f} GB, {FILES} files", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "image.tar")
            make_archive(path)
            with path.open("rb") as file:
                for line in client.load_image(file):
                    if "error" in line:
                        raise SystemExit(line["error"]) from None
    finally:
        client.close()


def _host() -> dict[str, str]:
    return {"base_url": os.environ["DOCKER_HOST"]} if os.environ.get("DOCKER_HOST") else {}


# --- measuring ---------------------------------------------------------------------------------------------------------


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


def in_turn(
    one: Callable[[], None], other: Callable[[], None], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Seconds of both, run in turn so that what else goes on hits both."""
    first, second = [], []
    for _ in range(rounds):
        for work, seconds in ((one, first), (other, second)):
            started = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - started)
    return first, second


def told(title: str, seconds: list[float]) -> float:
    """Print one line and return the median."""
    middle = statistics.median(seconds)
    print(f"  {title:<34} {middle:6.2f} s  ({min(seconds):.2f} to {max(seconds):.2f})", flush=True)
    return middle


def bench_file(path: Path, dive: str | None, rounds: int) -> float:
    """`analyze --fast` against dive, whole processes. Returns how many times as fast it is."""
    slimdesk = [sys.executable, "-m", "slimdesk", "analyze", str(path), "--fast", "--json"]
    if dive is None:
        raise SystemExit("dive was not found: go install github.com/wagoodman/dive@v0.13.1")

    def ours() -> None:
        subprocess.run(slimdesk, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    def theirs() -> None:
        # Its exit status says whether its own limits hold.
        subprocess.run(
            [dive, "--ci", "--source", "docker-archive", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip

    print(f"{path.name}, {path.stat().st_size / 1e9:.2f} GB")
    ours()
    with Memory() as memory:
        first, second = in_turn(ours, theirs, rounds)
    factor = told("dive", second) / told("slimdesk analyze --fast", first)
    print(
        f"  {factor:.1f} times as fast as dive (wanted: 10); most memory of either {memory.peak / 1e6:.0f} MB"
    )
    return factor


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


def whole_call(path: Path, home: str, *words: str) -> None:
    """One `analyze` as a process, with its cache in `home`."""
    subprocess.run(
        [sys.executable, "-m", "slimdesk", "analyze", str(path), "--json", *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env={**os.environ, "SLIMDESK_HOME": home},
    )  # fmt: skip


def bench_full(path: Path, rounds: int) -> float:
    """The whole call against one pass of SHA-256 and isal level 1. Returns how many times as long it takes."""
    from isal import isal_zlib

    def one_pass() -> None:
        def both(piece: bytes) -> None:
            hashlib.sha256(piece).digest()
            isal_zlib.compress(piece, 1, wbits=31)

        side_by_side(both, path, 2 << 20)

    def ours() -> None:
        with tempfile.TemporaryDirectory() as home:
            whole_call(path, home)

    print(f"{path.name}, {path.stat().st_size / 1e9:.2f} GB")
    one_pass()
    with Memory() as memory:
        first, second = in_turn(one_pass, ours, rounds)
    ratio = told("slimdesk analyze", second) / told("one pass of SHA-256 and isal level 1", first)
    print(f"  {ratio:.2f} times (wanted: at most 1.3); most memory of either {memory.peak / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as home:
        whole_call(path, home)
        known, _ = in_turn(lambda: whole_call(path, home), lambda: None, rounds)
    told("the same archive again", known)
    return ratio


def bench_gzip(path: Path, dive: str | None, rounds: int) -> float:
    """`analyze --fast` of gzipped layers against inflating them to nowhere. Returns how many times as long it takes."""
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

    def nowhere() -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(inflate, layer_places(path)))

    def ours() -> None:
        with tempfile.TemporaryDirectory() as home:
            whole_call(path, home, "--fast")

    print(f"{path.name}, {path.stat().st_size / 1e9:.2f} GB")
    nowhere()
    with Memory() as memory:
        first, second = in_turn(nowhere, ours, rounds)
    middle = told("slimdesk analyze --fast", second)
    ratio = middle / told("inflating its layers to nowhere", first)
    print(f"  {ratio:.2f} times (wanted: at most 1.3); most memory of either {memory.peak / 1e6:.0f} MB")
    if dive:
        words = [dive, "--ci", "--source", "docker-archive", str(path)]
        theirs, _ = in_turn(
            lambda: (
                subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
                and None
            ),
            lambda: None,
            rounds,
        )
        print(f"  {told('dive', theirs) / middle:.1f} times as fast as dive (wanted: more than 1)")
    return ratio


def bench_engine(name: str, rounds: int) -> tuple[float, int]:
    """`analyze` of an engine image against reading its save stream to nowhere. Returns the ratio and the peak memory."""
    from slimdesk.engine.endpoint import in_use
    from slimdesk.engine.save import open_save
    from slimdesk.operations.analyze import analyze

    peaks = []

    def nowhere() -> None:
        with open_save(in_use(), name) as stream:
            for _ in stream:
                pass

    def ours() -> None:
        with Memory() as memory:
            image = asyncio.run(analyze(f"docker://{name}"))
        peaks.append(memory.peak)
        for file in Path(os.environ["SLIMDESK_HOME"]).rglob("*.sqlite"):
            file.unlink()
        if not image.verified:
            raise SystemExit(f"not verified: {image.warnings}")

    print(name)
    nowhere()
    home = os.environ.get("SLIMDESK_HOME")
    with tempfile.TemporaryDirectory() as fresh:
        os.environ["SLIMDESK_HOME"] = fresh
        asyncio.run(analyze(f"docker://{name}"))
        started = time.perf_counter()
        asyncio.run(analyze(f"docker://{name}"))
        known = time.perf_counter() - started
        for file in Path(fresh).rglob("*.sqlite"):
            file.unlink()
        first, second = in_turn(nowhere, ours, rounds)
    if home is None:
        del os.environ["SLIMDESK_HOME"]
    else:
        os.environ["SLIMDESK_HOME"] = home
    print(f"  known already: {known:.2f} s")
    plain, full = told("its save stream to nowhere", first), told("slimdesk analyze", second)
    print(
        f"  {full / plain:.2f} times (wanted: at most 1.10); all processes {max(peaks) / 1e6:.0f} MB (wanted: under 300)"
    )
    return full / plain, max(peaks)


def main() -> int:
    """Run what was asked for; 1 if a wanted number was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("make", "file", "full", "gzip", "engine"))
    parser.add_argument("target", nargs="?")
    parser.add_argument("--gzip", action="store_true", help="make gzipped layers")
    parser.add_argument("--dive", default=shutil.which("dive"))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    args = parser.parse_args()
    if args.what == "make":
        make_archive(Path(args.target), gzipped=args.gzip)
        return 0
    if args.what == "full":
        return 0 if bench_full(Path(args.target), args.rounds) <= 1.3 else 1
    if args.what == "gzip":
        return 0 if bench_gzip(Path(args.target), args.dive, args.rounds) <= 1.3 else 1
    if args.what == "file":
        return 0 if bench_file(Path(args.target), args.dive, args.rounds) >= 10 else 1
    if args.target is None:
        load_image()
    ratio, peak = bench_engine(args.target or IMAGE, args.rounds)
    return 0 if ratio <= 1.10 and peak < 300e6 else 1


if __name__ == "__main__":
    sys.exit(main())
