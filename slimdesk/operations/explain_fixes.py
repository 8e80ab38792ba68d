"""What helps against a failure of a container that runs here, added to the sentence that says why."""

from __future__ import annotations

from dataclasses import replace

from slimdesk.debug.causes import of_exit_code
from slimdesk.verify.diagnose import Diagnosis

# Kinds that are not here have what helps in their own sentence.
_FIXES = {
    "no-program": "Name it by its path in the image; what stands behind the image in `docker run` replaces its CMD.",
    "no-library": "Copy it in from the stage that builds, or choose a family that has it.",
    "other-libc": "Build it on Alpine, or choose a family with glibc.",
    "no-tmp": "Give it one in memory (--tmpfs /tmp), or copy a folder there.",
    "no-certificates": "Copy /etc/ssl/certs/ca-certificates.crt in, or choose a family that has it.",
    "no-time-zones": "Copy /usr/share/zoneinfo in, or choose a family that has it.",
    "no-passwd": "Copy an /etc/passwd with that user in, or run it as a user that the image has.",
    "no-fonts": "Copy a font and /etc/fonts in, or choose the slim family and install one.",
    "no-module": "See whether it is among the dependencies that the image installs, and whether they were copied.",
    "no-class": "See whether the jar or the folder of classes was copied, and whether -cp and the class are right.",
    "no-folder": "Give the folder to that user in the image (COPY --chown), or name another WORKDIR.",
    "no-permission": "Give it to that user in the image (COPY --chown), or mount a volume there that the user may write.",
}
_OUT_OF_MEMORY = of_exit_code(137, oom=True).fix.replace("Raise the memory limit", "Give it more (--memory)")
# Exit codes that say more than that there was an error; 137 and 139 have words of their own.
_TELLING = (126, 127, 128, 130, 134, 143)


def with_fix(found: Diagnosis, exit_code: int | None = None) -> Diagnosis:
    """Return a diagnosis whose sentence also says what helps, and what its exit code means where the log told nothing."""
    if found.kind == "ended" and exit_code in _TELLING:
        means = of_exit_code(exit_code)
        words = found.message.replace(
            f"It ended with exit code {exit_code}.",
            means.message.replace("Exit code", "It ended with exit code", 1),
            1,
        )
        return replace(found, message=words)
    if found.kind == "out-of-memory":
        return replace(found, message=f"{found.message} {_OUT_OF_MEMORY}")
    if found.kind == "crashed":
        fix = of_exit_code(139).message.partition(". ")[2]
        return replace(found, message=f"{found.message} {fix}")
    fix = _FIXES.get(found.kind, "")
    return replace(found, message=f"{found.message} {fix}") if fix else found
