"""The debug variant: the same image with a shell and the same entry point, as a target `debug` beside the production one."""

from __future__ import annotations

from dataclasses import replace

from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, label, stage
from slimdesk.dockerfile.model import Instruction, Stage

# Static (musl), so that it runs where there is no C library.
BUSYBOX = "busybox:1-musl"
DEBUG = "debug"
LABELS = {"io.slimdesk.debug": "true"}
_MARK = "Marks the debug variant, so that a check can keep it out of production."


def with_shell(stages: tuple[Stage, ...], base: BaseImage) -> tuple[tuple[Stage, ...], str]:
    """Return the stages with a last one named `debug`, and that name; `final`, the production image, stays as it is.

    A base with a debug tag: the instructions of `final` once more, on that tag. One with a shell: `final` itself, marked.
    Else `final` with a static busybox. ENTRYPOINT stays the program's own: the debug tags of distroless set /busybox/sh,
    which would swallow it.
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
            arguments=(reference, "AS", DEBUG),
            reason=f"The same image on the base's debug tag, which has a shell ({base.debug_shell or '/bin/sh'}); "
            "`--target final` builds the one for production.",
        )
        return (*stages, Stage((first, *body, mark), DEBUG, reference, final.platform)), DEBUG
    if base.shell:
        reason = "The production image itself: it has a shell; `--target final` builds it without this mark."
        return (*stages, stage(DEBUG, final.name or "final", reason, (mark,))), DEBUG
    tools = stage("shell", BUSYBOX, "A static shell and its tools, for the debug variant alone.", ())
    path = Instruction(
        "ENV", ('PATH="$PATH:/busybox"',), reason="Lets the tools be called by name, after the image's own."
    )
    debug = stage(
        DEBUG,
        final.name or "final",
        "The production image, unchanged (`--target final` builds it alone); its base has no debug image.",
        (
            copy("The shell is /busybox/sh; it needs no library.", "/bin/", "/busybox/", from_="shell"),
            path,
            mark,
        ),
    )
    return (*stages, tools, debug), DEBUG
