"""The address at which a program is asked whether it is well."""

from __future__ import annotations

import re

from slimdesk.project.model import Component

# What stands for itself in an address and in every language's quotes.
_PLAIN = re.compile(r"/[A-Za-z0-9/._~%:@+,=?&-]*", re.ASCII)


def health_path(component: Component) -> str:
    """Return the path to ask, with its slash; `/` where the project tells none, or one that is no plain path."""
    path = "/" + str(component.value("health_path", "")).removeprefix("/")
    return path if _PLAIN.fullmatch(path) else "/"


def health_address(component: Component) -> str:
    """Return the URL as the program's own container reaches it; the component has a port."""
    return f"http://127.0.0.1:{component.port}{health_path(component)}"
