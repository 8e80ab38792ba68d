"""Where the same container runs in a cluster: asked once, so that the kubectl line can be run as it stands."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QLineEdit, QWidget

from slimdesk.debug.kubectl import PodTarget
from slimdesk.ui.dialogs import finished
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Text

# What a kubelet writes on the containers that it makes.
_LABEL = "io.kubernetes."
UNKNOWN_POD = "POD"


def known_pod(labels: Mapping[str, str], user: str) -> PodTarget:
    """Return the pod that a kubelet made the container for; POD and CONTAINER, to be filled in, where none did."""
    pod = labels.get(f"{_LABEL}pod.name", "")
    namespace = labels.get(f"{_LABEL}pod.namespace", "")
    return PodTarget(
        pod or UNKNOWN_POD,
        labels.get(f"{_LABEL}container.name", "") or "CONTAINER",
        "" if namespace == "default" else namespace,
        user,
    )


async def ask_pod(parent: QWidget, known: PodTarget) -> PodTarget | None:
    """Ask for pod, container and namespace; None if the person leaves it."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("The same container in a cluster")
    dialog.setAccessibleName("The same container in a cluster")
    dialog.setMinimumWidth(460)
    filled = known.pod != UNKNOWN_POD
    fields = {
        "Pod": QLineEdit(known.pod if filled else ""),
        "Container": QLineEdit(known.container if filled else ""),
        "Namespace": QLineEdit(known.namespace),
    }
    fields["Namespace"].setPlaceholderText("default")
    restricted = QCheckBox("The pod may not run as root (runAsNonRoot, or a restricted namespace)")
    restricted.setChecked(known.restricted)
    form = QFormLayout()
    form.setSpacing(8)
    for label, field in fields.items():
        field.setAccessibleName(label)
        form.addRow(Text(label), field)
    accept = PrimaryButton("Take it", clicked=dialog.accept)
    accept.setDefault(True)

    def check() -> None:
        words = [fields[label].text().strip() for label in ("Pod", "Container")]
        accept.allow(all(words), "Name the pod and the container")

    for field in fields.values():
        field.textChanged.connect(check)
    check()
    dialog.setLayout(
        column(
            Text("The same container in a cluster", "section"),
            Text("kubectl get pods shows the names.", "body", "text2", wrap=True),
            form,
            restricted,
            row(1, Button("Cancel", clicked=dialog.reject), accept, margins=(0, 8, 0, 0)),
            margins=20,
            spacing=8,
        )
    )
    fields["Pod"].setFocus(Qt.FocusReason.OtherFocusReason)
    if not await finished(dialog):
        return None
    pod, container, namespace = (field.text().strip() for field in fields.values())
    return PodTarget(
        pod, container, "" if namespace == "default" else namespace, known.user, restricted.isChecked()
    )
