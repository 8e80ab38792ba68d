"""What the matrix costs beside plain builds: the build part of all variants, against the same Dockerfiles through the engine's API.

`python tests/benchmarks/bench_matrix.py` with DOCKER_HOST set, on an engine that has the base images. Both sides build as
many at once, and each starts without any of its steps in the engine's cache: its sources differ by a line, and there are no
cache mounts, unless `--mounts` is given: what whoever built before has compiled is not compiled again then. The plain side sends a tar of the context to POST /build and reads the answer, nothing more; the matrix measures
what is built, and verifies it, while the next ones are built: its build part ends with its last build.
"""

import argparse
import asyncio
import datetime as dt
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import docker

from slimdesk.basics.job import Silent
from slimdesk.catalog.model import Family
from slimdesk.engine.engine import Engine
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.variant_matrix import MatrixOrder, run_matrix
from slimdesk.operations.variant_turns import sensible_at_once
from slimdesk.recipes.model import Options

SAMPLE = Path(__file__).parents[1] / "data/services/go-web"
FAMILIES = ("full", "slim", "alpine", "distroless", "chainguard", "scratch")
# Wall time of the matrix's build part over that of the plain builds.
LIMIT = 1.15


def fresh(source: Path, where: Path) -> Path:
    """Return a copy of the project that shares no step with any other: a line of its own in each source."""
    mark = uuid.uuid4().hex
    root = where / mark
    shutil.copytree(source, root)
    for path in [*root.rglob("*.go"), *root.rglob("go.mod")]:
        path.write_text(f"{path.read_text()}\n// {mark}\n")
    return root


def tar_of(root: Path, dockerfiles: dict[str, str]) -> bytes:
    """Return the context as docker-py sends it, with all Dockerfiles in it: one and the same for each build.

    The engine leaves nothing out of an archive, so what differed between the variants would be part of what they copy.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in sorted(root.rglob("*")):
            archive.add(path, path.relative_to(root).as_posix(), recursive=False)
        for name, text in dockerfiles.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def plain_build(host: str, tag: str, context: bytes, dockerfile: str, target: str | None) -> None:
    """Build with BuildKit through the engine's API, with nothing between. Raises RuntimeError."""
    client = docker.APIClient(base_url=host, version="auto", timeout=1800)
    try:
        answer = client._post(
            client._url("/build"),
            params={
                "t": tag,
                "version": "2",
                "dockerfile": dockerfile,
                **({"target": target} if target else {}),
            },
            data=context,
            headers={"Content-Type": "application/x-tar"},
            stream=True,
        )
        client._raise_for_status(answer)
        for line in answer.iter_lines():
            told = json.loads(line)
            if "error" in told:
                raise RuntimeError(told["error"])
    finally:
        client.close()


def plain_builds(host: str, root: Path, order: MatrixOrder, at_once: int) -> float:
    """Build the matrix's Dockerfiles side by side; return the wall time in seconds."""
    project = open_project(root)
    component = choose_component(project, None)
    families: list[Family | None] = [None, *(order.families or ())]
    made = {
        f"Dockerfile.{family or 'baseline'}": generate_dockerfile(project, component, family, order.options)
        for family in families
    }
    context = tar_of(root / component.context, {name: one.text for name, one in made.items()})
    wanted = [
        (f"slimdesk-bench/plain:{name.rpartition('.')[2]}", context, name, one.target)
        for name, one in made.items()
    ]
    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(plain_build, host, *one) for one in wanted]:
            done.result()
    return time.monotonic() - began


async def matrix_builds(root: Path, order: MatrixOrder) -> tuple[float, float, list[str]]:
    """Return the seconds until the matrix's last build ended, until all was proven, and what did not get there."""
    project = open_project(root)
    component = choose_component(project, None)
    engine = await Engine.connect()
    began, since = time.monotonic(), dt.datetime.now(dt.UTC)
    found = await run_matrix(engine, project, component, order, Silent())
    wrong = [
        f"{row.family}: {row.error or row.verification}" for row in found.rows if row.error or not row.runs
    ]
    return (found.made - since).total_seconds(), time.monotonic() - began, wrong


def main() -> int:
    """Run both sides in turn and print their times; 1 if the matrix takes too long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--project", type=Path, default=SAMPLE, help="a service with stand-ins; default the Go one"
    )
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--rounds", type=int, default=1, help="the shortest of these counts, on both sides")
    parser.add_argument("--jobs", type=int, default=sensible_at_once())
    parser.add_argument(
        "--loose", action="store_true", help="five times the limit, for machines that others use too"
    )
    parser.add_argument(
        "--mounts", action="store_true", help="keep what compilers keep, on both sides: sooner done"
    )
    words = parser.parse_args()
    families = tuple(words.families.split(","))
    order = MatrixOrder(families=families, options=Options(cache_mounts=words.mounts), at_once=words.jobs)
    plain, matrix, proven = [], [], []
    with tempfile.TemporaryDirectory() as name:
        os.environ.setdefault("SLIMDESK_HOME", f"{name}/home")
        for _ in range(words.rounds):
            plain.append(
                plain_builds(os.environ["DOCKER_HOST"], fresh(words.project, Path(name)), order, words.jobs)
            )
            built, all_of_it, wrong = asyncio.run(matrix_builds(fresh(words.project, Path(name)), order))
            if wrong:
                print("\n".join(wrong))
                return 1
            matrix.append(built)
            proven.append(all_of_it)
    ratio = min(matrix) / min(plain)
    limit = LIMIT * (5 if words.loose else 1)
    print(f"{len(families) + 1} images, {words.jobs} at once, from an empty cache")
    print(f"plain builds  {min(plain):7.1f} s")
    print(f"matrix, built {min(matrix):7.1f} s   {ratio:.2f} times, limit {limit:.2f}")
    print(f"matrix, all   {min(proven):7.1f} s   with what is measured and verified")
    return 0 if ratio <= limit else 1


if __name__ == "__main__":
    sys.exit(main())
