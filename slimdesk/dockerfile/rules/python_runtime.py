"""Python packages that the final image's own Python will not find, or cannot load."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import command_text
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.view import StageView, View

RULE = "python-runtime"

# gcr.io/distroless/python3-debian13 and -debian12: Debian's own Python.
_DISTROLESS = {"13": "3.13", "12": "3.11", "": "3.13"}


def check(view: View) -> Iterator[Finding]:
    """Errors for another Python than the one that the packages were installed with, and for a venv's own programs."""
    final = view.final
    if (
        final.image is None
        or not final.image.last.startswith("python3-debian")
        or "distroless" not in final.image.name
    ):
        return
    version = _DISTROLESS.get(final.image.last.removeprefix("python3-debian"), "3.13")
    for member in final.members:
        for use in view.uses[member]:
            if use.stage is None or not 0 <= use.stage < len(view.stages):
                continue
            builder = view.stages[use.stage]
            built = _version(builder)
            if built is None:
                continue
            takes = any(
                re.search(r"site-packages|venv|/deps|/packages|/install|/\.local", word)
                for word in use.instruction.arguments
            )
            if takes and built != version:
                message = f"The packages were installed by Python {built}, and the final image has {version}: what is compiled does not load"
                fix = f"FROM python:{version}-slim-trixie for the stage {builder.stage.name or builder.index}"
                yield Finding(RULE, "error", message, line=builder.first.line, fix=fix)
                break
    # A venv on the path that the final image has too is made on purpose.
    if any("/usr/bin/python3" in command_text(run) for stage in view.stages[:-1] for run in stage.own("RUN")):
        return
    start = final.last("ENTRYPOINT") or final.last("CMD")
    if (
        start is not None
        and start.form == "exec"
        and start.arguments
        and re.search(r"venv/bin/|/opt/\w+/bin/", start.arguments[0])
    ):
        message = f"{start.arguments[0]} points to the Python of the stage that made it, which is not in the final image"
        program = start.arguments[0].rpartition("/")[2]
        rest = start.arguments[1:]
        words = (
            ("/usr/bin/python3.13", *rest)
            if program.startswith("python")
            else ("/usr/bin/python3.13", "-m", program, *rest)
        )
        listed = ", ".join(f'"{word}"' for word in words)
        yield Finding(
            RULE,
            "error",
            message,
            line=start.line,
            fix=f"ENTRYPOINT [{listed}], with PYTHONPATH on the site-packages",
        )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The same Python in both stages; the interpreter of the image, which is told where the packages are."""
    one = view.at(finding.line)
    fix = finding.fix or ""
    if one is None:
        return ()
    if fix.startswith("FROM "):
        return lines.substituted(one, re.escape(one.arguments[0]), fix.split()[1], 1)
    words = fix.removesuffix(", with PYTHONPATH on the site-packages")
    start = one.arguments[0].partition("/bin/")[0]
    return (lines.replaced(one, f"ENV PYTHONPATH={start}/lib/python3.13/site-packages\n{words}"),)


def _version(stage: StageView) -> str | None:
    if stage.image is None or short_name(stage.image) != "python":
        return None
    number = re.match(r"3\.\d+", stage.image.tag or "")
    return number[0] if number else None
