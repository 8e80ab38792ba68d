"""How long it takes to recognise a large folder, against walking it with os.scandir; and to write one Dockerfile.

    python tests/benchmarks/bench_detect.py [--files 100000] [--loose]

Makes a folder of many small sources in ten languages with a project of each profile in it, walks it and reads it five
times in turn, and prints the medians. Exit 1 if detection takes more than three times the bare walk, or generation more than 50 ms.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from slimdesk.catalog.catalog import load_catalog
from slimdesk.operations.detect import open_project
from slimdesk.project.model import Project
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.unit.project.project_table import read_table

RUNS = 5
MAX_RATIO = 3.0
MAX_SECONDS = 0.05
PER_FOLDER = 100
SOURCES = {
    "go": "package lib\n\nfunc F() int { return 1 }\n",
    "py": "import json\n\n\ndef f():\n    return json.dumps({})\n",
    "ts": "export const f = () => 1;\n",
    "java": "package lib;\n\nclass F { int f() { return 1; } }\n",
    "rs": "pub fn f() -> i32 { 1 }\n",
    "cpp": "int f() { return 1; }\n",
    "cs": "namespace Lib;\n\npublic class F { public int G() => 1; }\n",
    "php": "<?php\nfunction f() { return 1; }\n",
    "rb": "def f = 1\n",
    "html": "<p>one</p>\n",
    "json": "{}\n",
    "md": "# Notes\n",
    "png": "not really\n",
    "yaml": "a: 1\n",
}


def make_folder(root: Path, files: int) -> int:
    """Write about `files` files, and among them the first project of each kind of the table; return how many there are."""
    made = 0
    kinds = []
    for row in read_table():
        kind = row.title.partition(":")[0]
        if kind in kinds:
            continue
        kinds.append(kind)
        row.write(root / kind)
        made += len(row.files)
    endings = list(SOURCES)
    while made < files:
        folder = root / kinds[made % len(kinds)] / "project" / f"lib{made % 40}" / f"part{made}"
        folder.mkdir(parents=True)
        for number in range(PER_FOLDER):
            ending = endings[number % len(endings)]
            (folder / f"file{number}.{ending}").write_text(SOURCES[ending])
            made += 1
    return made


def bare_walk(folder: str) -> int:
    """Count the files below, and ask for the size of each, as any reader of a folder must."""
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                count += bare_walk(entry.path)
            else:
                entry.stat(follow_symlinks=False)
                count += 1
    return count


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def generation(project: Project) -> list[float]:
    """Seconds for the recommended family and its Dockerfile, of each component, once everything is imported."""
    catalog = load_catalog(Path(os.devnull).parent / "nothing-of-ones-own")
    found = []
    for component in project.components:

        def write(component=component) -> None:  # type: ignore[no-untyped-def]
            generate(component, recommended(fits(component, catalog)).family, catalog, Options())

        write()
        found.append(statistics.median(seconds(write) for _ in range(RUNS)))
    return found


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--loose", action="store_true", help="for shared machines: five times the limits")
    args = parser.parse_args()
    loose = 5 if args.loose else 1
    with tempfile.TemporaryDirectory(prefix="slimdesk-bench-") as folder:
        root = Path(folder)
        files = make_folder(root, args.files)
        bare_walk(folder)
        project = open_project(root)
        walks, reads = [], []
        for _ in range(RUNS):
            walks.append(seconds(lambda: bare_walk(folder)))
            reads.append(seconds(lambda: open_project(root)))
        written = generation(project)
    walk, read = statistics.median(walks), statistics.median(reads)
    ratio = read / walk
    print(f"{files} files, {len(project.components)} components")
    print(f"os.scandir   {walk * 1000:7.0f} ms")
    print(f"detection    {read * 1000:7.0f} ms   {ratio:.2f} times (limit {MAX_RATIO * loose:g})")
    print(
        f"generation   {max(written) * 1000:7.1f} ms   the slowest component (limit {MAX_SECONDS * loose * 1000:g})"
    )
    return 0 if ratio <= MAX_RATIO * loose and max(written) <= MAX_SECONDS * loose else 1


if __name__ == "__main__":
    sys.exit(main())
