"""A script whose lines end as on Windows: its interpreter is looked for with an invisible CR at its name's end."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom
from slimdesk.image.doctor.scripts import scripts


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield an error for each such script that is started."""
    for script in scripts(patient):
        if script.crlf:
            name = visible(script.path, 120)
            message = f"The lines of {name} end with CR LF: it asks for a program named {visible(script.program, 80)} and CR, which is not there"
            fix = "Save it with LF, and add `*.sh text eol=lf` to .gitattributes"
            yield Symptom(Finding("script-crlf", "error", message, path=name, fix=fix), patient.keyword)
