"""Why a container did not start or ended, in words: from the engine's message, the exit code and the log.

Sources of the texts: runc and containerd (start errors), glibc's and musl's loaders, Node.js, CPython and Go run-times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.basics.escaping import visible

LOOKED_AT = 400  # lines


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`kind` is a stable word; `image` says whether the image is at fault rather than the app or its surroundings.

    `subject` is what the message is about, as it was said: a library, a path, a time zone, a user; empty where none was.
    """

    kind: str
    message: str
    image: bool
    subject: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    message: str
    image: bool = True


def _rule(kind: str, pattern: str, message: str, *, image: bool = True) -> _Rule:
    return _Rule(kind, re.compile(pattern), message, image)


# {0}, {1} are the pattern's groups. The first rule that fits wins, so the special stand before the general.
_START = (
    _rule(
        "no-shell",
        r"exec: \"(?:/(?:usr/)?bin/)?(?:ba|a|da)?sh\"|exec /bin/(?:ba|a|da)?sh: no such file",
        "It is started through a shell, and this image has none. Write ENTRYPOINT and CMD as JSON lists.",
    ),
    _rule(
        "wrong-platform",
        r"exec format error",
        "Its program is made for another processor than this machine's, or is a script without a #! line.",
    ),
    _rule(
        "not-executable",
        r"exec:? \"?([^\s\"]*)\"?:.*permission denied|exec ([^\s:]+): permission denied",
        "{0} may not be executed by the user that the image runs as.",
    ),
    _rule(
        "no-command",
        r"exec: \"\": ",
        "What it is to start is an empty word. Take it out of the command, or out of ENTRYPOINT.",
    ),
    _rule(
        "no-program",
        r"exec: \"([^\"]*)\": (?:executable file not found|stat .*no such file|.*no such file)",
        "There is no program {0} in the image.",
    ),
    _rule(
        "no-loader",
        r"exec (\S+): no such file or directory",
        "{0} is there, but what loads it is not: the C library it was linked to, or the interpreter of its #! line.",
    ),
    _rule(
        "no-user",
        r"unable to find user (\S+?):? |unable to find group (\S+?):? ",
        "The image runs as {0}, whom its /etc/passwd and /etc/group do not know. A numeric user needs no entry.",
    ),
    _rule(
        "no-folder",
        r"chdir to cwd \(\"([^\"]*)\"\).*permission denied",
        "Its user may not enter {0}, the folder it starts in.",
    ),
    _rule(
        "port-in-use",
        r"(?:[Bb]ind for|listen tcp\d?|host port(?: for)?) \S*?:(\d{1,5})\b.*(?:address already in use|port is already allocated)",
        "Port {0} of this machine is taken. Stop what uses it, or publish another one.",
        image=False,
    ),
    _rule(
        "low-port",
        r"cannot expose privileged port (\d+)",
        "This engine runs without root's rights and may not publish port {0}. Publish one above 1023.",
        image=False,
    ),
    _rule(
        "mount-mismatch",
        r"error mounting \"([^\"]+)\"[^\n]*not a directory",
        "{0} cannot be mounted where it should be: one of the two is a folder and the other a file. "
        "See whether it exists: an engine makes a folder of what is missing.",
        image=False,
    ),
    _rule(
        "no-device",
        r"custom device \"([^\"]+)\": no such file|could not select device driver \"\" with capabilities: \[\[(\w+)",
        "The engine's machine has no device {0}, or no driver that gives it to containers.",
        image=False,
    ),
    _rule(
        "no-network",
        r"[Nn]etwork ([\w.-]+) not found|[Cc]ould not find a network matching network mode ([\w.-]+)",
        "The network {0}, which it was made with, is gone. Make the container anew.",
        image=False,
    ),
    _rule(
        "no-neighbour",
        r"cannot join \w+ (?:namespace )?of a non[- ]running container: (?:container )?(\S+)|joining \w+ namespace of container: [^\n]*?(?:No such container: |container )(\S+)",
        "It shares what {0} has, and that does not run. Start that container first.",
        image=False,
    ),
    _rule(
        "port-in-use",
        r"address already in use|port is already allocated",
        "A port that it needs is taken on this machine.",
        image=False,
    ),
)
_LOG = (
    _rule(
        "no-loader",
        r"exec (\S+): no such file or directory",
        "{0} is there, but what loads it is not: the C library it was linked to, or the interpreter of its #! line.",
    ),
    _rule(
        "wrong-platform",
        r"exec format error",
        "Its program is made for another processor than this machine's, or is a script without a #! line.",
    ),
    _rule(
        "no-library",
        r"error while loading shared libraries: ([^\s:]+)|([\w.+-]+\.so[\w.]*): cannot open shared object file|Error loading shared library ([^\s:]+)",
        "The library {0} is not in the image.",
    ),
    _rule(
        "old-glibc",
        r"version [`'](GLIBC(?:XX)?_[\d.]+)' not found",
        "It was built with a newer C library than the image has: {0} is missing. Build on the same release.",
    ),
    _rule(
        "other-libc",
        r"Error relocating ([^\s:]+): \S+: symbol not found",
        "{0} was built for glibc, and this image has musl.",
    ),
    _rule(
        "no-tmp",
        r"No usable temporary directory found|could not find a temporary directory|Unable to create temp(?:Dir|orary (?:file|directory))|ENOENT[^\n]*?'(/tmp\b[^']*)'|Could not find a part of the path '(/tmp\b[^']*)'|path: \"(/tmp\b[^\"]*)\"[^\n]*NotFound|(/tmp\b[^\s:'\"]*)['\"]?: (?i:no such file or directory)",
        "There is no /tmp in the image, and it writes temporary files.",
    ),
    _rule(
        "no-passwd",
        r"getpwuid\(\): uid not found: (\d+)|user: unknown userid (\d+)|user: Current requires cgo or|uv_os_get_passwd returned ENOENT|cannot find name for user ID (\d+)|No user exists for uid (\d+)|could not look up (?:local|effective) user ID (\d+)",
        "It asks who it runs as, and the image's /etc/passwd has no entry for that user.",
    ),
    _rule(
        "no-fonts",
        r"Fontconfig head is null|Fontconfig error: Cannot load default config|sun\.awt\.FontConfiguration|OSError: cannot open resource|(/usr/share/fonts[^\s:'\"]*)['\"]?: (?i:no such file or directory)|(?i:\bno fonts? (?:was |were |is |are )?(?:found|available|installed))",
        "It draws text, and there is no font in the image.",
    ),
    _rule(
        "no-certificates",
        r"certificate signed by unknown authority|x509: failed to load system roots|unable to get local issuer certificate|CERTIFICATE_VERIFY_FAILED",
        "HTTPS fails: the certificates of the authorities are not in the image, or lack the one that is used.",
    ),
    _rule(
        "no-time-zones",
        r"unknown time zone ([\w/+-]+)|No time zone found with key ([\w/+-]+)",
        "The time zone {0} is not in the image.",
    ),
    _rule(
        "no-module",
        r"No module named '?([\w.]+)'?|Cannot find (?:module|package) '([^']+)'",
        "The module {0} is not in the image.",
    ),
    _rule(
        "windows-line-ends",
        r"\b([\w.+-]+)\\r['\u2019\"]?: No such file",
        "A script that starts {0} has Windows line ends. Save it with LF alone (.gitattributes: *.sh text eol=lf).",
    ),
    _rule(
        "no-class",
        r"Could not find or load main class ([\w.$/]+)",
        "The class {0}, which it is to start, is not on the class path.",
    ),
    _rule(
        "no-shell",
        r"spawn (?:/bin/)?(?:ba|a)?sh ENOENT|FileNotFoundError: .*'/bin/(?:ba|a)?sh'|exec: \"(?:ba|a)?sh\": executable file not found|/bin/(?:ba)?sh: no such file",
        "The app starts a shell, and this image has none.",
    ),
    _rule(
        "no-program",
        r"exec: \"([^\"]+)\": executable file not found|spawn (\S+) ENOENT|([\w./-]+): (?:command )?not found",
        "The app starts {0}, which is not in the image.",
    ),
    _rule(
        "read-only",
        r"(/[^\s:'\"]+)['\"]?(?:: | failed \(30: )(?i:read-only file ?system)|(?i:read-only file ?system|EROFS)[^\n]*?(/[^\s:'\"]+)|(?i:read-only file ?system)|EROFS",
        "It writes to {0}, and its root file system is read-only: give it a volume there.",
    ),
    _rule(
        "low-port",
        r"listen\w* (?:tcp|EACCES)[^\n]*?:(\d{1,4})\b[^\n]*permission denied|EACCES: permission denied [\d.:]*:(\d{1,4})\b",
        "It may not listen on port {0} as this user. Listen on a port above 1023.",
    ),
    _rule(
        "port-in-use",
        r"(?:listen|bind)[^\n]*?:(\d{2,5})\b[^\n]*address already in use|EADDRINUSE[^\n]*?:(\d{2,5})\b|(?i:address already in use)",
        "Port {0} is taken inside the container: something there listens on it already.",
        image=False,
    ),
    _rule(
        "too-many-processes",
        r"(?i:cannot fork|can't fork|can't start new thread|pthread_create failed|unable to create native thread|fork[^\n]{0,40}resource temporarily unavailable)",
        "It may start no more processes or threads: its limit is reached (--pids-limit).",
        image=False,
    ),
    _rule(
        "no-permission",
        r"\"(/[^\"]+)\" failed \(13: Permission denied|(?:open|mkdir|unlink|rename|scandir|access|stat) '?(/[^\s:']+)'?: (?i:permission denied)|(?:EACCES|Permission denied)[^\n]*?'(/[^']+)'|(?i:permission denied):? '?(/[^\s:']+)|(/[^\s:'\"]+): (?i:permission denied)|kind: PermissionDenied",
        "Its user may not use {0}: that belongs to somebody else in the image.",
    ),
    _rule(
        "out-of-memory",
        r"JavaScript heap out of memory|java\.lang\.OutOfMemoryError|MemoryError\b|runtime: out of memory",
        "It ran out of memory.",
        image=False,
    ),
)
_LISTENS_INSIDE = re.compile(r"(?<![\d.])(?:127\.0\.0\.1|localhost|\[::1\]):(\d{2,5})\b")


# {} is the subject. Of these kinds something can be done in the Dockerfile: recipes.fixes.
_IN_SHORT = {
    "no-tmp": "no /tmp",
    "no-certificates": "no certificates",
    "no-time-zones": "no time zones",
    "no-passwd": "no passwd entry",
    "no-permission": "{} not writable",
    "no-library": "no {}",
    "no-fonts": "no font",
    "no-shell": "no shell",
    "no-program": "no {}",
    "not-executable": "{} not executable",
    "no-user": "no user {}",
}


def in_short(found: Diagnosis) -> str:
    """Return the cause in two or three words, for a table's cell; the whole message where there are none."""
    words = _IN_SHORT.get(found.kind)
    if words is None or ("{}" in words and not found.subject):
        return found.message
    return words.format(found.subject.rpartition("/")[2] if found.kind == "no-library" else found.subject)


def of_start(message: str) -> Diagnosis:
    """Return why the engine could not start it."""
    found = _first(_START, message)
    return found or Diagnosis("not-started", f"It could not be started: {visible(message, 300)}", image=True)


def of_log(log: Sequence[str]) -> Diagnosis | None:
    """Return what the newest lines of the log tell; None if nothing that is known."""
    lines = log[-LOOKED_AT:]
    for rule in _LOG:
        for line in reversed(lines):
            found = _apply(rule, line)
            if found is not None:
                return found
    return None


def on_read_only(found: Diagnosis) -> Diagnosis:
    """Return what a failure means where the root file system is read-only: a /tmp that cannot be written looks like one that lacks."""
    if found.kind != "no-tmp":
        return found
    message = (
        "It writes temporary files to /tmp, and its root file system is read-only: give it a volume there."
    )
    return Diagnosis("read-only", message, found.image, "/tmp")  # noqa: S108 - a place inside of the image


def of_end(exit_code: int, *, oom: bool, log: Sequence[str]) -> Diagnosis:
    """Return why it ended by itself."""
    if oom:
        return Diagnosis(
            "out-of-memory", "The kernel ended it: it used more memory than it may.", image=False
        )
    found = of_log(log)
    if found is not None:
        return found
    last = next((line.strip() for line in reversed(log) if line.strip()), "")
    said = f" Its last line was: {visible(last, 200)}" if last else " It wrote nothing."
    if exit_code == 139:
        return Diagnosis("crashed", f"It crashed (SIGSEGV).{said}", image=True)
    if exit_code == 137:
        return Diagnosis("killed", f"It was killed (SIGKILL).{said}", image=False)
    if exit_code == 255:
        # moby, daemon/daemon.go, restore: so an engine marks what ran when it ended without stopping it.
        words = "It ended with exit code 255: its program says so, or the engine itself ended while it ran."
        return Diagnosis("ended", f"{words}{said}", image=False)
    return Diagnosis("ended", f"It ended with exit code {exit_code}.{said}", image=False)


def of_silence(port: int, seconds: float, log: Sequence[str]) -> Diagnosis:
    """Return why it runs and nothing answers on the port."""
    for line in reversed(log[-LOOKED_AT:]):
        match = _LISTENS_INSIDE.search(line)
        if match and int(match.group(1)) == port:
            return Diagnosis(
                "listens-inside",
                f"It listens on {match.group()} alone, which nothing outside of the container reaches. Listen on 0.0.0.0.",
                image=False,
            )
    found = of_log(log)
    if found is not None:
        return found
    return Diagnosis(
        "no-answer", f"It runs, but nothing answered on port {port} in {seconds:.0f} s.", image=False
    )


def _first(rules: Sequence[_Rule], text: str) -> Diagnosis | None:
    for rule in rules:
        found = _apply(rule, text)
        if found is not None:
            return found
    return None


def _apply(rule: _Rule, text: str) -> Diagnosis | None:
    match = rule.pattern.search(text)
    if match is None:
        return None
    groups = [group for group in match.groups() if group]
    words = visible(groups[0], 120) if groups else "a file"
    message = rule.message.format(words)
    if rule.kind == "port-in-use" and not groups:
        message = message.replace("Port a file", "A port")
    subject = visible(groups[0], 200) if groups else ""
    return Diagnosis(rule.kind, message, rule.image, subject)
