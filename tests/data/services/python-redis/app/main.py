"""A small web service that needs Redis: it counts the calls, and does not start without."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio
from fastapi import FastAPI

cache = redis.asyncio.from_url(os.environ["REDIS_URL"])


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    print(f"connecting to {os.environ['REDIS_URL']}", flush=True)
    await cache.ping()
    yield
    await cache.aclose()


app = FastAPI(title="tides", lifespan=lifespan)


@app.get("/")
async def tides() -> dict[str, int]:
    return {"calls": await cache.incr("calls")}


@app.get("/healthz")
async def healthz() -> str:
    await cache.ping()
    return "ok"
