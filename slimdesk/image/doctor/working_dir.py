"""The working directory is a folder that the user may enter."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield an error where it is a file or barred, a word where it is missing: engines make it then, for root."""
    folder = patient.config.working_dir
    if not folder or folder == "/":
        return
    name = visible(folder, 120)
    real = patient.real(folder)
    node = None if real is None else patient.stat(real)
    if real is None or node is None:
        message = f"The working directory {name} is not in the image: the engine makes it, for root"
        yield Symptom(
            Finding("working-dir-missing", "info", message, path=name, fix="Make it with WORKDIR"), "WORKDIR"
        )
    elif not node.is_folder:
        message = f"The working directory {name} is no folder: nothing can be started in it"
        yield Symptom(
            Finding("working-dir-no-folder", "error", message, path=name, fix="Correct WORKDIR"), "WORKDIR"
        )
    elif patient.barred(real) or patient.may(real, 1) is False:
        who = visible(patient.config.user, 60)
        message = f"User {who} may not enter the working directory {name}"
        fix = "COPY --chown, or RUN chmod a+rx on the way to it in the build stage"
        yield Symptom(Finding("working-dir-barred", "error", message, path=name, fix=fix), "WORKDIR")
