"""What a language's program is to run is there: python main.py, java -jar app.jar, dotnet App.dll."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom

# Program -> options that are followed by something else than a file; None among them: the rest is no file either.
_RUN = re.compile(r"(python[\d.]*|node|nodejs|ruby[\d.]*|php[\d.]*|perl|dotnet|deno|bun|java)")
_WITH_A_WORD = {
    "python": ("-W", "-X", "--check-hash-based-pycs"),
    "node": ("-r", "--require", "--import", "--loader", "--env-file", "-C", "--conditions"),
    "ruby": ("-r", "-I", "-E", "-C"),
    "php": ("-d", "-c", "-S", "-t", "-z"),
    "perl": ("-I",),
    "java": ("-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules", "--add-opens", "--add-exports"),
}  # fmt: skip
# With these the code comes from elsewhere: a module, a text, standard input.
_ELSEWHERE = {
    "python": ("-m", "-c", "-"),
    "node": ("-e", "--eval", "-p", "--print", "-", "--test", "--run"),
    "ruby": ("-e", "-"),
    "php": ("-r", "-S", "-a", "-i", "-v"),
    "perl": ("-e", "-E", "-"),
    "java": ("-m", "--module", "-version", "--version"),
}
_SUBCOMMANDS = ("run", "serve", "exec")


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield an error for a program's file that is not there."""
    for words in patient.chain:
        name = posixpath.basename(words[0])
        match = _RUN.fullmatch(name)
        if match is None:
            continue
        kind = re.sub(r"[\d.]+$", "", name).replace("nodejs", "node")
        word = _file(kind, list(words[1:]))
        if word is None or _there(patient, kind, word):
            continue
        path = visible(_absolute(patient, word), 160)
        message = f"{visible(words[0], 80)} is to run {visible(word, 120)}, which is not in the image"
        fix = f"COPY it to {path}, or correct the path"
        yield Symptom(Finding("program-file-missing", "error", message, path=path, fix=fix), patient.keyword)
        return


def _file(kind: str, rest: list[str]) -> str | None:
    """Return the word that names a file to be run; None if there is none, or it cannot be told."""
    if kind == "java":
        if "-jar" in rest[:-1]:
            return rest[rest.index("-jar") + 1]
        return None
    if kind in ("deno", "bun"):
        if not rest or rest[0] not in _SUBCOMMANDS:
            return None
        rest = rest[1:]
    while rest:
        word = rest.pop(0)
        if word in _ELSEWHERE.get(kind, ()):
            return None
        if word in _WITH_A_WORD.get(kind, ()):
            rest = rest[1:]
        elif not word.startswith("-"):
            return _told(kind, word)
    return None


def _told(kind: str, word: str) -> str | None:
    if kind == "dotnet" and not word.endswith((".dll", ".exe")):
        return None
    if kind == "bun" and "." not in word and "/" not in word:
        # A script of package.json.
        return None
    return None if "://" in word or word.startswith(("npm:", "jsr:")) or "$" in word else word


def _absolute(patient: Patient, word: str) -> str:
    return word if word.startswith("/") else posixpath.join(patient.config.working_dir or "/", word)


def _there(patient: Patient, kind: str, word: str) -> bool:
    path = _absolute(patient, word)
    real = patient.real(path)
    if real is not None:
        # python and node run a folder too (__main__.py, package.json).
        return True
    # Node.js completes a name (nodejs.org/api/modules.html, File modules).
    return kind == "node" and any(
        patient.real(f"{path}{ending}") for ending in (".js", ".mjs", ".cjs", ".json")
    )
