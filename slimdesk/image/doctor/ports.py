"""A port under 1024 is for root alone, except where the engine says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom

_FIRST_FREE = 1024


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield a warning for each such port that a user who is not root is to listen on."""
    if patient.user.uid in (0, None):
        return
    for port in patient.config.exposed_ports[:20]:
        number = port.partition("/")[0]
        if number.isdecimal() and 0 < int(number[:10]) < _FIRST_FREE:
            who = visible(patient.config.user, 60)
            message = (
                f"Port {number} is under {_FIRST_FREE}, and user {who} is not root: Docker 20.10 and later let it listen, "
                "other engines need NET_BIND_SERVICE or net.ipv4.ip_unprivileged_port_start"
            )
            yield Symptom(
                Finding("low-port", "warning", message, fix="Listen on a port such as 8080"), "EXPOSE"
            )
