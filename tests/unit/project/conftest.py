"""Projects made of a few texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from slimdesk.project.model import Project


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Write the files below a fresh folder and return it."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "project"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make


@pytest.fixture
def detect_files(make_folder: Callable[..., Path]) -> Callable[[Mapping[str, str | bytes]], Project]:
    """Write the files and detect what they hold."""
    from slimdesk.project.detect import detect

    return lambda files: detect(make_folder(files))
