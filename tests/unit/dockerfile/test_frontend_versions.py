"""What an engine does not understand is named before the build, and nothing else is."""

import pytest

from slimdesk.dockerfile.frontend import needs, unknown_to
from slimdesk.dockerfile.parse import parse

CASES = [
    ("RUN --mount=type=cache,target=/c true", (1, 2)),
    ("COPY --link a /a", (1, 4)),
    ("COPY --chmod=755 a /a", (1, 2)),
    ("RUN <<EOF\ntrue\nEOF", (1, 4)),
    ("ADD --checksum=sha256:" + "0" * 64 + " https://example.com/a /a", (1, 6)),
]


@pytest.mark.parametrize(("line", "version"), CASES)
def test_what_is_written_needs_a_version(line, version):
    (need,) = needs(parse(f"FROM alpine\n{line}\n"))
    assert (need.line, need.version) == (2, version)


@pytest.mark.parametrize(
    ("engine", "line", "refused"),
    [
        ("20.10.24", "COPY --link a /a", True),
        ("20.10.24", "RUN --mount=type=cache,target=/c true", False),
        ("23.0.1", "COPY --link a /a", False),
        ("29.1.0", "COPY --link a /a", False),
        (None, "COPY --link a /a", False),
        ("dev", "COPY --link a /a", False),
    ],
)
def test_an_old_engine_is_told_from_a_new_one(engine, line, refused):
    found = unknown_to(parse(f"FROM alpine\n{line}\n"), engine)
    assert (found is not None) == refused


def test_a_syntax_line_brings_a_newer_frontend():
    text = "# syntax=docker/dockerfile:1\nFROM alpine\nCOPY --link a /a\n"
    assert unknown_to(parse(text), "20.10.24") is None
