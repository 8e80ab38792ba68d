"""What the image starts is there, is a file, and may be executed by who runs it."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom

# What a shell knows itself.
_BUILT_IN = frozenset(("exec", "cd", "echo", "exit", "export", "set", ".", "source", "eval", "true", "false", "test", "[", "sleep", "trap", "umask", "wait", "while", "for", "if", "until", "case"))  # fmt: skip


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield one error at most: the first command of the chain that cannot start."""
    if not patient.words:
        message = "The image says nothing to start (neither ENTRYPOINT nor CMD)"
        finding = Finding(
            "no-command", "warning", message, fix="Add an ENTRYPOINT, or name a command at each start"
        )
        yield Symptom(finding, "ENTRYPOINT", doubt=True)
        return
    for number, words in enumerate(patient.chain):
        word = words[0]
        name = visible(word, 120)
        path = patient.command(word)
        if path is None:
            if number and word in _BUILT_IN:
                return
            where = "is not in the image" if "/" in word else "is in no folder of PATH"
            yield _error("entrypoint-missing", f"{name} is to be started, but {where}", patient, name)
            return
        node = patient.stat(path)
        if node is not None and node.is_folder:
            yield _error("entrypoint-missing", f"{name} is to be started, but it is a folder", patient, name)
            return
        if node is None or not node.mode & 0o111:
            message = f"{name} is to be started, but nobody may execute it"
            yield _error("entrypoint-not-executable", message, patient, name, f"COPY --chmod=0755 for {name}")
            return
        barred = patient.barred(path)
        if barred is not None or patient.may(path, 1) is False:
            who = visible(patient.config.user, 60)
            why = f"may not enter {visible(barred, 120)}" if barred else "may not execute it"
            fix = f"COPY --chmod=0755, or --chown={who}, and keep it out of another's home"
            yield _error(
                "entrypoint-not-permitted",
                f"{name} is to be started, but user {who} {why}",
                patient,
                name,
                fix,
            )
            return


def _error(
    rule: str, message: str, patient: Patient, path: str, fix: str = "Correct the path, or COPY the file"
) -> Symptom:
    return Symptom(Finding(rule, "error", message, path=path, fix=fix), patient.keyword)
