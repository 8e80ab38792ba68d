"""Syntax that an old engine's BuildKit does not know is a sentence before anything is fetched or sent."""

import pytest
from engine.conftest import BUSYBOX, import_busybox

from slimdesk.basics.errors import BadInput
from slimdesk.engine.engine import Engine
from slimdesk.operations.build import Source, build_source
from slimdesk.operations.detect import open_project


@pytest.mark.parametrize("line", ["COPY --link main.go /", "RUN <<EOF\ntrue\nEOF"])
async def test_newer_syntax_on_debians_engine(debian_engine, busybox_tar, monkeypatch, tmp_path, line):
    monkeypatch.setenv("DOCKER_HOST", debian_engine)
    import_busybox(debian_engine, busybox_tar)
    (tmp_path / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (tmp_path / "main.go").write_text("package main\nfunc main() {}\n")
    project = open_project(tmp_path)
    engine = await Engine.connect()
    if not (engine.known.version or "").startswith("20."):
        pytest.skip(f"Debian's engine here is {engine.known.version}, which knows that syntax")
    source = Source(f"FROM {BUSYBOX}\n{line}\n", "", ".", "yours")
    with pytest.raises(BadInput, match=r"Line 2 cannot be built on this engine: .* syntax 1\.4"):
        await build_source(engine, project, project.components[0], source)
