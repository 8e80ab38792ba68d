"""What reads a script, and what loads a program, is there."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom
from slimdesk.image.doctor.scripts import scripts


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield an error for each interpreter and loader that is missing."""
    programs = []
    for script in scripts(patient):
        name = visible(script.path, 120)
        if not patient.is_file(script.interpreter):
            missing = script.interpreter
        elif script.program != script.interpreter and patient.command(script.program) is None:
            missing = script.program
        else:
            programs.append(patient.command(script.program) or script.interpreter)
            continue
        if script.crlf:
            # The rule about line ends says so, with a better cure.
            continue
        message = f"{name} is a script for {visible(missing, 120)}, which is not in the image"
        fix = "Start the program itself, or choose a family with a shell"
        yield Symptom(Finding("interpreter-missing", "error", message, path=name, fix=fix), patient.keyword)
    programs += [path for words in patient.chain if (path := patient.command(words[0]))]
    for path in dict.fromkeys(programs):
        elf = patient.elf(path)
        if elf is None or elf.interpreter is None or patient.is_file(elf.interpreter):
            continue
        name, loader = visible(path, 120), visible(elf.interpreter, 120)
        libc = "musl" if "musl" in elf.interpreter else "glibc"
        message = f"{name} is linked against {libc}: it is loaded by {loader}, which is not in the image"
        fix = f"Link it statically, or choose a family with {libc}"
        yield Symptom(Finding("loader-missing", "error", message, path=name, fix=fix), patient.keyword)
