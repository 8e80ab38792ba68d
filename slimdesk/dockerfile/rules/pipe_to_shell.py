"""Scripts that are fetched and carried out unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import command_text
from slimdesk.dockerfile.view import View

RULE = "pipe-to-shell"

_PIPE = re.compile(
    r"\b(?:curl|wget)\b[^|;&\n]{0,500}\|\s*(?:sudo\s+)?(?:\S{0,40}/)?(?:env\s+)?(?:ba|z|da|a)?sh\b"
)


def check(view: View) -> Iterator[Finding]:
    """A warning for curl … | sh."""
    for stage in view.stages:
        for run in stage.own("RUN"):
            text = command_text(run).replace("\\\n", " ")
            if len(text) < 20_000 and _PIPE.search(text):
                message = "A script from the network is carried out unseen, and another one tomorrow"
                fix = "Take the program from an image (COPY --from) or a package, or fetch a fixed version and check its sum"
                yield Finding(RULE, "warning", message, line=run.line, fix=fix)
