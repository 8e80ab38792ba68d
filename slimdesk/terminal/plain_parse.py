"""The bytes of a program as text, controls and sequences (the state machine of ECMA-48 and of DEC's terminals)."""

from __future__ import annotations

import codecs
import re
from typing import Literal, Protocol

_TEXT = re.compile("[^\x00-\x1f\x7f-\x9f]+")
_CSI = re.compile("\x1b\\[([0-9:;<-?]{0,256})([ -/]{0,4})([@-~])")
# What is longer is read to its end and thrown away.
_MOST = 4096
_State = Literal["ground", "escape", "csi", "csi-skip", "osc", "string", "osc-escape", "string-escape"]


class Terminal(Protocol):
    """What is called for what is read."""

    def write(self, text: str) -> None:
        """Characters to be shown."""
        ...

    def control(self, character: str) -> None:
        """One C0 control."""
        ...

    def escape(self, intermediates: str, final: str) -> None:
        """ESC, intermediates, a final character."""
        ...

    def csi(self, parameters: str, intermediates: str, final: str) -> None:
        """CSI with its parameters as they were written."""
        ...

    def osc(self, text: str) -> None:
        """An operating system command that ended well and was not too long."""
        ...


class Parser:
    """Feeds a Terminal. What is cut off goes on with the next piece."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._state: _State = "ground"
        self._words = ""
        self._between = ""

    @property
    def in_ground(self) -> bool:
        """Whether no sequence is under way."""
        return self._state == "ground"

    def decode(self, data: bytes) -> str:
        """Return the characters of `data`; what is not UTF-8 becomes U+FFFD."""
        return self._decode.decode(data)

    def read(self, text: str) -> None:
        """Take characters."""
        at, end = 0, len(text)
        terminal = self._terminal
        while at < end:
            if self._state != "ground":
                self._step(text[at])
                at += 1
                continue
            run = _TEXT.match(text, at)
            if run is not None:
                terminal.write(run.group())
                at = run.end()
                continue
            sequence = _CSI.match(text, at)
            if sequence is not None:
                terminal.csi(*sequence.groups())
                at = sequence.end()
                continue
            self._step(text[at])
            at += 1

    def _step(self, character: str) -> None:
        """Go one character on, outside of plain text."""
        state = self._state
        if state in {"osc", "string", "osc-escape", "string-escape"}:
            self._in_string(character)
        elif character == "\x1b":
            self._begin("escape")
        elif character in "\x18\x1a":
            self._state = "ground"
        elif character < " ":
            self._terminal.control(character)
        elif "\x7f" <= character <= "\x9f":
            pass
        elif state == "escape":
            self._after_escape(character)
        elif state in {"csi", "csi-skip"}:
            self._in_csi(character)

    def _begin(self, state: _State) -> None:
        self._state = state
        self._words = self._between = ""

    def _after_escape(self, character: str) -> None:
        if " " <= character <= "/":
            self._between = (self._between + character)[:4]
        elif self._between:
            self._state = "ground"
            if character <= "~":
                self._terminal.escape(self._between, character)
        elif character == "[":
            self._begin("csi")
        elif character == "]":
            self._begin("osc")
        elif character in "PX^_":
            self._begin("string")
        else:
            self._state = "ground"
            if character <= "~":
                self._terminal.escape("", character)

    def _in_csi(self, character: str) -> None:
        if "@" <= character <= "~":
            skip = self._state == "csi-skip"
            self._state = "ground"
            if not skip:
                self._terminal.csi(self._words, self._between, character)
        elif " " <= character <= "/":
            self._between = (self._between + character)[:4]
        elif character > "~":
            self._state = "ground"
        elif self._between or len(self._words) >= 256:
            self._state = "csi-skip"
        else:
            self._words += character

    def _in_string(self, character: str) -> None:
        state = self._state
        if state in {"osc-escape", "string-escape"}:
            if character == "\\":
                self._end_string()
            else:
                self._begin("escape")
                self._step(character)
        elif character == "\x1b":
            self._state = "osc-escape" if state == "osc" else "string-escape"
        elif character in "\x18\x1a":
            self._state = "ground"
        elif character == "\x07" and state == "osc":
            self._end_string()
        elif state == "osc" and len(self._words) <= _MOST:
            self._words += character

    def _end_string(self) -> None:
        ended_osc = self._state in {"osc", "osc-escape"}
        self._state = "ground"
        if ended_osc and len(self._words) <= _MOST:
            self._terminal.osc(self._words)
