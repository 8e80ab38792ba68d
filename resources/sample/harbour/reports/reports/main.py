"""The reports' web service."""

import os

from fastapi import FastAPI

app = FastAPI(title="Harbour reports")
CURRENCY = os.environ.get("CURRENCY", "EUR")


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/reports/crates")
def crates() -> dict[str, object]:
    return {"currency": CURRENCY, "crates": {"rope": 12, "lamps": 3}}
