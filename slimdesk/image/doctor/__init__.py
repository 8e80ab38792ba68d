"""Whether an image is likely to run, told without starting it: one rule per file, each `find(patient)`, listed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from slimdesk.basics.finding import SEVERITIES
from slimdesk.image.doctor import (
    architecture,
    arguments,
    certificates,
    crlf,
    health,
    interpreter,
    libraries,
    native_modules,
    ports,
    program,
    temporary,
    time_zones,
    user,
    working_dir,
)
from slimdesk.image.doctor.patient import Patient, Rule, Symptom

RULES: tuple[Rule, ...] = (
    program.find,
    crlf.find,
    interpreter.find,
    architecture.find,
    libraries.find,
    native_modules.find,
    arguments.find,
    user.find,
    working_dir.find,
    temporary.find,
    certificates.find,
    time_zones.find,
    ports.find,
    health.find,
)

Runs = Literal["likely", "unlikely", "unknown"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """runs: unlikely if an error was found, unknown if something that matters could not be looked at. symptoms: gravest first."""

    runs: Runs
    symptoms: tuple[Symptom, ...]


def examine(patient: Patient) -> Diagnosis:
    """Ask every rule. Blocking; raises what reading the image's files raises."""
    if (patient.platform or "linux").partition("/")[0] not in ("linux", ""):
        return Diagnosis("unknown", ())
    symptoms = sorted(
        (one for rule in RULES for one in rule(patient)),
        key=lambda one: SEVERITIES.index(one.finding.severity),
    )
    runs: Runs = "likely"
    if any(one.doubt for one in symptoms):
        runs = "unknown"
    if any(one.finding.severity == "error" for one in symptoms):
        runs = "unlikely"
    return Diagnosis(runs, tuple(symptoms))
