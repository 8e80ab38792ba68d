"""A workspace on a small project, and operations that answer like an engine without one."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from types import SimpleNamespace

from unit.image.images import Picture, layer, old_save

from slimdesk.dockerfile.hadolint import Lint
from slimdesk.engine.model import BuildError, BuildResult
from slimdesk.image.history import BASE_LAYERS_LABEL
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.build import Built, default_tag
from slimdesk.operations.detect import open_project
from slimdesk.operations.variants import Variants
from slimdesk.verify.model import Check, Verification
from slimdesk.workspace.workspace import Workspace

MAIN = """package main

import "net/http"

func main() {
\thttp.ListenAndServe(":8080", nil)
}
"""
OWN = """FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN go build -o /shop .

FROM debian:trixie-slim
COPY --from=build /shop /shop
ENTRYPOINT ["/shop"]
"""
RUNS = Verification(
    "runs",
    "It answers.",
    "service",
    8080,
    200,
    None,
    0.04,
    1.2,
    "65532",
    checks=(Check("starts", True, 0.04, "It starts."), Check("answers", True, 0.01, "It answers.")),
)
NOT_PROVEN = Verification(
    "not-proven",
    "Not proven: the app itself exits, DATABASE_URL is not set.",
    "service",
    8080,
    checks=(Check("starts", None, None, "It ended."),),
)


def shop(folder, *, dockerfile=None):
    """Write a Go service and return its folder."""
    root = folder / "shop"
    root.mkdir()
    (root / "go.mod").write_text("module example.org/shop\n\ngo 1.26\n")
    (root / "main.go").write_text(MAIN)
    if dockerfile is not None:
        (root / "Dockerfile").write_text(dockerfile)
    return root


def opened(folder, *, dockerfile=None):
    """Return a workspace with that service open."""
    workspace = Workspace()
    workspace.show_project(open_project(shop(folder, dockerfile=dockerfile)))
    return workspace


def image(folder, size, *, user="65532"):
    """Return an image that has a base of 400 kB and `size` bytes of its own."""
    layers = [layer([("usr/lib/libc.so.6", 400_000)]), layer([("shop", size)])]
    history = [{"created_by": "ADD base in /"}, {"created_by": "COPY /out/shop /shop # buildkit"}]
    config = {"User": user, "Labels": {BASE_LAYERS_LABEL: "1"}, "Entrypoint": ["/shop"]}
    path = folder / f"image-{size}.tar"
    path.write_bytes(old_save([Picture(layers, "shop:1", history, config)]))
    return read_path(path, Wanted())


class Engine:
    """What the operations see of an engine; `sizes` by family, `broken` families fail, `bugs` raise, `held` keeps each build waiting; `began` is set once `wanted` have begun.

    `verified` lists (image, control) in order, `built` the titles.
    """

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.sizes = {}
        self.broken = set()
        self.bugs = {}
        self.verdicts = {}
        self.verified = []
        self.built = []
        self.began = asyncio.Event()
        self.sources = {}
        self.held = None
        self.wanted = 1
        self.unreachable = None
        self.settings = SimpleNamespace(host="unix:///test.sock")
        # A program of its own, once per row: it is asked where it is what a test is about.
        monkeypatch.setattr("slimdesk.operations.variant_checks.run_hadolint", lambda _text: Lint(()))
        monkeypatch.setattr("slimdesk.operations.variants.build_source", self._build)
        monkeypatch.setattr("slimdesk.operations.analyze.analyze", self._analyze)
        monkeypatch.setattr("slimdesk.operations.verify.verify_image", self._verify)
        monkeypatch.setattr("slimdesk.operations.variants.missing_images", self._missing)
        monkeypatch.setattr("slimdesk.operations.variants.with_sizes", self._with_sizes)

    async def connect(self):
        await asyncio.sleep(0)
        if self.unreachable is not None:
            raise self.unreachable
        return self

    async def inspect(self, name):
        return SimpleNamespace(image_id=f"sha256:{name}")

    async def _missing(self, *_):
        return ()

    async def _with_sizes(self, _engine, missing):
        return missing

    async def _build(self, _engine, _project, component, source, *, reporter, on_steps, **_):
        self.built.append(source.title)
        self.sources[source.title] = source
        reporter.progress("Step 1 of 2: RUN go build", 0, 2, "steps")
        reporter.log("one line of the log")
        if len(self.built) == self.wanted:
            self.began.set()
        if self.held is not None:
            await self.held.wait()
        tag = default_tag(component, source.title)
        on_steps(())
        if source.title in self.bugs:
            raise self.bugs[source.title]
        if source.title in self.broken:
            error = BuildError("[build 3/4] RUN go build", "exit code: 1", ("main.go:7: undefined: listen",))
            return Built(BuildResult(None, tag, 1.0, (), error), source, tag)
        return Built(
            BuildResult(f"sha256:{hashlib.sha256(source.title.encode()).hexdigest()}", tag, 2.5, ()),
            source,
            tag,
        )

    async def _analyze(self, name, **_):
        title = name.rpartition(":")[2]
        return image(self.folder, self.sizes.get(title, 1_000_000))

    async def _verify(self, _engine, name, profile, *, control, reporter, **_):
        self.verified.append((name, control))
        title = name.rpartition(":")[2]
        found = self.verdicts.get(title, RUNS)
        return replace(found, log=tuple(sorted(profile.environment)))


def variants(workspace, engine):
    return Variants(workspace, engine.connect)
