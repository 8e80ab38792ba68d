"""Django's static files, collected while building; and what a person still has to do with its database."""

from __future__ import annotations

import re

from slimdesk.basics.finding import Finding
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, run
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component
from slimdesk.recipes.python_install import VENV
from slimdesk.recipes.told import told_at

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,200}", re.ASCII)
_COLLECT = "manage.py collectstatic --noinput"
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,99}", re.ASCII)
# Values that settings load with and that nobody could use: they end with the build stage.
_KINDS = (
    ("SECRET_KEY", "only-while-building"),
    ("DATABASE", "sqlite://:memory:"),
    ("POSTGRES_URL", "sqlite://:memory:"),
    ("REDIS", "redis://localhost:6379/0"),
    ("BROKER", "redis://localhost:6379/0"),
    ("URL", "http://localhost"),
    ("PORT", "5432"),
    ("DEBUG", "False"),
)


def static_folder(component: Component) -> str | None:
    """Return the folder, relative to the component's own, that collectstatic fills; None if nothing is collected."""
    value = component.value("collect_static")
    if not isinstance(value, str) or not _PLAIN.fullmatch(value) or ".." in value.split("/"):
        return None
    return value


def collect(component: Component, folder: str, *, copied: bool) -> list[Instruction]:
    """Gather the static files in the build stage; `copied` = the code is there already, below `folder` of /app."""
    if static_folder(component) is None:
        return []
    fact = component.fact("collect_static")
    words = _settings(component)
    command = " ".join([*words, f"{VENV}/bin/python {f'{folder}/' if folder else ''}{_COLLECT}"])
    reason = "Gathers the static files of all applications in one folder"
    if words:
        reason += "; the values are made up, because Django's settings do not load without, and stay here"
    return [
        *([] if copied else [copy("The code, whose settings say where static files are", ".", ".")]),
        run(reason, command, evidence=fact.evidence if fact else None),
    ]


def collected_in_place(component: Component) -> list[Instruction]:
    """Gather the static files where the application runs from: the one stage that tutorials write."""
    if static_folder(component) is None:
        return []
    fact = component.fact("collect_static")
    command = " ".join([*_settings(component), f"python {_COLLECT}"])
    return [run("Gathers the static files", command, evidence=fact.evidence if fact else None)]


def collected(component: Component, folder: str) -> list[Instruction]:
    """Copy what was gathered into the final stage."""
    static = static_folder(component)
    if static is None:
        return []
    fact = component.fact("collect_static")
    source = "/".join(filter(None, ("/app", folder, static)))
    return [
        copy(
            "The static files that were gathered; whitenoise or a web server hands them out",
            source,
            f"./{static}",
            from_="build",
            evidence=fact.evidence if fact else None,
        )
    ]


def findings(component: Component, base: BaseImage) -> tuple[Finding, ...]:
    """What Django's project needs besides its image."""
    fact = component.fact("migrations")
    if fact is None:
        return ()
    python = f"{VENV}/bin/python"
    how = f"docker run --rm --entrypoint {python} IMAGE manage.py migrate"
    why = "" if base.shell else " It needs no shell."
    return (
        told_at(
            fact.evidence,
            "django-migrations",
            "info",
            "The tables of its database are made by manage.py migrate, which the image does not run when it starts: "
            "several containers at once would get in each other's way.",
            fix=f"Make it a step of each deployment: {how}.{why}",
        ),
    )


def _settings(component: Component) -> list[str]:
    names = (str(fact.value) for fact in component.all("settings_variable"))
    plain = [name for name in dict.fromkeys(names) if _NAME.fullmatch(name)]
    return [f"{name}={_value(name)}" for name in plain[:20]]


def _value(name: str) -> str:
    return next((value for word, value in _KINDS if word in name), "unset")
