"""What a health check starts is in the image; else the container is never healthy."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom

_SHELL = "/bin/sh"


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield a warning where its shell or its program is missing."""
    check = patient.config.healthcheck
    if not check or check[0] not in ("CMD", "CMD-SHELL") or len(check) < 2:
        return
    word = check[1]
    fix = "Let the program check itself, or leave the check to who runs it"
    if check[0] == "CMD-SHELL":
        shell = (patient.config.shell or (_SHELL,))[0]
        if patient.command(shell) is None:
            message = (
                f"The health check needs {visible(shell, 60)}, which is not in the image: it never succeeds"
            )
            yield Symptom(Finding("health-check-missing", "warning", message, fix=fix), "HEALTHCHECK")
            return
        try:
            word = shlex.split(check[1])[0]
        except (ValueError, IndexError):
            return
        if not word.replace("-", "").replace("_", "").replace("/", "").replace(".", "").isalnum():
            return
        if (
            word in ("test", "exit", "true", "exec", "if", "for", "while", "set", "echo", "cat")
            and "/" not in word
        ):
            return
    if patient.command(word) is None:
        message = (
            f"The health check starts {visible(word, 100)}, which is not in the image: it never succeeds"
        )
        yield Symptom(Finding("health-check-missing", "warning", message, fix=fix), "HEALTHCHECK")
