"""Whether bytes are text, and in which encoding: marks first, then what can be decoded, then how it looks."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# So many control characters in a hundred are no text any more.
_MOST_CONTROLS = 0.02
_LOOKED_AT = 1 << 16
_MARKS: tuple[tuple[bytes, str, str], ...] = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    # Before UTF-16: its mark begins as that of UTF-16 does.
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 (little-endian)"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 (big-endian)"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 (little-endian)"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 (big-endian)"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
# What would change how other text is shown, or show nothing; end of line and tab stay.
_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class TextGuess:
    """text: as it may be shown, line ends as \\n, control characters as signs. encoding, line_ends: in words.

    controls: how many characters were replaced by signs.
    """  # noqa: D301 - the backslash is meant to be seen as one

    text: str
    encoding: str
    line_ends: str
    controls: int


def guess_text(data: bytes) -> TextGuess | None:
    """Return bytes as text, None if they are none. A last character that is cut in the middle is left out."""
    if not data:
        return TextGuess("", "empty", "none", 0)
    for mark, codec, word in _MARKS:
        if data.startswith(mark):
            return _shown(_decoded(data[len(mark) :], codec), f"{word} with a byte order mark")
    wide = _sixteen(data)
    if wide is not None:
        return _shown(_decoded(data, wide), "UTF-16, told from its zeros")
    if b"\0" in data[:_LOOKED_AT]:
        return None
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        return None if _is_binary(text) else _shown(text, "Latin-1, or another of one byte per letter")
    if _is_binary(text):
        return None
    return _shown(text, "ASCII" if text.isascii() else "UTF-8")


def _decoded(data: bytes, codec: str) -> str:
    return codecs.getincrementaldecoder(codec)("replace").decode(data)


def _sixteen(data: bytes) -> str | None:
    """Tell UTF-16 without a mark: of Western text every other byte is zero."""
    start = data[: _LOOKED_AT & -2]
    if len(start) < 4 or len(start) % 2:
        return None
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > half * 0.7 and even < half * 0.02:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.02:
        return "utf-16-be"
    return None


def _is_binary(text: str) -> bool:
    start = text[:_LOOKED_AT]
    return len(_CONTROLS.findall(start)) > max(2, len(start) * _MOST_CONTROLS)


def _shown(text: str, encoding: str) -> TextGuess:
    crlf = text.count("\r\n")
    lf = text.count("\n") - crlf
    cr = text.count("\r") - crlf
    known = [word for word, count in (("CRLF (Windows)", crlf), ("LF", lf), ("CR", cr)) if count]
    ends = " and ".join(known) if known else "none"
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    controls = len(_HOSTILE.findall(plain))
    return TextGuess(_HOSTILE.sub(_sign, plain) if controls else plain, encoding, ends, controls)


def _sign(match: re.Match[str]) -> str:
    code = ord(match.group())
    # Unicode has a picture for each of the old control characters.
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
