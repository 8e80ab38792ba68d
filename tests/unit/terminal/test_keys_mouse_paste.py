"""What is sent for keys, the mouse and the clipboard: xterm's bytes."""

import pytest

from slimdesk.terminal.keys import NAMED_KEYS, NOTHING_HELD, Held, named_key, typed_text
from slimdesk.terminal.mouse import focus_report, mouse_report, wheel_keys
from slimdesk.terminal.paste import lines_run, pasted
from slimdesk.terminal.screen import Modes

USUAL = Modes()
APPLICATION = Modes(application_cursor=True)


@pytest.mark.parametrize(
    ("key", "held", "modes", "sent"),
    [
        ("up", NOTHING_HELD, USUAL, b"\x1b[A"),
        ("up", NOTHING_HELD, APPLICATION, b"\x1bOA"),
        ("up", Held(ctrl=True), APPLICATION, b"\x1b[1;5A"),
        ("home", NOTHING_HELD, USUAL, b"\x1b[H"),
        ("end", Held(shift=True), USUAL, b"\x1b[1;2F"),
        ("f1", NOTHING_HELD, USUAL, b"\x1bOP"),
        ("f1", Held(shift=True), USUAL, b"\x1b[1;2P"),
        ("f5", NOTHING_HELD, USUAL, b"\x1b[15~"),
        ("f12", Held(alt=True, ctrl=True), USUAL, b"\x1b[24;7~"),
        ("delete", NOTHING_HELD, USUAL, b"\x1b[3~"),
        ("pageup", NOTHING_HELD, USUAL, b"\x1b[5~"),
        ("enter", NOTHING_HELD, USUAL, b"\r"),
        ("enter", NOTHING_HELD, Modes(new_line=True), b"\r\n"),
        ("enter", Held(alt=True), USUAL, b"\x1b\r"),
        ("tab", NOTHING_HELD, USUAL, b"\t"),
        ("tab", Held(shift=True), USUAL, b"\x1b[Z"),
        ("backspace", NOTHING_HELD, USUAL, b"\x7f"),
        ("backspace", Held(ctrl=True), USUAL, b"\x08"),
        ("escape", NOTHING_HELD, USUAL, b"\x1b"),
    ],
)
def test_named_keys(key, held, modes, sent):
    assert named_key(key, held, modes) == sent


def test_every_named_key_sends_something():
    assert all(named_key(key, NOTHING_HELD, USUAL) for key in NAMED_KEYS)


@pytest.mark.parametrize(
    ("text", "held", "sent"),
    [
        ("a", NOTHING_HELD, b"a"),
        ("ü", NOTHING_HELD, "ü".encode()),
        ("c", Held(ctrl=True), b"\x03"),
        ("C", Held(ctrl=True), b"\x03"),
        (" ", Held(ctrl=True), b"\0"),
        ("[", Held(ctrl=True), b"\x1b"),
        ("_", Held(ctrl=True), b"\x1f"),
        ("?", Held(ctrl=True), b"\x7f"),
        ("b", Held(alt=True), b"\x1bb"),
        ("c", Held(alt=True, ctrl=True), b"\x1b\x03"),
        ("", Held(alt=True), b""),
        ("\ud800", NOTHING_HELD, b""),
    ],
)
def test_characters(text, held, sent):
    assert typed_text(text, held) == sent


SGR = Modes(mouse="click", mouse_form="sgr")


@pytest.mark.parametrize(
    ("what", "button", "cell", "held", "modes", "sent"),
    [
        ("press", 0, (0, 0), NOTHING_HELD, USUAL, b""),
        ("press", 0, (0, 0), NOTHING_HELD, Modes(mouse="click"), b"\x1b[M !!"),
        ("release", 0, (4, 2), NOTHING_HELD, Modes(mouse="click"), b"\x1b[M#%#"),
        ("press", 0, (300, 0), NOTHING_HELD, Modes(mouse="click"), b""),
        ("press", 2, (300, 9), NOTHING_HELD, SGR, b"\x1b[<2;301;10M"),
        ("release", 2, (300, 9), NOTHING_HELD, SGR, b"\x1b[<2;301;10m"),
        ("press", 0, (1, 1), Held(ctrl=True, alt=True), SGR, b"\x1b[<24;2;2M"),
        ("press", 64, (1, 1), NOTHING_HELD, SGR, b"\x1b[<64;2;2M"),
        ("release", 64, (1, 1), NOTHING_HELD, SGR, b""),
        ("move", 0, (1, 1), NOTHING_HELD, SGR, b""),
        ("move", 0, (1, 1), NOTHING_HELD, Modes(mouse="drag", mouse_form="sgr"), b"\x1b[<32;2;2M"),
        ("move", 3, (1, 1), NOTHING_HELD, Modes(mouse="drag", mouse_form="sgr"), b""),
        ("move", 3, (1, 1), NOTHING_HELD, Modes(mouse="move", mouse_form="sgr"), b"\x1b[<35;2;2M"),
        ("release", 0, (1, 1), NOTHING_HELD, Modes(mouse="press"), b""),
        ("press", 1, (1, 1), NOTHING_HELD, Modes(mouse="click", mouse_form="urxvt"), b"\x1b[33;2;2M"),
        (
            "press",
            0,
            (300, 0),
            NOTHING_HELD,
            Modes(mouse="click", mouse_form="utf8"),
            b"\x1b[M " + chr(333).encode() + b"!",
        ),
    ],
)
def test_mouse(what, button, cell, held, modes, sent):
    assert mouse_report(what, button, cell, held, modes) == sent


def test_wheel_and_focus():
    assert wheel_keys(-2, USUAL) == b"\x1b[A\x1b[A"
    assert wheel_keys(1, APPLICATION) == b"\x1bOB"
    assert (focus_report(inside=True), focus_report(inside=False)) == (b"\x1b[I", b"\x1b[O")


def test_paste_cannot_act_as_keys():
    text = "a\x1b[201~\x03b\x9b\n\tc\r\nd\u202e"
    assert pasted(text, USUAL) == "a[201~b\r\tc\rd\u202e".encode()
    assert pasted(text, Modes(bracketed_paste=True)) == b"\x1b[200~" + pasted(text, USUAL) + b"\x1b[201~"


def test_lines_that_would_be_run():
    assert [lines_run(text, USUAL) for text in ("ls", "ls\n", "a\r\nb\nc", "a\rb")] == [0, 1, 2, 1]
    assert lines_run("a\nb\n", Modes(bracketed_paste=True)) == 0
