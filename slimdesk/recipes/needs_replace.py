"""What to write instead of a call that an image cannot answer: the same without a shell, curl or their like.

Sources: Kubernetes v1.34 API reference (probes, lifecycle handlers: sleep since 1.30 by default, grpc since 1.27),
Compose specification (healthcheck, depends_on), JDK 17 launcher (JAVA_TOOL_OPTIONS, JVM Tool Interface).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from slimdesk.catalog.programs import package_with
from slimdesk.project.model import Call
from slimdesk.project.shell import BUILTINS, SHELLS, Command, Script, handed_over, read_script, started_by
from slimdesk.recipes.needs_addresses import address_of, asking_words, port_of, port_of_address, seconds_of
from slimdesk.recipes.needs_commands import VENV, Inside

# Tasks that another container, the orchestrator or the build can take over.
_BEFORE_START = (
    "wait",
    "migrate",
    "assets",
    "template",
    "owner",
    "secrets",
    "file",
    "print",
    "sleep",
    "tcp",
    "service",
    "http",
    "folder",
)


def exec_form(words: tuple[str, ...]) -> str:
    """Return words as the JSON list of exec form."""
    return json.dumps(list(words), ensure_ascii=False)


def subject(call: Call) -> str:
    """Return what a call is and where it stands, to begin a sentence."""
    what = {
        "entrypoint": "The start",
        "arguments": "The command",
        "healthcheck": "The health check",
        "probe": "The probe",
        "post-start": "The hook after the start",
        "pre-stop": "The hook before the stop",
        "init": "The step before the start",
        "process": "The process",
        "exec": "The command from outside",
    }[call.kind]
    return f"{what} ({call.evidence})" if call.evidence else what


def replacement(call: Call, inside: Inside, missing: tuple[str, ...]) -> str | None:
    """Return what does the same in this image; None if nothing that is known does."""
    script = read_script(call.script) if call.script is not None else None
    if call.kind == "exec":
        found = _from_outside(call, inside, script)
    elif call.kind in ("healthcheck", "probe"):
        found = _check(call, inside, script)
    elif call.kind in ("pre-stop", "post-start"):
        found = _hook(call, inside, script)
    else:
        found = _start(call, inside, script, missing)
    return found or _with_packages(inside, missing)


def _check(call: Call, inside: Inside, script: Script | None) -> str | None:
    text = call.script or " ".join(call.words)
    tasks = set(call.tasks)
    kubernetes = call.source == "kubernetes"
    if "grpc" in tasks:
        port = port_of(text, inside) or 50051
        if kubernetes:
            return f"grpc: {{port: {port}}} (Kubernetes asks itself, since 1.27)"
        return "Copy grpc_health_probe into the image: it is one static program, and is called in exec form"
    if "http" in tasks:
        return _http(call, inside, text)
    if "tcp" in tasks:
        return _tcp(call, inside, text)
    if "process" in tasks:
        return "Leave it out: a container ends when its process does" + (
            "; httpGet tells whether it still answers" if kubernetes else ""
        )
    if "service" in tasks:
        return "Ask the database in the health check of its own container; this one only tells whether the program answers"
    if tasks & {"file", "print"} and tasks <= {"file", "print"}:
        return _file(call, inside, text)
    return _plain_command(call, inside, script)


def _http(call: Call, inside: Inside, text: str) -> str:
    url = address_of(text, inside)
    if call.source == "kubernetes":
        return _http_get(url, inside)
    probe = asking_words(url, inside)
    if probe is None:
        return (
            f"Let the program answer a health check argument of its own, or copy a static probe: COPY --from=busybox:1-musl /bin/busybox "
            f"/usr/bin/wget, and {_test(call, ('/usr/bin/wget', '-q', '-O', '/dev/null', url))}"
        )
    return _test(call, probe)


def _http_get(url: str, inside: Inside) -> str:
    parts = urlsplit(url)
    scheme = ", scheme: HTTPS" if parts.scheme == "https" else ""
    return f"httpGet: {{path: {parts.path or '/'}, port: {port_of_address(url) or inside.component.port or 80}{scheme}}} (Kubernetes asks itself)"


def _tcp(call: Call, inside: Inside, text: str) -> str:
    port = port_of(text, inside) or inside.component.port or 80
    if call.source == "kubernetes":
        return f"tcpSocket: {{port: {port}}} (Kubernetes connects itself)"
    interpreter, profile = inside.interpreter(), inside.component.profile
    if interpreter is not None and profile == "python":
        return _test(
            call, (interpreter, "-c", f"import socket; socket.create_connection(('127.0.0.1', {port}), 3)")
        )
    if interpreter is not None and profile == "node":
        code = f"require('net').connect({port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"
        return _test(call, (interpreter, "-e", code))
    if inside.programs.has("nc"):
        return _test(call, ("nc", "-z", "127.0.0.1", str(port)))
    return f"Copy a static probe: COPY --from=busybox:1-musl /bin/busybox /usr/bin/nc, and {_test(call, ('/usr/bin/nc', '-z', '127.0.0.1', str(port)))}"


def _file(call: Call, inside: Inside, text: str) -> str:
    match = re.search(r"(/[\w./-]+)", text.replace("/bin/sh", "").replace("/bin/cat", ""))
    path = match.group(1) if match else "/tmp/healthy"  # noqa: S108 - the path that Kubernetes' own examples use
    interpreter, profile = inside.interpreter(), inside.component.profile
    if interpreter is not None and profile == "python":
        return _test(call, (interpreter, "-c", f"import os, sys; sys.exit(not os.path.exists('{path}'))"))
    if interpreter is not None and profile == "node":
        return _test(call, (interpreter, "-e", f"process.exit(require('fs').existsSync('{path}') ? 0 : 1)"))
    how = "with httpGet" if call.source == "kubernetes" else "with a health check argument of its own"
    return f"Let the program say that it is well over HTTP instead of a file, and ask it {how}"


def _test(call: Call, words: tuple[str, ...]) -> str:
    if call.source == "compose":
        return f"test: {exec_form(('CMD', *words))}"
    if call.source == "dockerfile":
        return f"HEALTHCHECK CMD {exec_form(words)}"
    return f"exec: {{command: {exec_form(words)}}}"


def _hook(call: Call, inside: Inside, script: Script | None) -> str | None:
    text = call.script or " ".join(call.words)
    tasks = set(call.tasks) - {"print"}
    kubernetes = call.source == "kubernetes"
    parts: list[str] = []
    if "sleep" in tasks and kubernetes:
        parts.append(f"sleep: {{seconds: {seconds_of(text)}}} (Kubernetes waits itself, since 1.30)")
    if "http" in tasks and kubernetes:
        parts.append(_http_get(address_of(text, inside), inside).removesuffix(" (Kubernetes asks itself)"))
    if "sleep" in tasks and not kubernetes:
        parts.append("A longer stop_grace_period, while the program ends its work after SIGTERM")
    signal = "signal" in tasks or re.search(r"nginx -s (?:quit|stop)|kill\b", text) is not None
    if signal:
        parts.append(
            "Leave the signal out: the program is process 1 and gets SIGTERM by itself; STOPSIGNAL in the Dockerfile names another"
        )
    if parts and tasks <= {"sleep", "http", "signal"} and len({"sleep", "http"} & tasks) < 2:
        return "; ".join(parts)
    if parts and tasks <= {"sleep", "http", "signal"}:
        return f"{parts[0]}; a hook does one thing, so let the program do the rest when it gets SIGTERM"
    if not tasks:
        return (
            "Leave it out: it only prints, or changes nothing"
            if "print" in call.tasks
            else _plain_command(call, inside, script)
        )
    if tasks & {"migrate", "owner", "template", "wait"}:
        return "; ".join(_before_start(call, inside, script))
    return _plain_command(call, inside, script)


def _from_outside(call: Call, inside: Inside, script: Script | None) -> str | None:
    if script is None or not script.commands:
        words = started_by(call.words)[0]
        if words and words[0].rsplit("/", 1)[-1] in SHELLS:
            if inside.has_shell:
                return "sh, which is there"
            return "slimdesk debug CONTAINER, or kubectl debug: a shell beside the container, which needs none inside"
    found = _plain_command(call, inside, script)
    if found:
        return found
    if not inside.has_shell:
        return "slimdesk debug CONTAINER, or kubectl debug: it brings the tools beside the container and sees its files and processes"
    return None


def _plain_command(call: Call, inside: Inside, script: Script | None) -> str | None:
    """Return one command in exec form, where a shell or another path is all that it is in want of."""
    if script is not None:
        commands = [one for one in script.commands if one.program not in BUILTINS]
        if (
            len(commands) != 1
            or call.file is not None
            or script.features & {"pipe", "substitution", "control", "glob"}
        ):
            return None
        words = commands[0].words
    else:
        words = started_by(call.words)[0]
    there = inside.command(words)
    if there is None:
        return None
    return _as_start(call, _without_variables(call, there))


def _without_variables(call: Call, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words with $NAME as the orchestrator fills it in: $(NAME) in Kubernetes."""
    if call.source != "kubernetes":
        return words
    return tuple(re.sub(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)(?::?-[^}]*)?\}?", r"$(\1)", word) for word in words)


def _as_start(call: Call, words: tuple[str, ...]) -> str:
    form = exec_form(words)
    if call.kind in ("healthcheck", "probe"):
        return _test(call, words)
    if call.source == "kubernetes":
        return f"exec: {{command: {form}}}" if call.kind in ("pre-stop", "post-start") else f"command: {form}"
    if call.source == "compose":
        return f"command: {form}" if call.kind in ("pre-stop", "post-start") else f"entrypoint: {form}"
    if call.kind == "exec":
        return " ".join(
            word if re.fullmatch(r"[\w@%+=:,./-]+", word) else json.dumps(word, ensure_ascii=False)
            for word in words
        )
    if call.source == "dockerfile":
        return f"ENTRYPOINT {form}"
    if call.source == "script":
        return f"--entrypoint {words[0]}, and behind the image's name: {' '.join(words[1:])}".removesuffix(
            ", and behind the image's name: "
        )
    return form


def _start(call: Call, inside: Inside, script: Script | None, missing: tuple[str, ...]) -> str | None:
    """Return how to start the same without a shell: what happens before goes elsewhere, the program starts in exec form."""
    if call.stands_for is not None:
        # npm run worker -> node dist/worker.js
        commands = [one for one in read_script(call.stands_for).commands if one.program not in BUILTINS]
        ran = inside.command(commands[0].words) if len(commands) == 1 else None
        if ran is not None and not set(call.tasks) - {"manager"}:
            return _as_start(call, ran)
    if script is None:
        there = inside.command(started_by(call.words)[0])
        return (
            _as_start(call, there) if there is not None and not call.tasks else _steps(call, inside, None, ())
        )
    if inside.has_shell:
        return _with_shell(call, inside, script, missing)
    return _steps(call, inside, script, _uncovered(missing, call, inside))


def _with_shell(call: Call, inside: Inside, script: Script, missing: tuple[str, ...]) -> str | None:
    """Return what an image with a shell needs besides: packages, and the environment on PATH."""
    others = tuple(name for name in missing if not inside.in_environment(name))
    found = []
    if others:
        packages = _with_packages(inside, others)
        if packages is None:
            return _steps(call, inside, script, _uncovered(others, call, inside))
        found.append(packages)
    if len(others) < len(missing):
        found.append(f"Set PATH={VENV}:/usr/local/bin:/usr/bin:/bin in the container's environment")
    return "; ".join(found)


@dataclass(frozen=True, slots=True)
class _Last:
    """The program that a script starts in the end, as the image calls it; `known` False: the script does not say."""

    words: tuple[str, ...]
    known: bool


def _steps(call: Call, inside: Inside, script: Script | None, uncovered: tuple[str, ...]) -> str | None:
    if uncovered or {"schedule", "supervisor"} & set(call.tasks):
        return _several_processes(call)
    before = _before_start(call, inside, script)
    last = _last(call, inside, script)
    if last is None:
        return None
    if call.kind == "init" or ("migrate" in call.tasks and last.words == () and script is not None):
        return "; ".join(before) or None
    if last.words and last.known:
        before.append(_as_start(call, _without_variables(call, last.words)))
    elif inside.argv:
        before.append(f"Exec form: {exec_form(inside.argv)}")
    before += _about_variables(call, script)
    return "; ".join(dict.fromkeys(before)) or None


def _several_processes(call: Call) -> str | None:
    if {"schedule", "supervisor"} & set(call.tasks):
        return "Give each process a container of its own, each with one program in exec form" + (
            "; a CronJob starts what runs at certain times" if "schedule" in call.tasks else ""
        )
    return None


def _last(call: Call, inside: Inside, script: Script | None) -> _Last | None:
    """Return the program that is started in the end; None if it is not in the image under any name."""
    if script is None:
        words = started_by(call.words)[0]
        there = inside.command(words)
        return _Last(there, known=True) if there else None
    if "hands-over" in script.features:
        rest = _after_file(call)
        there = inside.command(rest) if rest else inside.argv
        return _Last(there or (), known=there is not None) if there or not rest else None
    commands = [one for one in script.commands if one.program not in BUILTINS and not _is_before(one)]
    if not commands:
        return _Last((), known=False)
    chosen = next((one for one in reversed(commands) if one.execs), commands[-1])
    there = inside.command(chosen.words)
    return _Last(there, known=True) if there else None


def _after_file(call: Call) -> tuple[str, ...]:
    """Return the words behind the script's name: what `exec "$@"` starts."""
    name = call.file.rsplit("/", 1)[-1] if call.file else ""
    at = next((at for at, word in enumerate(call.words) if word.rsplit("/", 1)[-1] == name), None)
    return handed_over(call.words[at:]) if at is not None else ()


def _is_before(command: Command) -> bool:
    from slimdesk.project.calls_tasks import tasks_of

    found = set(tasks_of(Script((command,), (), frozenset()), " ".join(command.words)))
    return bool(found & set(_BEFORE_START))


def _uncovered(missing: tuple[str, ...], call: Call, inside: Inside) -> tuple[str, ...]:
    """Return the programs that no advice does without."""
    script = read_script(call.script or "")
    covered = {one.program for one in script.commands if _is_before(one)}
    return tuple(
        name
        for name in missing
        if name not in SHELLS
        and name not in covered
        and inside.command((name,)) is None
        and not _starts_others(name)
    )


def _starts_others(name: str) -> bool:
    return name in ("tini", "dumb-init", "exec", "env", "nohup", "timeout", "time", "catatonit", "set")


def _before_start(call: Call, inside: Inside, script: Script | None) -> list[str]:
    """Return who does what a script does before the program starts."""
    kubernetes, tasks = call.source == "kubernetes", call.tasks
    found = []
    if {"wait", "service", "tcp"} & set(tasks) or ("http" in tasks and call.kind in ("entrypoint", "init")):
        found.append(
            "Waiting: an init container, or let the program try again"
            if kubernetes
            else "Waiting: depends_on with condition: service_healthy (Compose), an init container (Kubernetes), or let the program try again"
        )
    if "migrate" in tasks:
        command = _migration(inside, script, call)
        what = f" with {exec_form(command)}" if command else ""
        where = (
            "an init container or a Job"
            if kubernetes
            else "a service of its own that ends before this one starts (Compose), an init container or a Job"
        )
        found.append(f"Migrations: {where}{what}")
    if "assets" in tasks:
        found.append("Collecting files: a step of the build")
    if "template" in tasks:
        found.append(
            "The configuration file: let the program read the variables from ENV, or mount the finished file"
        )
    if "owner" in tasks:
        found.append(
            "Owners and users: COPY --chown and USER in the Dockerfile"
            + ("; fsGroup for volumes" if kubernetes else "")
        )
    if "secrets" in tasks:
        found.append("Secrets: let the program read the file that a variable names")
    if "folder" in tasks:
        found.append(f"The folder: {'workingDir' if kubernetes else 'WORKDIR, or working_dir in Compose'}")
    if "sleep" in tasks and "wait" not in tasks:
        found.append("The pause: leave it out, and let a probe say when the program is ready")
    return found


def _migration(inside: Inside, script: Script | None, call: Call) -> tuple[str, ...] | None:
    from slimdesk.project.calls_tasks import tasks_of

    for command in script.commands if script else (Command(started_by(call.words)[0], 1),):
        if "migrate" in tasks_of(Script((command,), (), frozenset()), " ".join(command.words)):
            return inside.command(command.words)
    return None


def _about_variables(call: Call, script: Script | None) -> list[str]:
    names = [
        name
        for name in call.variables
        if not name[:1].isdigit() and name not in ("@", "*", "#", "?", "$", "!", "-")
    ]
    if "java-options" in call.tasks:
        return ["JAVA_TOOL_OPTIONS instead of JAVA_OPTS: the JVM reads it itself"]
    if not names or script is None or call.file is not None:
        return []
    if call.source == "kubernetes":
        return [f"$({names[0]}) is filled in by Kubernetes, without a shell"]
    return [
        f"Nobody expands ${names[0]} without a shell: let the program read it from ENV, or write the value"
    ]


def _with_packages(inside: Inside, missing: tuple[str, ...]) -> str | None:
    """Return the packages that bring what is missing; only Debian's can be added to an image without a shell."""
    manager = inside.base.package_manager
    distroless = inside.base.family == "distroless" and inside.base.codename is not None
    if manager is None and distroless and not set(missing) & SHELLS:
        manager = "apt"
    packages = [package_with(name, manager) for name in missing]
    if not packages or None in packages:
        return None
    names = ", ".join(dict.fromkeys(str(name) for name in packages))
    return (
        f"Add the package {names} to the image"
        if len(set(packages)) == 1
        else f"Add the packages {names} to the image"
    )
