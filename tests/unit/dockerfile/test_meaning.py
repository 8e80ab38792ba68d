"""Every instruction has a sentence."""

import pytest

from slimdesk.dockerfile.instructions import KEYWORDS
from slimdesk.dockerfile.meaning import meaning
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.parse import parse


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_each_keyword(keyword):
    found = Instruction(keyword, ("CMD", "b"))
    dockerfile = Dockerfile((Stage((Instruction("FROM", ("a",)), found), base="a"),))
    assert meaning(found, dockerfile)


def test_the_recipes_reason_goes_first():
    assert meaning(Instruction("USER", ("1",), reason="not root"), Dockerfile(())) == "not root"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("FROM scratch", "nothing at all"), ("FROM one", "goes on from the stage one"), ("FROM alpine:3", "image alpine:3"),
        ("COPY --from=one a /b", "from the stage one to /b"), ("COPY --from=busybox:1 a /b", "from the image busybox:1"),
        ("COPY a /b", "build context to /b"), ("RUN --mount=type=cache,target=/c x", "a cache mount that leaves nothing"),
        ('RUN ["x"]', "without a shell"), ("CMD x", "through a shell"), ("ENTRYPOINT []", "of the base image away"),
        ("HEALTHCHECK NONE", "switches off"),
    ],
)  # fmt: skip
def test_what_it_says(line, words):
    text = "FROM a:1 AS one\n" + (line if line.startswith("FROM") else f"FROM b:1\n{line}") + "\n"
    dockerfile = parse(text)
    assert words in meaning(list(dockerfile.instructions())[-1], dockerfile)
