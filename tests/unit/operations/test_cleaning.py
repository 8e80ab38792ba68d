"""What `clean` takes away: only images that SlimDesk built, and of a project only that project's."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.basics.job import Silent
from slimdesk.engine.model import LABEL_MADE, ImageRecord
from slimdesk.operations import clean as cleaning
from slimdesk.operations.build import LABEL_PROJECT, project_mark


@dataclass
class Engine:
    """An engine that has these images; `busy` are used by a container, `gone` vanish before they are removed."""

    records: tuple[ImageRecord, ...]
    busy: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    removed: list[str] = field(default_factory=list)

    async def images(self, label: str) -> tuple[ImageRecord, ...]:
        return tuple(one for one in self.records if label in one.labels)

    async def remove_image(self, name: str) -> None:
        if name in self.gone:
            raise ImageNotFound(name)
        if name in self.busy:
            raise EngineError("It was not removed", "a container uses it")
        self.removed.append(name)


def record(image_id: str, *tags: str, made: str | None = None, project=None, size: int = 100) -> ImageRecord:
    labels = {} if made is None else {LABEL_MADE: made}
    if project is not None:
        labels[LABEL_PROJECT] = project_mark(project)
    return ImageRecord(image_id, tags, None, size, labels)


@pytest.fixture(autouse=True)
def _no_containers(monkeypatch):
    async def nothing(_engine):
        return None

    monkeypatch.setattr(cleaning, "sweep", nothing)


async def test_images_of_others_stay(tmp_path):
    engine = Engine((
        record("sha256:1", "slimdesk/api:slim", made="slimdesk/api:slim"),
        record("sha256:2", "nginx:1.30"),
        # Built by somebody on ours: the label is inherited, the tag is theirs.
        record("sha256:3", "team/api:1", made="slimdesk/api:slim"),
        record("sha256:4", "slimdesk/api:full", "team/kept:1", made="slimdesk/api:full"),
    ))  # fmt: skip
    found = await cleaning.clean(engine, None, Silent())
    assert engine.removed == ["slimdesk/api:slim", "slimdesk/api:full"]
    # Bytes that another tag holds are not gained.
    assert [one.bytes for one in found.removed] == [100, 0]


async def test_of_a_project_only_its_own(tmp_path):
    mine, other = tmp_path / "mine", tmp_path / "other"
    engine = Engine((
        record("sha256:1", "slimdesk/api:slim", made="slimdesk/api:slim", project=mine),
        record("sha256:2", "slimdesk/web:slim", made="slimdesk/web:slim", project=other),
        record("sha256:3", "slimdesk/old:slim", made="slimdesk/old:slim"),
    ))  # fmt: skip
    await cleaning.clean(engine, mine, Silent())
    assert engine.removed == ["slimdesk/api:slim"]


async def test_a_dry_run_removes_nothing(tmp_path):
    engine = Engine((record("sha256:1", "slimdesk/api:slim", made="slimdesk/api:slim"),))
    found = await cleaning.clean(engine, None, Silent(), dry_run=True)
    assert (engine.removed, found.bytes) == ([], 100)


async def test_what_a_container_uses_stays_with_the_reason():
    names = ("slimdesk/a:slim", "slimdesk/b:slim", "slimdesk/c:slim")
    records = tuple(record(f"sha256:{name}", name, made=name) for name in names)
    engine = Engine(records, busy=frozenset(names[:1]), gone=frozenset(names[1:2]))
    found = await cleaning.clean(engine, None, Silent())
    assert engine.removed == [names[2]]
    assert found.kept == ((names[0], "a container uses it"),)
    assert [one.tag for one in found.removed] == [names[2]]
