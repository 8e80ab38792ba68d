"""Package lists and caches that a RUN leaves in a layer of the final image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.mounts import parse_mount
from slimdesk.dockerfile.statement import Refused
from slimdesk.dockerfile.view import View

RULE = "package-lists"

_APT = re.compile(r"\bapt(?:-get)?\b[^;&|]*\s(?:install|update)\b")
_APT_CLEAN = re.compile(r"rm\s+-\w*r\w*\s[^;&|]*/var/lib/apt(?:/lists)?\b|rm\s+-\w*r\w*\s[^;&|]*/var/lib/\*")
_APK = re.compile(r"\bapk\b(?![^;&|]*--no-cache)[^;&|]*\sadd\b(?![^;&|]*--no-cache)")
_APK_CLEAN = re.compile(r"rm\s+-\w*r\w*\s[^;&|]*/var/cache/apk")
_DNF = re.compile(r"\b(?:micro)?(?:dnf|yum)\b[^;&|]*\sinstall\b")
_DNF_CLEAN = re.compile(
    r"\b(?:micro)?(?:dnf|yum)\s+clean\s+all\b|rm\s+-\w*r\w*\s[^;&|]*/var/cache/(?:dnf|yum)"
)
_PIP = re.compile(r"\bpip3?(?:\.\d+)?\b(?![^;&|]*--no-cache-dir)[^;&|]*\sinstall\b(?![^;&|]*--no-cache-dir)")

_KINDS = (
    ("apt", _APT, _APT_CLEAN, "/var/lib/apt", "&& rm -rf /var/lib/apt/lists/*"),
    ("apk", _APK, _APK_CLEAN, "/var/cache/apk", "apk add --no-cache"),
    ("dnf", _DNF, _DNF_CLEAN, "/var/cache/", "&& dnf clean all"),
    ("pip", _PIP, re.compile(r"pip3?\s+cache\s+purge|rm\s+-\w*r\w*\s[^;&|]*\.cache"), "/root/.cache", "pip install --no-cache-dir"),
)  # fmt: skip


def check(view: View) -> Iterator[Finding]:
    """A warning for each RUN of the final image that installs and does not clean up in the same layer."""
    quiet_pip = any(
        word.startswith("PIP_NO_CACHE_DIR=") for one in view.final.inherited("ENV") for word in one.arguments
    )
    for run in view.final.inherited("RUN"):
        text = command_text(run)
        mounted = _mounted(run)
        for name, installs, cleans, place, fix in _KINDS:
            if not installs.search(text) or cleans.search(text) or (name == "pip" and quiet_pip):
                continue
            if any(target.startswith(place) or place.startswith(target) for target in mounted):
                continue
            what = "its cache" if name == "pip" else "the package lists and caches"
            message = f"{name} leaves {what} in this layer; removing them later frees nothing"
            yield Finding(RULE, "warning", message, line=run.line, fix=fix)


def command_text(run: Instruction) -> str:
    """Return what a RUN executes as one text, its heredocs included."""
    return "\n".join((" ".join(run.arguments), *run.heredocs))


def _mounted(run: Instruction) -> tuple[str, ...]:
    try:
        mounts = [parse_mount(value) for value in flag_values(run.flags, "mount")]
    except Refused:
        return ()
    return tuple(mount.target for mount in mounts if mount.target and mount.kind in ("cache", "tmpfs"))
