"""The first line of a script: which program reads it (execve(2), Interpreter scripts)."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.image.doctor.patient import Patient

_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Script:
    """path: of the script. interpreter: what its first line names. argument: the word behind it. crlf: the line ends in CR LF."""

    path: str
    interpreter: str
    argument: str
    crlf: bool

    @property
    def program(self) -> str:
        """What reads it in the end: behind `env` the word that it looks up."""
        if self.interpreter.rpartition("/")[2] != "env":
            return self.interpreter
        words = [word for word in self.argument.split() if not word.startswith("-") and "=" not in word]
        return words[0] if words else self.interpreter


def scripts(patient: Patient) -> list[Script]:
    """Return those of the started programs that are scripts."""
    found = []
    for words in patient.chain:
        path = patient.command(words[0])
        one = script_at(patient, path) if path else None
        if one is not None:
            found.append(one)
    return found


def script_at(patient: Patient, path: str) -> Script | None:
    """Return a file's first line, if that names a program."""
    body = patient.body(path)
    if body is None or body[:2] != b"#!":
        return None
    line = body[2:_LONGEST].split(b"\n", 1)[0]
    words = line.strip().decode("utf-8", "replace").split(None, 1)
    if not words:
        return None
    return Script(path, words[0], words[1] if len(words) > 1 else "", line.endswith(b"\r"))
