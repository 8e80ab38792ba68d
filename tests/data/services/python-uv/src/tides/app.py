"""The tide, over HTTP."""

import datetime as dt

from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def health() -> str:
    return "ok"


@app.get("/")
def tide() -> dict[str, str]:
    return {"tide": ("low", "rising", "high", "falling")[dt.datetime.now(tz=dt.UTC).hour % 4]}
