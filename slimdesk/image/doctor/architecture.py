"""What is started is made for the platform that the image is for."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom

# Processors that run the programs of others too.
_ALSO = {"amd64": ("386",), "arm64": ("arm",), "mips64le": ("mips",), "mips64": ("mips",), "mipsle": ("mips",), "ppc64": ("ppc64le",)}  # fmt: skip


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield an error for a program of another architecture."""
    platform = (patient.platform or "").split("/")
    wanted = platform[1] if len(platform) > 1 else patient.config.architecture
    if not wanted:
        return
    for words in patient.chain:
        path = patient.command(words[0])
        elf = patient.elf(path) if path else None
        if path is None or elf is None or elf.architecture in (wanted, *_ALSO.get(wanted, ())):
            continue
        name = visible(path, 120)
        message = f"{name} is made for {visible(elf.architecture, 40)}, the image for {visible(wanted, 40)}"
        fix = "Build it for TARGETARCH, or build the image for the program's platform"
        yield Symptom(Finding("wrong-architecture", "error", message, path=name, fix=fix), patient.keyword)
        return
