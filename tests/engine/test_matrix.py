"""Every service on every family that can be built on stand-ins: built, measured, started and asked; the numbers are kept.

Run with `packaging/test.py --matrix`. Each result is written as it comes; a run that was broken off goes on where it was,
for a day, as long as the Dockerfile, the sources and the base images are the same.
"""

import asyncio
import contextlib
import datetime as dt
import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest
from engine.standins import build as standins
from engine.standins import store, table, trial

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.catalog.model import FAMILIES

pytestmark = pytest.mark.builds

ROOT = Path(__file__).resolve().parents[2]
KEPT = dt.timedelta(days=1)
# Everything on the modern engine; of the oldest one the Go service, and a service and a command in two families.
CASES = [
    *(("modern", name, family) for name, service in trial.SERVICES.items() for family in service.families),
    *(("debian", "go-web", family) for family in trial.SERVICES["go-web"].families),
    *(
        ("debian", name, family)
        for name in ("web-html", "cpp-hello")
        for family in (trial.BASELINE, "distroless")
    ),
]


@pytest.mark.parametrize("name", trial.SERVICES)
def test_every_family_that_has_stand_ins_is_in_the_matrix(name):
    service = trial.SERVICES[name]
    reasons = {}
    for family in (trial.BASELINE, *FAMILIES):
        with contextlib.suppress(UnavailableFamily):
            reasons[family] = service.why_not(family)
    buildable = {family for family, reason in reasons.items() if reason is None}
    assert set(service.families) <= set(reasons)
    # What is there for one detail of its language is built on the smallest family alone.
    assert buildable <= set(service.families) or set(service.families) == {trial.BASELINE, "distroless"}
    # Gradle and .NET have no source but their makers': nothing of theirs is built, and each row says so.
    assert not buildable or set(service.families) <= buildable | set(service.cannot)


@pytest.mark.matrix
@pytest.mark.parametrize(("kind", "name", "family"), CASES, ids=["-".join(case) for case in CASES])
async def test_matrix_variant_runs(request, kind, name, family):
    service = trial.SERVICES[name]
    reason = service.why_not(family)
    if reason:
        pytest.skip(reason)
    host = request.getfixturevalue(f"{kind}_engine")
    images = await asyncio.to_thread(standins.ensure, host, service.images(family))
    key = _key(service, family, kind, images)
    row = _kept(key)
    if row is None:
        async with trial.engine_at(host) as engine:
            row = await _measured(engine, kind, service, family)
        if row["verdict"] == "runs":
            _keep(key, row)
    assert row["verdict"] == "runs", row["reason"]
    assert row["http_status"] == (None if service.http is None else 200)
    is_root = row["user"].partition(":")[0] in ("0", "root")
    assert is_root == (family == trial.BASELINE)
    if family == "distroless" and name == "go-web":
        assert row["files"] - row["program"] <= 3_000_000


@pytest.mark.matrix
def test_matrix_is_written():
    """Runs last: puts the rows of this run together, if all are there."""
    records = _records()
    rows, missing = [], []
    for kind, name, family in CASES:
        found = [
            one["row"]
            for one in records.values()
            if (one["row"]["engine"], one["row"]["service"], one["row"]["family"]) == (kind, name, family)
        ]
        if found:
            rows.append(max(found, key=lambda row: row["when"]))
        elif not trial.SERVICES[name].why_not(family):
            missing.append(f"{kind} {name} {family}")
    references = {(row["engine"], row["service"]): row for row in rows if row["family"] == trial.BASELINE}
    for row in rows:
        reference = references.get((row["engine"], row["service"]))
        if reference is None:
            continue
        row["factor"] = round(reference["files"] / row["files"], 2)
        row["saving"] = round(1 - row["files"] / reference["files"], 4)
        # Where tutorials take the very image that full or slim is, there is nothing to save.
        most = 1.01 if row["family"] in ("full", "slim") else 1
        assert row["family"] == trial.BASELINE or row["files"] < reference["files"] * most
    matrix = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "commit": _commit(),
        "engines": {row["engine"]: row["engine_version"] for row in rows},
        "not_measured": missing,
        "rows": [{key: value for key, value in row.items() if key not in ("when", "reason")} for row in rows],
    }
    table.FILE.write_text(json.dumps(matrix, indent=1) + "\n")
    assert not missing, f"not measured: {', '.join(missing)}"


async def _measured(engine, kind, service, family):
    tag = f"slimdesk-test/{service.name}:{family}"
    built = await trial.build(engine, service, family, tag)
    found = await trial.prove(engine, service, tag)
    image = await trial.measure(engine, tag)
    return {
        "service": service.name,
        "language": service.language,
        "family": family,
        "engine": kind,
        "engine_version": engine.known.version,
        "base": built.generated.base.reference,
        "files": image.sizes.files,
        "live": image.sizes.live,
        "unpacked": image.sizes.unpacked,
        "download": image.sizes.download,
        "layers": len(image.layers),
        # What the last layer brings: for Go the program itself.
        "program": image.layers[-1].sizes.files,
        "user": found.user,
        "verdict": found.verdict,
        "reason": found.reason,
        "http_status": found.http_status,
        "first_answer": None if found.first_answer is None else round(found.first_answer, 3),
        "build_seconds": round(built.result.seconds, 1),
        # Processes that wanted to run meanwhile: the times of a busy machine say little.
        "load": round(os.getloadavg()[0], 1),
        "when": dt.datetime.now(dt.UTC).isoformat(),
    }


def _key(service, family, kind, images):
    generated = service.generated(family)
    lines = [line for line in generated.text.splitlines() if not line.startswith("#")]
    digest = hashlib.sha256("\0".join((kind, *lines, generated.dockerignore)).encode())
    for path in sorted(service.folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(service.folder).as_posix().encode() + b"\0" + path.read_bytes())
    for image in images:
        digest.update("".join(layer.diff_id for layer in image.layers).encode())
    return digest.hexdigest()


def _records():
    try:
        known = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    newest = (dt.datetime.now(dt.UTC) - KEPT).isoformat()
    return {key: one for key, one in known.items() if one["row"]["when"] > newest}


def _kept(key):
    return _records().get(key, {}).get("row")


def _keep(key, row):
    with store.locked("matrix"):
        text = json.dumps({**_records(), key: {"row": row}}, indent=1)
        temporary = _file().with_suffix(f".{os.getpid()}")
        temporary.write_text(text)
        temporary.replace(_file())


def _file():
    return store.folder() / "matrix.json"


def _commit():
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
