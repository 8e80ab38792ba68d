"""A project with a Dockerfile of its own, and the image that came of it: for what leaves something out of the next one."""

import json
from pathlib import Path
from typing import Any

from unit.image.images import Picture, layer, old_save

from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.detect import open_project
from slimdesk.operations.leave_out import LeftOut, leave_out, target_of, text_of_image
from slimdesk.project.model import Component, Project

DOCKERFILE = """FROM node:24 AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-slim
WORKDIR /app
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
COPY src ./src
COPY docs/ ./handbook/
COPY . /app/
RUN apt-get update && apt-get install -y curl
USER 1000
CMD ["node", "src/server.js"]
"""
PACKAGE = """{
  "name": "orders",
  "scripts": { "start": "node src/server.js" },
  "dependencies": {
    "express": "4.19.2",
    "moment": "2.30.1"
  },
  "devDependencies": { "jest": "30.0.0" }
}
"""
LOCK: dict[str, Any] = {
    "name": "orders",
    "lockfileVersion": 3,
    "packages": {
        "": {
            "dependencies": {"express": "4.19.2", "moment": "2.30.1"},
            "devDependencies": {"jest": "30.0.0"},
        },
        "node_modules/express": {"version": "4.19.2", "dependencies": {"qs": "6.11.0", "ms": "2.0.0"}},
        "node_modules/qs": {"version": "6.11.0"},
        "node_modules/ms": {"version": "2.0.0"},
        "node_modules/moment": {"version": "2.30.1", "dependencies": {"ms": "1.0.0", "locale": "1.0.0"}},
        "node_modules/moment/node_modules/ms": {"version": "1.0.0"},
        "node_modules/locale": {"version": "1.0.0"},
        "node_modules/jest": {"version": "30.0.0", "dev": True},
    },
}
LOCKED = json.dumps(LOCK, indent=2) + "\n"


def installed(name: str, version: str, size: int, **needs: str) -> list[tuple[str, Any]]:
    """A Node package in /app/node_modules: its package.json and a body of `size` bytes."""
    about = {"name": name.rpartition("node_modules/")[2], "version": version, "dependencies": needs}
    return [
        (f"app/node_modules/{name}/package.json", json.dumps(about).encode()),
        (f"app/node_modules/{name}/index.js", size),
    ]


def write_project(folder: Path, dockerfile: str | None = DOCKERFILE) -> Project:
    files = {
        "package.json": PACKAGE,
        "package-lock.json": LOCKED,
        "src/server.js": 'const express = require("express");\nexpress().listen(3000);\n',
        "docs/manual.txt": "m" * 5000,
        "static/logo.svg": "l" * 700,
        "static/[a].txt": "x" * 30,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if dockerfile is not None:
        (folder / "Dockerfile").write_text(dockerfile)
    return open_project(folder)


def read_image(folder: Path, labels: dict[str, str] | None = None) -> Image:
    """The image of DOCKERFILE: a base of one layer, then a layer for each of its lines."""
    layers: list[tuple[str, list[Any]]] = [
        ("RUN base", [("usr/bin/node", 9000), ("bin/sh", 100)]),
        (
            "COPY /src/node_modules ./node_modules # buildkit",
            [
                *installed("express", "4.19.2", 4000, qs="6.11.0", ms="2.0.0"),
                *installed("qs", "6.11.0", 2000),
                *installed("ms", "2.0.0", 300),
                *installed("moment", "2.30.1", 6000, ms="1.0.0", locale="1.0.0"),
                *installed("moment/node_modules/ms", "1.0.0", 200),
                *installed("locale", "1.0.0", 500),
            ],
        ),
        ("COPY /src/dist ./dist # buildkit", [("app/dist/main.js", 800)]),
        ("COPY src ./src # buildkit", [("app/src/server.js", 66)]),
        ("COPY docs/ ./handbook/ # buildkit", [("app/handbook/manual.txt", 5000)]),
        (
            "COPY . /app/ # buildkit",
            [
                ("app/static/logo.svg", 700),
                ("app/static/[a].txt", 30),
                ("app/package.json", PACKAGE.encode()),
                ("app/package-lock.json", LOCKED.encode()),
            ],
        ),
        (
            "RUN /bin/sh -c apt-get update # buildkit",
            [("var/lib/apt/lists/big", 3000), ("usr/bin/curl", 250)],
        ),
    ]
    base = {"io.slimdesk.base.layers": "1", **(labels or {})}
    picture = Picture(
        [layer(members) for _, members in layers],
        history=[{"created_by": words} for words, _ in layers],
        config={"User": "1000", "Labels": base},
    )
    path = folder / "image.tar"
    path.write_bytes(old_save([picture]))
    return read_path(path, Wanted())


def asked(project: Project, image: Image, what: Any) -> LeftOut:
    component, text = text_of_image(project, image)
    return leave_out(project, component, image, text, target_of(image, what))


def component_of(project: Project) -> Component:
    return project.components[0]
