"""The ships, over HTTP."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

SHIPS = {"Ada": "Hamburg", "Grace": "Trieste"}


async def health(_request):
    return PlainTextResponse("ok")


async def ships(_request):
    return JSONResponse(SHIPS)


app = Starlette(routes=[Route("/healthz", health), Route("/", ships)])
