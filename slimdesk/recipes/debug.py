"""The debug variant: the same image with a shell, and the same entry point."""

from __future__ import annotations

from dataclasses import replace

from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, label, stage
from slimdesk.dockerfile.model import Instruction, Stage

# Static (musl), so that it runs where there is no C library.
BUSYBOX = "busybox:1-musl"
LABELS = {"io.slimdesk.debug": "true"}
_MARK = "Marks the debug variant, so that a check can keep it out of production."


def with_shell(stages: tuple[Stage, ...], base: BaseImage) -> tuple[tuple[Stage, ...], str]:
    """Return the stages of the debug variant and the name of the stage to build.

    A base with a debug tag is exchanged for it; one with a shell stays; else a stage `debug` on top of `final` brings
    busybox. ENTRYPOINT stays the program's own: the debug tags of distroless set /busybox/sh, which would swallow it.
    """
    final = stages[-1]
    if not any(one.keyword == "ENTRYPOINT" for one in final.instructions):
        raise ValueError(f"stage {final.name} has no ENTRYPOINT: a debug base would start its shell instead")
    mark = label(LABELS, _MARK)
    if base.debug_tag is not None and base.debug_reference is not None:
        first, *body = final.instructions
        reference = base.debug_reference
        first = replace(
            first,
            arguments=(reference, *first.arguments[1:]),
            reason=f"The debug image of the same base: it has a shell ({base.debug_shell or '/bin/sh'}).",
        )
        return (
            *stages[:-1],
            replace(final, base=reference, instructions=(first, *body, mark)),
        ), final.name or ""
    if base.shell:
        return (*stages[:-1], replace(final, instructions=(*final.instructions, mark))), final.name or ""
    tools = stage("shell", BUSYBOX, "A static shell and its tools, for the debug variant alone.", ())
    path = Instruction(
        "ENV", ('PATH="$PATH:/busybox"',), reason="Lets the tools be called by name, after the image's own."
    )
    debug = stage(
        "debug",
        final.name or "final",
        "The production image, unchanged; this base has no debug image of its own.",
        (
            copy("The shell is /busybox/sh; it needs no library.", "/bin/", "/busybox/", from_="shell"),
            path,
            mark,
        ),
    )
    return (*stages, tools, debug), "debug"
