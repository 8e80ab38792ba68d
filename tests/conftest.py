"""For all tests: whatever SlimDesk keeps for itself goes into a folder of the run, never into the person's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("slimdesk-home")
    before = os.environ.get("SLIMDESK_HOME")
    os.environ["SLIMDESK_HOME"] = str(home)
    yield home
    if before is None:
        del os.environ["SLIMDESK_HOME"]
    else:
        os.environ["SLIMDESK_HOME"] = before


@pytest.fixture(autouse=True)
def no_settings_of_others(own_home: Path) -> Iterator[None]:
    """What one test chose in the settings holds for no other."""
    yield
    (own_home / "config" / "settings.json").unlink(missing_ok=True)
