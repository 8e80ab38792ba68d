"""Commands of this machine in a terminal: bytes both ways, sizes, ends, nothing left behind."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from slimdesk.operations.local_program import run_line, why_not

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")


def there(folder):
    return Path(folder).exists()


async def until(program, word, seconds=60.0):
    out = b""
    async with asyncio.timeout(seconds):
        while word not in out:
            data = await program.read()
            assert data, (program.ending, out)
            out += data
    return out


async def rest(program, seconds=60.0):
    out = b""
    async with asyncio.timeout(seconds):
        while data := await program.read():
            out += data
    return out


async def test_it_has_a_terminal_of_its_own():
    program = await run_line(
        "tty; stty size; test -t 0 && echo both; : >/dev/tty && echo controls", columns=100, rows=30
    )
    out = await rest(program)
    assert b"/dev/" in out
    assert b"both" in out
    assert b"controls" in out
    assert program.ending == "The command ended."
    await program.close()


async def test_what_is_typed_arrives_and_sizes_are_told():
    program = await run_line("read -r word; echo got $word; read -r _; stty size")
    try:
        await program.write(b"harbour\n")
        await until(program, b"got harbour")
        await program.resize(132, 43)
        await program.write(b"\n")
        await until(program, b"43 132")
    finally:
        await program.close()


async def test_how_it_ended_is_told():
    program = await run_line("exit 3")
    assert await rest(program) == b""
    assert program.ending == "The command ended with exit code 3."
    assert program.exit_code == 3
    await program.close()
    await program.close()
    assert await program.read() == b""


async def test_closing_ends_it_even_where_it_does_not_want_to(tmp_path):
    note = tmp_path / "pid"
    program = await run_line(f"trap '' HUP; echo $$ >{note}; pwd; while :; do sleep 1; done")
    folder = (await until(program, b"\n")).decode().strip()
    reading = asyncio.ensure_future(program.read())
    await asyncio.sleep(0)
    await program.close()
    assert await asyncio.wait_for(reading, 60) == b""
    assert program.ending == "It was closed."
    assert not there(folder)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


async def test_an_empty_folder_is_its_own():
    program = await run_line("ls -A | wc -l; echo x >file; ls")
    assert (await rest(program)).split() == [b"0", b"file"]
    await program.close()


async def test_a_start_that_is_cancelled_leaves_nothing(tmp_path):
    note = tmp_path / "pid"
    starting = asyncio.ensure_future(run_line(f"echo $$ >{note}; sleep 60"))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    if there(note) and note.read_text():
        with pytest.raises(ProcessLookupError):
            os.kill(int(note.read_text()), 0)


def test_what_is_missing_is_told():
    assert why_not("sh") == ""
    assert why_not("no-such-program") == "no-such-program is not on PATH"
