"""A time zone that is set is known in the image."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom
from slimdesk.image.starting import variable

_FOLDER = "/usr/share/zoneinfo"
_UTC = ("UTC", "Etc/UTC", "GMT", "")
_BRINGS = (b"time/tzdata",)


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield a warning where TZ names a zone that is not there, a word where there is no zone at all."""
    zone = (variable(patient.config, "TZ") or "").removeprefix(":")
    fix = "Install tzdata, or COPY /usr/share/zoneinfo from the build stage"
    if zone not in _UTC and not zone.startswith("/") and not any(sign in zone for sign in ",+-0123456789"):
        if patient.real(f"{_FOLDER}/{zone}") is None:
            message = f"TZ is {visible(zone, 60)}, which is not in {_FOLDER}: the clock says UTC"
            yield Symptom(Finding("time-zone-missing", "warning", message, path=_FOLDER, fix=fix), "ENV")
        return
    if patient.real(_FOLDER) is None and not any(_brings(patient, words[0]) for words in patient.chain):
        message = "There are no time zones: a program that asks for one by name gets an error or UTC"
        yield Symptom(Finding("no-time-zones", "info", message, path=_FOLDER, fix=fix))


def _brings(patient: Patient, word: str) -> bool:
    path = patient.command(word)
    body = patient.body(path) if path else None
    return body is not None and any(sign in body for sign in _BRINGS)
