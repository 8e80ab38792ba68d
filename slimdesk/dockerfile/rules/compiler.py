"""A compiler or a development kit ships with the program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.rules.package_lists import command_text
from slimdesk.dockerfile.view import View

RULE = "compiler-in-image"

_INSTALLED = re.compile(
    r"\b(?:apt(?:-get)?|apk|dnf|yum|microdnf)\b[^;&|]*\s(?:install|add)\s[^;&|]*"
    r"(?<![\w-])(build-essential|build-base|gcc|g\+\+|clang|make|cmake|default-jdk|golang(?:-go)?|cargo|rustc)(?=\s|$)"
)
_REMOVED = re.compile(r"\b(?:purge|autoremove|remove|apk\s+del|del)\b")


def check(view: View) -> Iterator[Finding]:
    """A warning if the final image stands on a builder's image, or installs a compiler and keeps it."""
    final = view.final
    if final.facts.toolchain and final.image is not None:
        bottom = final.chain[-1].instructions[0]
        named = f"{short_name(final.image)}{':' + final.image.tag if final.image.tag else ''}"
        message = f"The image ships {named}, with its compilers and development files"
        fix = "Build in one stage and copy the result into a second one on a slim base"
        yield Finding(RULE, "warning", message, line=bottom.line, fix=fix)
        return
    for run in final.inherited("RUN"):
        text = command_text(run)
        found = _INSTALLED.search(text)
        if found and not _REMOVED.search(text, found.end()):
            message = f"{found[1]} is installed and stays in the image"
            fix = "Compile in a stage of its own and copy the result"
            yield Finding(RULE, "warning", message, line=run.line, fix=fix)
