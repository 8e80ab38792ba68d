"""How long a comparison of two large images takes to open: both already analysed, 75 000 files each in some 9 000 folders.

    python tests/benchmarks/bench_compare.py [--files 75000] [--runs 5] [--loose]

Three pairs: images of which one file in ten differs, images of which every file differs, and 100 000 files that came new.
The window runs offscreen with its Compare page made before. The clock runs from the moment the images are chosen until all
of it is painted: columns, rows by kind, treemap, lists. What one run has found out is not used by the next: each gets
images of its own. Prints medians in milliseconds; exit 1 above 300 (with --loose, for machines that are shared, 1500) for
the pairs of 75 000 files.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

if TYPE_CHECKING:
    from slimdesk.image.model import Image
    from slimdesk.ui.frame.window import MainWindow
    from slimdesk.ui.pages.compare import ComparePage

LIMITS = {False: 300.0, True: 1500.0}
TOPS = ("usr/lib/python3", "usr/share/doc", "app/node_modules", "usr/lib/x86_64-linux-gnu", "opt/tool")


def make_image(name: str, files: int, *, differing: float = 0.0, seed: int = 1) -> Image:
    """Return an image of some `files` files; `differing` is the share of them that is not as in the others of its seed."""
    from slimdesk.image.layer import LayerColumns
    from slimdesk.image.merge import merge
    from slimdesk.image.model import DiveFigures, ImageConfig, Layer, Sizes
    from slimdesk.image.model import Image as Made
    from slimdesk.image.stack import stack

    own, shared = random.Random(name), random.Random(seed)
    columns = LayerColumns()
    columns.owner_mode, columns.owner_uid, columns.owner_gid = (
        array("H", [0o644]),
        array("I", [0]),
        array("I", [0]),
    )
    for number in range(files):
        size = int(shared.paretovariate(1.1) * 400)
        path = f"{TOPS[number % len(TOPS)]}/p{number % 613}/m{number % 3}/f{number}.py"
        if own.random() < differing:
            if number % 3:
                size += 1 + own.randrange(5_000)
            else:
                path = f"{path}.{name}"
        columns.keys.append(path.replace("/", "\0").encode())
        columns.kinds.append(1)
        columns.sizes.append(size)
        columns.mtimes.append(1_700_000_000)
        columns.owners.append(0)
    columns.files = sum(columns.sizes)
    table = merge(stack([columns])).table
    sizes = Sizes(columns.files // 3, columns.files, columns.files, table.live_bytes(), "blobs")
    layer = Layer(
        0, f"sha256:{name}", None, None, None, "COPY . /", None, files, replace(sizes, live=None), 0
    )
    return Made(
        "docker-archive", f"/images/{name}.tar", f"app:{name}", f"sha256:{name}", "linux/amd64", True, ImageConfig(),
        (layer,), sizes, 0, 1.0, DiveFigures(1.0, 0, None), table,
    )  # fmt: skip


async def opened(page: ComparePage, window: MainWindow, one: Image, two: Image) -> tuple[float, float]:
    """Compare two images; return the milliseconds until all is painted, and those that the processor worked."""
    from slimdesk.workspace.workspace import OpenedImage

    begin, worked = time.perf_counter(), time.process_time()
    window.workspace.compare([OpenedImage(one.location, one), OpenedImage(two.location, two)])
    while not (  # noqa: ASYNC110 - a frame is waited for, not an event
        page.view is not None
        and page.view.pair.before.image is one
        and page.view.pair.after.image is two
        and page.map.map.tiles is not None
    ):
        # Not at every turn: who asks all the time takes the processor from what is waited for.
        await asyncio.sleep(0.002)
    window.grab()
    return (time.perf_counter() - begin) * 1000, (time.process_time() - worked) * 1000


async def measure(files: int, runs: int) -> dict[str, tuple[float, float]]:
    """Open each pair some times, and return the medians of both."""
    from slimdesk import app
    from slimdesk.ui.pages.compare import ComparePage
    from slimdesk.workspace.workspace import Workspace

    window, opening = app.build_window(Workspace())
    window.resize(1440, 900)
    window.show()
    window.go("compare")
    page = window.findChild(ComparePage)
    times: dict[str, list[tuple[float, float]]] = {}
    await opened(page, window, make_image("warm", 2_000), make_image("up", 2_000, differing=0.2))
    # The first opening still moves splitters: that is over before the clock starts.
    await asyncio.sleep(0.3)
    for run in range(runs):
        base = make_image(f"a{run}", files)
        pairs = {
            "one file in ten differs": (base, make_image(f"b{run}", files, differing=0.1)),
            "every file differs": (replace(base), make_image(f"c{run}", files, differing=1.0)),
            f"{files * 4 // 3} new files": (
                make_image(f"d{run}", 1),
                make_image(f"e{run}", 1 + files * 4 // 3),
            ),
        }
        for name, (one, two) in pairs.items():
            await asyncio.sleep(0.05)
            times.setdefault(name, []).append(await opened(page, window, one, two))
    await app.put_away(window, opening)
    return {
        name: (statistics.median(one for one, _ in some), statistics.median(two for _, two in some))
        for name, some in times.items()
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=75_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--loose", action="store_true")
    args = parser.parse_args()
    from slimdesk import app

    with tempfile.TemporaryDirectory() as home:
        os.environ["SLIMDESK_HOME"] = home
        os.environ["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
        app.make_application()
        with asyncio.Runner(loop_factory=app.make_loop) as runner:
            medians = runner.run(measure(args.files, args.runs))
    for name, (median, worked) in medians.items():
        print(f"{name}: {median:.0f} ms, {worked:.0f} ms of work")
    limit = LIMITS[args.loose]
    slow = [name for name, (median, _) in medians.items() if median > limit and "new" not in name]
    for name in slow:
        print(f"slower than {limit:.0f} ms: {name}", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
