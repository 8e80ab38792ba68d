"""A whole operating system as the place where one program runs."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.view import View

RULE = "whole-system"

_SYSTEMS = frozenset({
    "debian", "ubuntu", "centos", "fedora", "rockylinux", "almalinux", "oraclelinux", "amazonlinux", "opensuse/leap",
    "archlinux", "kalilinux/kali-rolling",
})  # fmt: skip


def check(view: View) -> Iterator[Finding]:
    """A warning where the final image stands on a distribution's full image."""
    final = view.final
    if final.image is None:
        return
    name, tag = short_name(final.image), final.image.tag or ""
    if name not in _SYSTEMS or "slim" in tag or "minimal" in tag:
        return
    message = f"The image ships {name}{':' + tag if tag else ''}: a shell, a package manager and hundreds of programs that nobody calls"
    fix = "Build there, and copy what runs into a second stage on a slim, distroless or scratch base"
    yield Finding(RULE, "warning", message, line=final.chain[-1].instructions[0].line, fix=fix)
