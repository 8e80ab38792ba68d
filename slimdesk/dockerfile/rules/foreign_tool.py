"""Programs of another system: apt-get on Alpine, apk on Debian, useradd where only adduser is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import Command, commands, first_program, installed
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.view import StageView, View

RULE = "foreign-tool"

_DEBIAN_ONLY = ("apt-get", "apt", "dpkg", "apt-key", "add-apt-repository")
_ALPINE_ONLY = ("apk",)
_APK, _APT = "apk add --no-cache …", "apt-get install -y …"
_RED_HAT = ("yum", "dnf", "microdnf", "rpm")


def check(view: View) -> Iterator[Finding]:
    """An error for the first such command of a RUN."""
    for stage in view.stages:
        libc, official = stage.facts.libc, stage.facts.shell is True and stage.image is not None
        if not official or libc not in ("glibc", "musl") or _red_hat(stage):
            continue
        # Wolfi has Debian's C library and Alpine's programs.
        system = "Wolfi" if _wolfi(stage) else "Alpine" if libc == "musl" else "Debian"
        for run in stage.own("RUN"):
            found = next(
                (one for command in commands(run) if (one := _foreign(command, system, stage))), None
            )
            if found is not None:
                message, fix = found
                yield Finding(RULE, "error", message, line=run.line, fix=fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The words of the system's own adduser and useradd."""
    run = view.at(finding.line)
    if run is None:
        return ()
    if finding.fix in (_APK, _APT):
        return _other_manager(run, lines, finding.fix)
    if "addgroup -S" in (finding.fix or ""):
        return lines.substituted(run, r"\b(?:useradd|groupadd)\b[^&;\n\\]*", _busybox)
    if "useradd --system" in (finding.fix or ""):
        return lines.substituted(run, r"\b(?:adduser|addgroup)\b[^&;\n\\]*", _debian)
    return ()


def _other_manager(run: Instruction, lines: Lines, fix: str) -> tuple[Edit, ...]:
    """The same packages by the system's own manager, where the RUN does nothing else."""
    names: list[str] = []
    for command in commands(run):
        found = installed(command)
        if found is not None:
            names.extend(found[1])
        elif first_program(command) not in (*_DEBIAN_ONLY, *_ALPINE_ONLY, *_RED_HAT, "rm", ""):
            return ()
    if not names:
        return (lines.removed(run),)
    words = " ".join(dict.fromkeys(names))
    if fix == _APK:
        return (lines.replaced(run, f"RUN apk add --no-cache {words}"),)
    install = (
        f"apt-get update && apt-get install -y --no-install-recommends {words} && rm -rf /var/lib/apt/lists/*"
    )
    return (lines.replaced(run, f"RUN {install}"),)


def _foreign(command: Command, system: str, stage: StageView) -> tuple[str, str] | None:
    tool = first_program(command)
    if system != "Debian":
        if tool in (*_DEBIAN_ONLY, *_RED_HAT):
            return f"There is no {tool} on {system}: its package manager is apk", _APK
        if tool in ("useradd", "groupadd", "usermod") and "shadow" not in stage.installed:
            fix = "addgroup -S app && adduser -S -G app app"
            return f"There is no {tool} on {system}: busybox has adduser and addgroup", fix
        return None
    if tool in (*_ALPINE_ONLY, *_RED_HAT):
        return f"There is no {tool} on this system: its package manager is apt-get", _APT
    flags = {word for word in command.words if re.fullmatch(r"-[A-Za-z]{1,3}", word)}
    if tool in ("adduser", "addgroup") and any(flag in flags for flag in ("-S", "-D", "-G", "-g", "-H")):
        return (
            f"{' '.join(command.words[:3])} is busybox's way, which Debian's {tool} does not know",
            "useradd --system app",
        )
    return None


def _wolfi(stage: StageView) -> bool:
    image = stage.image
    return image is not None and (image.name.startswith("cgr.dev/") or image.last == "wolfi-base")


def _red_hat(stage: StageView) -> bool:
    name = stage.image.last if stage.image else ""
    tag = (stage.image.tag or "") if stage.image else ""
    return (
        name in ("centos", "fedora", "rockylinux", "almalinux", "amazoncorretto")
        or "ubi" in tag
        or "oracle" in tag
    )


def _name(text: str) -> str:
    words = [word for word in text.split()[1:] if not word.startswith(("-", "/")) and not word.isdigit()]
    return words[-1] if words else "app"


def _busybox(match: re.Match[str]) -> str:
    text = match[0]
    end = " " if text.endswith(" ") else ""
    if text.startswith("groupadd"):
        return f"addgroup -S {_name(text)}{end}"
    group = re.search(r"(?:-g|--gid)[= ](\w+)", text)
    return f"adduser -S {f'-G {group[1]} ' if group and not group[1].isdigit() else ''}{_name(text)}{end}"


def _debian(match: re.Match[str]) -> str:
    text = match[0]
    end = " " if text.endswith(" ") else ""
    words = text.split()
    if text.startswith("addgroup"):
        return f"groupadd --system {_name(text)}{end}"
    group = next((words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-G", "-SG", "-DG")), None)
    # adduser USER GROUP
    plain = [
        word
        for word in words[1:]
        if not word.startswith("-") and word != group and not word.startswith("/") and not word.isdigit()
    ]
    return f"useradd --system {f'--gid {group} ' if group else ''}{plain[-1] if plain else 'app'}{end}"
