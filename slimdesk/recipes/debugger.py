"""A language's debugger on the debug target: JDWP, Node's and Deno's inspector, debugpy, Delve. Production has none of it.

Sources: JDWP agent (docs.oracle.com, "Java Debug Wire Protocol", JDK 21: `address=*:PORT` listens everywhere), nodejs.org
"Debugging", docs.deno.com "Debugging your code", debugpy's README, Delve's Documentation/usage/dlv_exec.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.compose import copy, entrypoint, env, expose, label, run, stage
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.recipes.model import Options

LABEL_PORT = "io.slimdesk.debugger-port"
TOOLS = "debugger"
_PYTHON = re.compile(r"(?:^|/)python(?:3(?:\.\d+)?)?$")
# The newest in 2026-11; `latest` would change under a Dockerfile that was saved.
DELVE = "v1.27.2"
_DELVE_OPTIONS = ("--headless", "--listen=:2345", "--api-version=2", "--accept-multiclient", "--continue")
_STRIPPED = re.compile(r'-ldflags="-s -w([^"]*)"')


@dataclass(frozen=True, slots=True)
class Debugger:
    """What is added: stages before `debug`, instructions at its end, the port, and how to attach."""

    name: str
    port: int
    attach: str
    body: tuple[Instruction, ...] = ()
    stages: tuple[Stage, ...] = ()


def with_debugger(
    stages: tuple[Stage, ...], profile: str, options: Options
) -> tuple[tuple[Stage, ...], tuple[Finding, ...]]:
    """Return the stages with the debugger on `debug` (the last one), and a finding that says how to attach, or why not."""
    maker = _MAKERS.get(profile)
    found = maker(stages, options) if maker is not None else f"SlimDesk knows no debugger for {profile}"
    if isinstance(found, str):
        return stages, (
            Finding(
                "debugger",
                "warning",
                f"No debugger was added: {found}.",
                fix="The debug variant has a shell all the same",
            ),
        )
    debug = stages[-1]
    port = expose(
        found.port, f"{found.name} listens here; publish it on 127.0.0.1 alone: whoever reaches it runs code."
    )
    mark = label({LABEL_PORT: str(found.port)}, "Tells where the debugger listens.")
    started = any(one.keyword == "ENTRYPOINT" for one in found.body)
    kept = [one for one in debug.instructions if not started or one.keyword not in ("ENTRYPOINT", "CMD")]
    debug = replace(debug, instructions=(*kept, *found.body, port, mark))
    finding = Finding(
        "debugger",
        "info",
        f"{found.name} listens on port {found.port} of the debug target. Run it with "
        f"docker run -p 127.0.0.1:{found.port}:{found.port}, then attach: {found.attach}",
    )
    return (*stages[:-1], *found.stages, debug), (finding,)


def _java(stages: tuple[Stage, ...], _options: Options) -> Debugger | str:
    if any(
        "jlink" in " ".join(one.arguments)
        for made in stages
        for one in made.instructions
        if one.keyword == "RUN"
    ):
        return "the program's own runtime (jlink) leaves out the module jdk.jdwp.agent"
    agent = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005"
    body = env("Java reads this itself; suspend=y would wait for the debugger.", JAVA_TOOL_OPTIONS=agent)
    return Debugger("Java's debugger (JDWP)", 5005, "jdb -attach localhost:5005", (body,))


def _node(stages: tuple[Stage, ...], _options: Options) -> Debugger | str:
    words = _words(stages)
    program = words[0].rpartition("/")[2] if words else ""
    if program == "node":
        body: Instruction = env("Node.js reads this itself.", NODE_OPTIONS="--inspect=0.0.0.0:9229")
        return Debugger("Node's inspector", 9229, "node inspect localhost:9229, or chrome://inspect", (body,))
    if program == "deno" and len(words) > 1 and words[1] in ("run", "serve"):
        started = (*words[:2], "--inspect=0.0.0.0:9229", *words[2:])
        return Debugger("Deno's inspector", 9229, "chrome://inspect", _started(stages, started))
    return f"{program or 'the entry point'} has no inspector that SlimDesk knows"


def _python(stages: tuple[Stage, ...], options: Options) -> Debugger | str:
    words = _words(stages)
    if not words or not _PYTHON.search(words[0]):
        return "the entry point is not python"
    names = {one.name for one in stages}
    made = next((one for one in stages[:-1] if "python" in one.base and one.base not in names), None)
    if made is None or made.name == "final":
        return "no stage of the build has Python's package installer"
    users = [one for one in made.instructions if one.keyword == "USER"][:1]
    mounts = ("type=cache,target=/root/.cache/pip",) if options.cache_mounts else ()
    tools = stage(
        TOOLS,
        made.base,
        "Fetches debugpy for the Python that the program runs on; for the debug variant alone.",
        (*users, run("Into a folder of its own, so that the program's packages stay as they are.",
                     "python -m pip install --target=/debugpy debugpy", mounts=mounts)),
    )  # fmt: skip
    body = (
        copy("Brings debugpy.", "/debugpy", "/debugpy", from_=TOOLS),
        Instruction(
            "ENV", ('PYTHONPATH="/debugpy:$PYTHONPATH"' if _sets(stages, "PYTHONPATH") else 'PYTHONPATH="/debugpy"',),
            reason="Lets Python find debugpy.",
        ),
        *_started(stages, (words[0], "-Xfrozen_modules=off", "-m", "debugpy", "--listen", "0.0.0.0:5678", *words[1:])),
    )  # fmt: skip
    attach = 'in VS Code a launch configuration with "type": "debugpy", "request": "attach", "connect": {"host": "localhost", "port": 5678}'
    return Debugger("debugpy", 5678, attach, body, (tools,))


def _go(stages: tuple[Stage, ...], _options: Options) -> Debugger | str:
    words = _words(stages)
    build = next((one for one in stages if one.name == "build"), None)
    compiled = build.instructions[-1] if build is not None else None
    if compiled is None or not words or "go build" not in " ".join(compiled.arguments):
        return "the program is not compiled in the stage build"
    if "CGO_ENABLED=0" not in " ".join(compiled.arguments) or build is None or build.platform is not None:
        return "Delve is built for a program without C code, and for this machine's own platform"
    command = (
        _STRIPPED.sub(r'-gcflags="all=-N -l" -ldflags="\1"', compiled.arguments[0])
        .replace("-trimpath ", "")
        .replace('-ldflags="" ', "")
    )
    flags = tuple(flag.removeprefix("--mount=") for flag in compiled.flags if flag.startswith("--mount="))
    tools = stage(
        TOOLS,
        "build",
        "Compiles the program once more, with what a debugger needs; for the debug variant alone.",
        (
            run(
                "Fetches Delve, static, so that it runs where there is no C library; then compiles without optimisation, with "
                "symbols and the paths of the sources.",
                f"CGO_ENABLED=0 go install github.com/go-delve/delve/cmd/dlv@{DELVE}",
                command,
                mounts=flags,
            ),
        ),
    )
    program = words[0]
    built = re.search(r"-o (/out/\S+)", compiled.arguments[0])
    if built is None:
        return "where the program is compiled to is not known"
    delve = ("/dlv", "exec", program, *_DELVE_OPTIONS, "--")
    body = (
        copy("Brings Delve.", "/go/bin/dlv", "/dlv", from_=TOOLS),
        copy("The program with symbols in place of the small one.", built.group(1), program, from_=TOOLS),
        # Delve writes its settings into the home folder, and falls silent where there is none.
        env("Lets Delve start where the user has no home folder.", XDG_CONFIG_HOME="/tmp"),  # noqa: S108
        *_started(stages, (*delve, *words[1:])),
    )
    return Debugger("Delve", 2345, "dlv connect localhost:2345", body, (tools,))


_MAKERS: dict[str, Callable[[tuple[Stage, ...], Options], Debugger | str]] = {
    "java": _java,
    "node": _node,
    "python": _python,
    "go": _go,
}


def _shipped(stages: tuple[Stage, ...]) -> tuple[Instruction, ...]:
    """All instructions that make the debug image, those of `final` first where it stands on it."""
    debug = stages[-1]
    below = next((one for one in stages if one.name == debug.base), None)
    return (*(below.instructions if below is not None else ()), *debug.instructions)


def _words(stages: tuple[Stage, ...]) -> tuple[str, ...]:
    found = [one.arguments for one in _shipped(stages) if one.keyword == "ENTRYPOINT" and one.form == "exec"]
    return found[-1] if found else ()


def _started(stages: tuple[Stage, ...], words: tuple[str, ...]) -> tuple[Instruction, ...]:
    """Return the ENTRYPOINT, and the CMD once more: a new ENTRYPOINT forgets the one below."""
    started = entrypoint(words, "The same program, started by its debugger.")
    commands = [one for one in _shipped(stages) if one.keyword == "CMD"]
    return (started, *commands[-1:])


def _sets(stages: tuple[Stage, ...], name: str) -> bool:
    return any(
        word.startswith(f"{name}=")
        for one in _shipped(stages)
        if one.keyword == "ENV"
        for word in one.arguments
    )
