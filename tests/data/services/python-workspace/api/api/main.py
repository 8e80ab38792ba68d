"""A web service of a uv workspace: its greeting comes from the member beside it."""

from bottle import Bottle
from shared import greeting

app = Bottle()


@app.get("/healthz")
def health() -> str:
    return f"ok {greeting()}"
