"""A small web service that loads PostgreSQL's client library and tells what its image holds."""

import ctypes.util
import os
from pathlib import Path

import psycopg2.extensions
from fastapi import FastAPI

app = FastAPI(title="harbour ledger")


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.get("/")
def about() -> dict[str, object]:
    records = sorted(path.name for path in Path("/var/lib/dpkg/status.d").glob("*"))
    return {
        "libpq": psycopg2.extensions.libpq_version(),
        "found": ctypes.util.find_library("pq"),
        "font": Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").is_file(),
        "records": [name for name in records if not name.endswith(".md5sums")],
        "shell": any(Path(path).exists() for path in ("/bin/sh", "/usr/bin/apt-get", "/usr/bin/dpkg")),
        "user": os.getuid(),
    }
