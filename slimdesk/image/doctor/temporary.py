"""There is a folder for temporary files that the user may write to."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom
from slimdesk.image.starting import variable


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield a warning where there is none."""
    if variable(patient.config, "TMPDIR"):
        return
    real = patient.real("/tmp")  # noqa: S108 - the image's, not ours
    node = None if real is None else patient.stat(real)
    fix = "COPY --chown=65532:65532 an empty folder to /tmp, or mount one (`--tmpfs /tmp`)"
    if real is None or node is None or not node.is_folder:
        message = "There is no /tmp: a program that writes temporary files fails"
        yield Symptom(Finding("no-tmp", "warning", message, path="/tmp", fix=fix))  # noqa: S108
    elif patient.may(real, 2) is False:
        message = "The user may not write to /tmp: a program that writes temporary files fails"
        yield Symptom(Finding("tmp-not-writable", "warning", message, path="/tmp", fix=fix))  # noqa: S108
