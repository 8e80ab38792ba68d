"""What the Go recipe reads from a component, made safe for the place where it is written."""

from __future__ import annotations

import re
from typing import Any

from slimdesk.basics.escaping import shell_word, slug
from slimdesk.catalog.model import BaseImage
from slimdesk.project.model import Component, Fact

# More COPY lines than this are worse to read than a download that is repeated.
MAX_MODULES = 12

# Words that mean themselves to COPY, the shell and the go command alike.
PLAIN = re.compile(r"[A-Za-z0-9_@+][A-Za-z0-9_@+=,./-]*", re.ASCII)
_PATTERN = re.compile(r"[A-Za-z0-9_.@+*?][A-Za-z0-9_.@+*?/-]*", re.ASCII)
_LOOKS_SECRET = (".pem", ".key", ".env")

# What busybox (Alpine) and Debian's essential packages both have.
_BASIC_TOOLS = frozenset(
    [
        "awk",
        "base64",
        "basename",
        "cat",
        "chmod",
        "chown",
        "cp",
        "cut",
        "date",
        "dd",
        "df",
        "diff",
        "dirname",
        "du",
        "echo",
        "egrep",
        "env",
        "expr",
        "false",
        "find",
        "grep",
        "gunzip",
        "gzip",
        "head",
        "hostname",
        "id",
        "install",
        "kill",
        "ln",
        "ls",
        "md5sum",
        "mkdir",
        "mktemp",
        "mount",
        "mv",
        "nproc",
        "printf",
        "pwd",
        "readlink",
        "realpath",
        "rm",
        "rmdir",
        "sed",
        "sh",
        "sha256sum",
        "sleep",
        "sort",
        "stat",
        "sync",
        "tail",
        "tar",
        "tee",
        "test",
        "timeout",
        "touch",
        "tr",
        "true",
        "uname",
        "uniq",
        "wc",
        "whoami",
        "xargs",
        "yes",
        "zcat",
    ]
)
# What buildpack-deps:trixie-scm and the Go image add to them (their Dockerfiles).
_FULL_TOOLS = frozenset(
    [
        "bash",
        "curl",
        "wget",
        "git",
        "hg",
        "svn",
        "ssh",
        "ps",
        "gcc",
        "g++",
        "make",
        "pkg-config",
        "go",
        "gofmt",
        "gpg",
        "openssl",
        "perl",
    ]
)


def copies_certificates(component: Component, base: BaseImage) -> bool:
    """Whether `base` lacks the authorities' certificates and the program may speak TLS: modules of others are not read."""
    if "ca-certificates" not in base.lacks:
        return False
    told = component.value("ca_certificates")
    if isinstance(told, bool):
        return told
    reaches = any(component.fact(key) is not None for key in ("network", "requires", "import"))
    return reaches or component.port is not None or component.value("cgo") is True


def copies_time_zones(component: Component, base: BaseImage) -> bool:
    """Whether the program asks for time zones that neither it nor `base` holds."""
    asks = component.value("time_zones") is True and component.value("time_zones_embedded") is not True
    return asks and "time-zones" in base.lacks


def missing_programs(component: Component, base: BaseImage) -> tuple[Fact, ...]:
    """Return the facts of programs that the component starts and that `base` does not hold."""
    held: frozenset[str] = _BASIC_TOOLS if base.shell else frozenset()
    if base.family in ("slim", "full"):
        held |= {"bash", "perl"}
    if base.family == "full":
        held |= _FULL_TOOLS
    found = [fact for fact in component.all("program") if str(fact.value).rsplit("/", 1)[-1] not in held]
    return tuple(found) if base.shell else (*component.all("shell"), *found)


def ignore_exceptions(component: Component) -> tuple[str, ...]:
    """Return exceptions for .dockerignore: what the program embeds or reads, though it looks like a secret."""
    found: dict[str, None] = {}
    for key in ("embed", "runtime_file"):
        for fact in component.all(key):
            base = component.folder
            if key == "embed" and fact.evidence is not None:
                # Patterns of go:embed are relative to the folder of the source file.
                folder = fact.evidence.path.rpartition("/")[0]
                base = (
                    folder if component.context == "." else folder.removeprefix(component.context).strip("/")
                )
            for word in str(fact.value).split():
                path = f"{base}/{word}" if base else word
                if word.endswith(_LOOKS_SECRET) and _PATTERN.fullmatch(path) and ".." not in path.split("/"):
                    found[f"!{path}"] = None
    return tuple(found)


def build_flags(component: Component, tags: str = "") -> str:
    """Return flags of go build that the project causes, each followed by a blank."""
    locked = any(component.value(key) for key in ("lock_file", "vendored", "workspace"))
    # Without a go.sum the build must be allowed to write one; a workspace refuses the flag.
    unlocked = component.value("requires") is not None and not locked
    return ("-mod=mod " if unlocked else "") + (f"-tags={shell_word(tags)} " if tags else "")


def build_tags(component: Component, *, musl: bool) -> str:
    """Return the build tags, joined by commas; `musl`: C code is linked to Alpine's library."""
    tags = [str(component.value("build_tags") or "")]
    # confluent-kafka-go brings two static libraries and picks the musl one by this tag (its README).
    if musl and any("confluent-kafka-go" in str(fact.value) for fact in component.all("cgo_module")):
        tags.append("musl")
    return ",".join(tag for tag in tags if tag)


def package_argument(component: Component) -> str:
    """Return the package to compile: an import path, or a folder that begins with ./ as the go command wants it."""
    value: Any = component.value("package")
    if not isinstance(value, str) or not value:
        return "."
    path = value == "." or value.startswith("./") or ("." in value.split("/")[0] and value[0] not in "-.")
    return shell_word(value if path else f"./{value}")


def change_folder(inside: str) -> str:
    """Return the flag of the go command that enters the module's folder, which lies below the context."""
    return f" -C {shell_word(inside)}" if inside else ""


def binary_name(component: Component) -> str:
    """Return a file name without surprises: the entry point's, else the fact's, else the component's."""
    words = component.entrypoint or ()
    name = words[0].rsplit("/", 1)[-1] if words else component.value("binary")
    return slug(str(name or component.name))


def start_arguments(component: Component) -> tuple[str, ...]:
    """Return what the program is started with, after its own name."""
    return (component.entrypoint or ())[1:]


def module_files(component: Component) -> dict[str, list[str]]:
    """Return the files that decide which modules are needed, by folder, relative to the context.

    Empty where there are none, too many for a readable Dockerfile, or a name that COPY would not take as it is: the
    modules are then downloaded while compiling.
    """
    found: dict[str, list[str]] = {}
    above = "" if component.context in (".", "") else f"{component.context}/"
    for fact in component.all("module_file"):
        path = str(fact.value)
        inside = path.removeprefix(above)
        if not path.startswith(above) or not PLAIN.fullmatch(inside) or ".." in inside.split("/"):
            return {}
        found.setdefault(inside.rpartition("/")[0], []).append(inside)
    return found if component.value("requires") is not None and len(found) <= MAX_MODULES else {}
