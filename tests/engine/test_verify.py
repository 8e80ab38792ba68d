"""What verify says of images that do not run, on real engines: their own words for it differ."""

import asyncio

import pytest
from engine.standins import build as standins
from engine.standins import client, trial

from slimdesk.basics.errors import ImageNotFound
from slimdesk.operations.verify import verify_image
from slimdesk.verify.compose import Beside
from slimdesk.verify.model import RunProfile
from slimdesk.verify.run import LABEL

SHELL = "busybox:1-musl"
STATIC = "gcr.io/distroless/static-debian13:nonroot"
PYTHON = "gcr.io/distroless/python3-debian13:nonroot"
# Says a word to whoever connects, and nothing else: no HTTP.
TCP = (
    "import socketserver as s, time\n"
    "class H(s.StreamRequestHandler):\n"
    "    def handle(self): self.wfile.write(b'ready'); time.sleep(1)\n"
    "s.ThreadingTCPServer(('', 5432), H).serve_forever()"
)
SERVE = "import http.server as h; h.HTTPServer(('{}', 8080), h.SimpleHTTPRequestHandler).serve_forever()"


async def verified(host, image, profile, control=None, **more):
    wanted = [
        name
        for name in (image, control, *(one.image for one in more.get("beside", ())))
        if name in standins.RECIPES
    ]
    await asyncio.to_thread(standins.ensure, host, wanted)
    async with trial.engine_at(host) as engine:
        made = trial.containers_made(engine)
        found = await verify_image(engine, image, profile, control, **more)
        assert made
        assert not set(made) & set(await engine.containers(LABEL))
    return found


@pytest.mark.parametrize(
    ("name", "lines", "word"),
    [
        ("shell-form", f"FROM {STATIC}\nENTRYPOINT echo hello\n", "shell"),
        ("no-program", f'FROM {STATIC}\nENTRYPOINT ["/app/server"]\n', "/app/server"),
        (
            "no-loader",
            f'FROM {PYTHON} AS p\nFROM {STATIC}\nCOPY --from=p /usr/bin/python3.13 /app\nENTRYPOINT ["/app"]\n',
            "loads it",
        ),
        ("not-a-program", f'FROM {STATIC}\nCOPY --chmod=755 text /app\nENTRYPOINT ["/app"]\n', "processor"),
        ("not-executable", f'FROM {STATIC}\nCOPY --chmod=644 text /app\nENTRYPOINT ["/app"]\n', "/app"),
        ("no-user", f'FROM {SHELL}\nUSER nosuchuser\nENTRYPOINT ["true"]\n', "nosuchuser"),
    ],
)
async def test_what_cannot_start_is_explained(each_engine, tmp_path, name, lines, word):
    text = tmp_path / "text"
    text.write_text("neither machine code nor a script\n")
    await asyncio.to_thread(standins.ensure, each_engine, [SHELL, STATIC, PYTHON])
    tag = f"slimdesk-test/{name}:1"
    await asyncio.to_thread(client.build, each_engine, lines, tag, {"text": text})
    found = await verified(each_engine, tag, RunProfile(timeout=10))
    assert found.verdict == "fails"
    assert word in found.reason, found.reason


async def test_http_and_how_it_ends(each_engine):
    profile = RunProfile(
        port=8080, command=("-c", SERVE.format("0.0.0.0")), http="/", expect="Directory listing"
    )
    found = await verified(each_engine, PYTHON, profile)
    assert (found.verdict, found.http_status, found.user) == ("runs", 200, "65532")
    assert found.first_answer is not None
    assert found.first_answer < 30


async def test_tcp_alone_is_an_answer(each_engine):
    found = await verified(each_engine, PYTHON, RunProfile(port=5432, command=("-c", TCP)))
    assert (found.verdict, found.http_status) == ("runs", None)


async def test_one_that_listens_inside_alone_is_told_so(modern_engine):
    script = f"print('listening on 127.0.0.1:8080', flush=True); {SERVE.format('127.0.0.1')}"
    found = await verified(modern_engine, PYTHON, RunProfile(port=8080, command=("-c", script), timeout=8))
    assert found.verdict == "fails"
    assert "0.0.0.0" in found.reason


async def test_a_read_only_root_is_tried_if_chosen(modern_engine):
    script = "open('/home/nonroot/x', 'w')"
    plain = await verified(modern_engine, PYTHON, RunProfile(command=("-c", script)))
    locked = await verified(modern_engine, PYTHON, RunProfile(command=("-c", script), read_only=True))
    assert plain.verdict == "runs"
    assert locked.verdict == "fails"
    assert "/home/nonroot/x" in locked.reason
    assert "read-only" in locked.reason


async def test_standard_input_environment_and_output(each_engine):
    script = "import os, sys; print(sys.stdin.read() + os.environ['WHO'])"
    profile = RunProfile(
        command=("-c", script), stdin="hello ", expect="hello you", environment={"WHO": "you"}
    )
    assert (await verified(each_engine, PYTHON, profile)).verdict == "runs"


async def test_the_control_takes_the_blame(modern_engine):
    profile = RunProfile(port=8080, command=("-c", "raise SystemExit('no licence')"))
    found = await verified(modern_engine, PYTHON, profile, PYTHON.replace(":nonroot", ":latest"))
    assert found.verdict == "not-proven"
    assert "no licence" in found.reason


async def test_a_service_beside_it_is_found_by_its_name(modern_engine):
    script = (
        "import socket, time\n"
        "for _ in range(100):\n"
        "    try: print(socket.create_connection(('db', 5432), 10).recv(5)); break\n"
        "    except ConnectionRefusedError: time.sleep(0.1)\n"
        "else: raise SystemExit('nobody answers')"
    )
    database = Beside("db", PYTHON, {}, ("-c", TCP))
    profile = RunProfile(command=("-c", script), expect="ready", timeout=60)
    found = await verified(modern_engine, PYTHON, profile, beside=(database,))
    assert found.verdict == "runs", (found.reason, found.log)
    alone = await verified(modern_engine, PYTHON, profile)
    assert alone.verdict in ("fails", "not-proven")


async def test_a_service_beside_it_that_ends_proves_nothing(modern_engine):
    broken = Beside("db", SHELL, {}, ("sh", "-c", "echo no disk; exit 4"))
    found = await verified(modern_engine, PYTHON, RunProfile(command=("-c", "1")), beside=(broken,))
    assert found.verdict == "not-proven"
    assert "db" in found.reason
    assert "no disk" in found.reason


async def test_an_image_that_is_not_there(modern_engine):
    async with trial.engine_at(modern_engine) as engine:
        with pytest.raises(ImageNotFound):
            await verify_image(engine, "localhost/nobody:1", RunProfile())
