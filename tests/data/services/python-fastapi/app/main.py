"""A small web service: FastAPI on uvicorn, with an endpoint for health checks."""

import os

from fastapi import FastAPI

app = FastAPI(title="berths")


@app.get("/")
def berths() -> dict[str, object]:
    return {"berths": [], "user": os.getuid()}


@app.get("/healthz")
def healthz() -> str:
    return "ok"
