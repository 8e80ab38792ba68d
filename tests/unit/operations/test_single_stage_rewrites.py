"""Every single-stage Dockerfile of the tests gets a multi-stage rewrite without an error, and hadolint has nothing to say."""

from pathlib import Path

import pytest

from slimdesk.dockerfile.hadolint import find_hadolint, run_hadolint
from slimdesk.dockerfile.parse import parse
from slimdesk.operations.rewrite import rewrite_file

TESTS = Path(__file__).resolve().parents[2]
SINGLE = TESTS / "data" / "dockerfiles" / "single"


def projects():
    for path in sorted(SINGLE.glob("*.Dockerfile")):
        name = path.name.removesuffix(".Dockerfile")
        homes = (TESTS / "data" / home / name for home in ("services", "projects"))
        yield path, next(home for home in homes if home.is_dir())
    for path in sorted(SINGLE.glob("*/Dockerfile")):
        yield path, path.parent


CASES = list(projects())


@pytest.mark.parametrize(("path", "folder"), CASES, ids=[folder.name for _, folder in CASES])
def test_it_is_rewritten_and_better(path, folder):
    found = rewrite_file(path, folder)
    assert found.rewrite is not None, found.reason
    done = found.rewrite
    assert len(parse(done.text).stages) >= 2 or folder.name == "web-html"
    assert [one for one in done.findings_after if one.severity == "error"] == []
    assert len(done.findings_after) < len(done.findings_before)
    if find_hadolint() is not None:
        said = {one.rule for one in run_hadolint(done.text).findings if one.severity != "info"}
        assert said == set()


def test_there_are_twelve_and_of_every_language():
    assert len(CASES) >= 12
    names = {folder.name.split("-")[0] for _, folder in CASES}
    assert {"go", "java", "node", "python", "rust", "cpp", "web"} <= names
