"""A compiler or a development kit ships with the program."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import commands
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.view import View

RULE = "compiler-in-image"

_COMPILERS = frozenset({
    "build-essential", "build-base", "gcc", "g++", "clang", "make", "cmake", "default-jdk", "golang", "golang-go", "cargo",
    "rustc",
})  # fmt: skip
_ADDS = (("apt-get", "install"), ("apt", "install"), ("apk", "add"), ("dnf", "install"), ("yum", "install"))
_REMOVES = (
    ("apt-get", "purge", "remove", "autoremove"),
    ("apt", "purge", "remove", "autoremove"),
    ("apk", "del"),
    ("dnf", "remove"),
    ("yum", "remove"),
)


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
        called = commands(run)
        adding = [one for one in called if any(one.runs(program, *verbs) for program, *verbs in _ADDS)]
        found = next((word for one in adding for word in one.words if word in _COMPILERS), None)
        removed = any(one.runs(program, *verbs) for one in called for program, *verbs in _REMOVES)
        if found is not None and not removed:
            message = f"{found} is installed and stays in the image"
            fix = "Compile in a stage of its own and copy the result"
            yield Finding(RULE, "warning", message, line=run.line, fix=fix)
