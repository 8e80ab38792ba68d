"""Files and folders that programs expect and an image lacks: /tmp, certificates, time zones, a passwd entry, a place to write."""

from __future__ import annotations

import posixpath

from slimdesk.basics.escaping import shell_word
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, env, run, user
from slimdesk.dockerfile.model import Instruction
from slimdesk.recipes.fixes_model import Ailing, Change, Put
from slimdesk.recipes.go import ZONE_ARCHIVE

_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_ZONES = "/usr/share/zoneinfo"
# An empty folder of every Debian and Alpine image (Filesystem Hierarchy Standard 3.0, 3.12), and of distroless static.
_EMPTY, _EMPTY_HOME = "/mnt", "/home/nonroot"
# Who has an entry in distroless static's /etc/passwd (its base/testdata/base.yaml).
_ENTRIES = frozenset({"0", "65532", "65534"})
_NOT_TO_BE_OPENED = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr")  # fmt: skip
# Of these a folder below is opened rather than they themselves (Filesystem Hierarchy Standard 3.0).
_SHARED = frozenset({"/var", "/var/lib", "/var/cache", "/var/log", "/var/run", "/var/spool", "/opt", "/srv", "/home", "/media", "/mnt"})  # fmt: skip


def temporary(ailing: Ailing) -> Change | None:
    """A folder /tmp that the user may write to."""
    if not ailing.lacks("tmp"):
        return None
    reason = "The program writes temporary files, and the image has no /tmp."
    made = _folder(ailing, "/tmp", reason)  # noqa: S108 - the image's, not ours
    return None if made is None else Change("Add /tmp", reason, (ailing.put(made),))


def certificates(ailing: Ailing) -> Change | None:
    """The certificates of authorities, from a stage that has them or from distroless static."""
    if not ailing.lacks("ca-certificates"):
        return None
    source = ailing.helper(_has_certificates) or ailing.static()
    if source is None:
        return None
    reason = "The program speaks HTTPS, and the image has no certificates of authorities to trust."
    line = copy(reason, _CERTIFICATES, posixpath.dirname(_CERTIFICATES) + "/", from_=source)
    return Change("Add the certificates of authorities", reason, (ailing.put(line),))


def time_zones(ailing: Ailing) -> Change | None:
    """The table of time zones: Go's own where Go compiled it, else distroless static's."""
    if not ailing.lacks("time-zones"):
        return None
    reason = "The program asks for a time zone, and the image has no table of them."
    title = "Add the time zones"
    compiler = ailing.helper(lambda image: "go" in image.serves)
    if compiler is not None:
        target = f"{_ZONES}.zip"
        lines = (copy(reason, ZONE_ARCHIVE, target, from_=compiler), env(reason, ZONEINFO=target))
        return Change(title, reason, (ailing.put(*lines),))
    source = ailing.static()
    if source is None:
        return None
    return Change(title, reason, (ailing.put(copy(reason, _ZONES, _ZONES, from_=source)),))


def passwd(ailing: Ailing) -> Change | None:
    """An entry for the user: distroless static's files where there are none, else a user who has one, or a new entry."""
    number = ailing.user.partition(":")[0]
    reason = "The program asks who it runs as, and /etc/passwd has no entry for that user."
    if ailing.lacks("passwd") and (ailing.on_scratch or ailing.base is not None):
        source = ailing.static()
        if source is None or (number not in _ENTRIES and not number.isdigit()):
            return None
        if number in _ENTRIES:
            line = copy(reason, "/etc/passwd", "/etc/group", "/etc/", from_=source)
            return Change("Add /etc/passwd and /etc/group", reason, (ailing.put(line),))
        return Change("Add /etc/passwd", reason, (ailing.put(_entry(number, reason)),))
    if ailing.base is not None and ailing.base.shell and number.isdigit():
        words = shell_word(f"app:x:{number}:{number}::/tmp:/sbin/nologin")
        return Change(
            "Add the user to /etc/passwd",
            reason,
            (ailing.put(*as_root(ailing, run(reason, f"echo {words} >> /etc/passwd"))),),
        )
    return _user_with_entry(ailing, reason)


def writable(ailing: Ailing) -> Change | None:
    """A folder, or a copied file, that the user may write to."""
    folder, owner = _folder_of(ailing.subject), ailing.owner
    if folder is None or owner is None:
        return None
    exact = _copied(ailing, ailing.subject)
    shown = ailing.subject if exact is not None else folder
    reason = f"The program writes to {shown}, which belongs to root, and it runs as {owner}."
    title = f"Let the user write to {shown}"
    if exact is not None:
        flags = tuple(flag for flag in exact.flags if not flag.startswith("--chown="))
        line = _flagged(exact, (*flags, f"--chown={owner}"))
        return Change(title, reason, (Put(exact.line, (line,), exact.end_line),))
    if ailing.base is not None and ailing.base.shell:
        word = shell_word(folder)
        made = run(reason, f"mkdir -p {word}", f"chown -R {owner} {word}")
        return Change(title, reason, (ailing.put(*as_root(ailing, made)),))
    # Made first: what is copied into it later leaves the folder's owner alone.
    line_or_none = _folder(ailing, folder, reason)
    return None if line_or_none is None else Change(title, reason, (ailing.put_first(line_or_none),))


def as_root(ailing: Ailing, step: Instruction) -> tuple[Instruction, ...]:
    """Return a RUN with what makes it run as root at the end of the stage, and the user again after it."""
    own = [one.arguments[0] for one in ailing.stage.instructions if one.keyword == "USER"]
    body = ailing.stage.instructions
    end = len(body)
    while end > 1 and body[end - 1].keyword not in ("COPY", "ADD", "RUN", "WORKDIR", "ARG", "SHELL"):
        end -= 1
    before = [one.arguments[0] for one in body[:end] if one.keyword == "USER"]
    below = str(ailing.base.user) if ailing.base is not None else "0"
    here = before[-1] if before else below
    if here.partition(":")[0] in ("0", "root"):
        return (step,)
    back = () if len(own) > len(before) else (Instruction("USER", (here,), reason="Not root again"),)
    return (user(0, 0, "Only root may do what follows"), step, *back)


def _folder(ailing: Ailing, path: str, reason: str) -> Instruction | None:
    """An empty folder that belongs to the user: copied, because there may be no shell to make it with."""
    stage = ailing.helper(lambda image: image.package_manager in ("apt", "apk"))
    source = stage or ailing.static()
    if source is None:
        return None
    return copy(reason, _EMPTY if stage else _EMPTY_HOME, path, from_=source, chown=ailing.owner)


def _folder_of(path: str) -> str | None:
    """The folder that must be writable for `path` to be written; None for what nobody should open to a user."""
    if not path.startswith("/") or "\\" in path or any(part in ("..", ".") for part in path.split("/")):
        return None
    plain = posixpath.normpath(path)
    above = posixpath.dirname(plain)
    whole = above == "/" or (above in _SHARED and "." not in posixpath.basename(plain))
    folder = plain if whole else above
    top = f"/{folder.split('/')[1]}" if folder != "/" else "/"
    return None if top == "/" or top in _NOT_TO_BE_OPENED else folder


def _copied(ailing: Ailing, path: str) -> Instruction | None:
    """The COPY or ADD of the stage that brings exactly this file."""
    return next(
        (
            one
            for one in ailing.stage.instructions
            if one.keyword in ("COPY", "ADD") and not one.heredocs and path in destinations(one)
        ),
        None,
    )


def destinations(one: Instruction) -> tuple[str, ...]:
    """Return where a COPY or ADD puts what it names, as far as its words tell: absolute paths alone."""
    *sources, target = one.arguments
    if not target.startswith("/"):
        return ()
    if target.endswith("/") or len(sources) > 1:
        return tuple(posixpath.join(target, posixpath.basename(source.rstrip("/"))) for source in sources)
    return (target,)


def _flagged(one: Instruction, flags: tuple[str, ...]) -> Instruction:
    return Instruction(one.keyword, one.arguments, flags, one.form, one.heredocs, one.layout)


def _entry(number: str, reason: str) -> Instruction:
    body = f"root:x:0:0:root:/root:/sbin/nologin\napp:x:{number}:{number}:app:/tmp:/sbin/nologin\n"
    return Instruction("COPY", ('<<"EOF"', "/etc/passwd"), (), None, (body,), reason=reason)


def _user_with_entry(ailing: Ailing, reason: str) -> Change | None:
    base = ailing.base
    last = next((one for one in reversed(ailing.stage.instructions) if one.keyword == "USER"), None)
    if base is None or last is None or base.user == 0 or ailing.user.partition(":")[0] == str(base.user):
        return None
    line = user(base.user, base.group or base.user, reason)
    return Change("Run as the user of the base image", reason, (Put(last.line, (line,), last.end_line),))


def _has_certificates(image: BaseImage) -> bool:
    return image.package_manager in ("apt", "apk") and "ca-certificates" not in image.lacks
