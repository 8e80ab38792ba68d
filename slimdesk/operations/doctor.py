"""Say whether an image is likely to run, without starting it: its files are read as they are, and rules look at them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.job import Reporter
from slimdesk.image.doctor import Diagnosis, Runs, examine
from slimdesk.image.doctor.patient import Patient, Symptom
from slimdesk.image.doctor.tree_files import TreeFiles
from slimdesk.image.inside import Place
from slimdesk.image.manifest import config_of
from slimdesk.image.model import ImageConfig
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.analyze import ENGINE_PREFIX, existing_path
from slimdesk.operations.image_bodies import Holder, bare, never_started, read_bodies
from slimdesk.operations.worker import Told, in_worker

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine

Lines = dict[str, int]
"""Keyword of an instruction -> the line of the one that holds in the end."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found. runs: likely, unlikely (an error was found) or unknown. name, platform: of the image."""

    name: str
    platform: str | None
    runs: Runs
    findings: tuple[Finding, ...]


async def examine_image(
    source: str | Path,
    *,
    dockerfile: Path | None = None,
    platform: str | None = None,
    engine: Engine | None = None,
    reporter: Reporter | None = None,
) -> Examined:
    """Examine an archive, a layout or an engine's image (`source` as for `analyze`). Nothing is started, nothing is left.

    dockerfile: the one that it was built from; findings then say the line of the instruction that they are about.
    Raises BadInput, ArchiveError, DockerfileError, EngineError.
    """
    lines = await asyncio.to_thread(_lines, dockerfile) if dockerfile else {}
    path = existing_path(source)
    if path is not None:
        what = f"Looking into {visible(path.name, 80)}"
        found: _Found = await in_worker(what, _examine_path, path, platform, reporter=reporter)
        return _examined(found, dockerfile, lines)
    from slimdesk.engine.engine import Engine

    engine = engine or await Engine.connect()
    name = str(source).removeprefix(ENGINE_PREFIX)
    record = await engine.inspect(name)
    # A container that is not started tells of each file at once, however large the image is.
    async with never_started(engine, record.image_id, record.platform) as held:
        told = await in_worker(
            f"Looking into {visible(name, 80)}",
            _examine_engine,
            held,
            config_of({"config": record.config}),
            record.platform,
            reporter=reporter,
        )
    return _examined(_Found(name, record.platform, told), dockerfile, lines)


def examine_here(path: Path, *, dockerfile: Path | None = None, platform: str | None = None) -> Examined:
    """Examine an archive or a layout in this process, for the command line. Blocking. Raises what `examine_image` raises."""
    lines = _lines(dockerfile) if dockerfile else {}
    return _examined(_examine_path(lambda *_: None, path, platform), dockerfile, lines)


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    platform: str | None
    diagnosis: Diagnosis


def _examine_path(told: Told, path: Path, platform: str | None) -> _Found:
    image = read_path(path, Wanted(fast=True, platform=platform), told)
    held, thin = Holder(path=path), bare(image)

    def read(wanted: dict[Place, str], limit: int) -> dict[Place, bytes]:
        return read_bodies(held, thin, wanted, lambda _key, _header, pieces: _whole(pieces, limit), told)

    patient = Patient(image.config, image.platform, TreeFiles(image.table, read))
    return _Found(image.name or path.name, image.platform, examine(patient))


def _examine_engine(told: Told, held: Holder, config: ImageConfig, platform: str | None) -> Diagnosis:
    from slimdesk.engine.file_out import ContainerFiles
    from slimdesk.operations.doctor_files import ContainerTree

    if held.endpoint is None or held.container is None:
        raise ValueError("a container is needed")
    with ContainerFiles(held.endpoint, held.container) as files:
        return examine(Patient(config, platform, ContainerTree(files, told)))


def _whole(pieces: Iterator[bytes], limit: int) -> bytes:
    parts, size = [], 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size > limit:
            break
    return b"".join(parts)


def _lines(path: Path) -> Lines:
    """Return the line of the last instruction of each kind in the last stage. Raises DockerfileError, BadInput."""
    from slimdesk.dockerfile.parse import parse
    from slimdesk.operations.explain import read_dockerfile

    stages = parse(read_dockerfile(path), str(path)).stages
    return {one.keyword: one.line for one in stages[-1].instructions} if stages else {}


def _examined(found: _Found, dockerfile: Path | None, lines: Lines) -> Examined:
    findings = tuple(_placed(one, dockerfile, lines) for one in found.diagnosis.symptoms)
    return Examined(found.name, found.platform, found.diagnosis.runs, findings)


def _placed(symptom: Symptom, dockerfile: Path | None, lines: Lines) -> Finding:
    """Name the instruction that a finding is about in place of the file, which its message names."""
    line = lines.get(symptom.keyword or "")
    if dockerfile is None or line is None:
        return symptom.finding
    return replace(symptom.finding, path=str(dockerfile), line=line)
