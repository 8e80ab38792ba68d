"""The user is known in the image; a name alone does not do everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield an error for a user or group that the image does not know, else what is worth telling of it."""
    user = patient.user
    name = visible(patient.config.user, 80)
    if user.missing:
        what = visible(user.missing, 60)
        message = f"USER {name} cannot be found: {what} is not in /etc/{'group' if what.startswith('group ') else 'passwd'}"
        fix = "Take a number, such as USER 65532:65532, or COPY the file that names it"
        yield Symptom(Finding("user-missing", "error", message, path="/etc/passwd", fix=fix), "USER")
    elif user.uid == 0:
        message = "It runs as root: where root is forbidden (Kubernetes' runAsNonRoot) it is not started"
        yield Symptom(Finding("runs-as-root", "warning", message, fix="USER 65532:65532"), "USER")
    elif user.named:
        message = f"USER {name} is a name: Kubernetes' runAsNonRoot takes numbers alone"
        fix = f"USER {user.uid}:{user.gid}"
        yield Symptom(Finding("user-by-name", "warning", message, fix=fix), "USER")
