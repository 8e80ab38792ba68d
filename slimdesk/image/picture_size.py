"""How large a picture says it is, from its first bytes, so that one that would fill the memory is never decoded.

Formats: PNG (W3C PNG, 11.2.1), JPEG (ITU-T T.81, B.2.2), GIF89a (section 18), BMP, ICO, WebP (RFC 9649).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAX_PIXELS = 40_000_000
MAX_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class PictureSize:
    """form: png, jpeg, gif, bmp, ico or webp; width and height in pixels, as stated."""

    form: str
    width: int
    height: int

    @property
    def too_large(self) -> bool:
        """Whether decoding it would take more memory than a preview is worth."""
        return not 0 < self.width * self.height <= MAX_PIXELS


def picture_size(data: bytes) -> PictureSize | None:
    """Return what a picture's beginning says; None if it is no picture of these formats."""
    try:
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            return PictureSize("png", *struct.unpack_from(">II", data, 16))
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return PictureSize("gif", *struct.unpack_from("<HH", data, 6))
        if data[:2] == b"BM" and len(data) > 26:
            width, height = struct.unpack_from("<ii", data, 18)
            return PictureSize("bmp", abs(width), abs(height))
        if data[:4] == b"\0\0\1\0" and 0 < int.from_bytes(data[4:6], "little") <= 64:
            return PictureSize("ico", data[6] or 256, data[7] or 256)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:3] == b"\xff\xd8\xff":
            return _jpeg(data)
    except (struct.error, IndexError):
        return None
    return None


def _webp(data: bytes) -> PictureSize | None:
    if len(data) < 30:
        return None
    if data[12:16] == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        return PictureSize("webp", width, int.from_bytes(data[27:30], "little") + 1)
    if data[12:16] == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return PictureSize("webp", width & 0x3FFF, height & 0x3FFF)
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return PictureSize("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    return None


def _jpeg(data: bytes) -> PictureSize | None:
    position = 2
    for _ in range(1000):
        if data[position] != 0xFF:
            return None
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        # A frame's header; the others of that range are tables.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, position + 5)
            return PictureSize("jpeg", width, height)
        position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    return None
