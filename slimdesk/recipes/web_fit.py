"""Which family can serve a front end's files, with which server, and why."""

from __future__ import annotations

from slimdesk.basics.escaping import visible
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.project.model import Component, Fact
from slimdesk.recipes import web_build
from slimdesk.recipes.fit_words import unavailable
from slimdesk.recipes.model import Fit
from slimdesk.recipes.node_fit import PLAIN

WORD = "web"
# Families without a web server of their own: a static one is copied in.
COPIED = ("distroless", "scratch")

_RANKS: dict[Family, int] = {
    "distroless": 0, "alpine": 10, "scratch": 15, "chainguard": 20, "hardened": 25, "slim": 30, "full": 50,
}  # fmt: skip
_OWN_CONFIGURATION = 40

_WHAT: dict[Family, str] = {
    "full": "The official nginx on Debian, with its tools and a shell; it is set to run without root.",
    "slim": "nginx made to run without root, on a small Debian: a shell and apt stay for emergencies.",
    "alpine": "nginx made to run without root, on Alpine: a few megabytes, with a shell.",
    "distroless": "One static program, static-web-server, hands out the files: no shell, certificates and a user of its own.",
    "chainguard": "nginx on Wolfi, rebuilt daily, without a shell and without root.",
    "hardened": "Docker's hardened nginx, without a shell and without root.",
    "scratch": "The files and static-web-server, one static program, and nothing else at all.",
}


def fit(component: Component, family: Family, catalog: Catalog) -> Fit:
    """Say whether `family` can serve the files of `component`, and with which images."""
    if family == "chiselled":
        return unavailable(family, "The chiselled images are for .NET: none of them holds a web server.")
    folder = component.folder
    if folder and not PLAIN.fullmatch(folder):
        return unavailable(
            family, f"The folder {visible(folder, 80)} has a name that a Dockerfile cannot take. Rename it."
        )
    base = catalog.find(family, "static" if family in COPIED else WORD)
    extra = server(catalog) if family in COPIED else None
    if base is None or (family in COPIED and extra is None):
        return unavailable(family, "The catalogue has no image of this family that serves files.")
    builder = None
    if is_built(component):
        builder = web_build.builder(component, catalog)
        if builder is None:
            return unavailable(
                family,
                f"The files are built with Node.js {visible(component.version or '', 60)}, which no supported image has.",
            )
    refusal = _refusal(component, family)
    if refusal is not None:
        return unavailable(family, refusal)
    reasons, rank = [_WHAT[family]], _RANKS[family]
    own = component.fact("nginx_conf")
    if own is not None:
        honoured = honours(component, family)
        reasons.append(_about(own, honoured=honoured, family=family, component=component))
        rank += 0 if honoured else _OWN_CONFIGURATION
    return Fit(
        family, available=True, reason=" ".join(reasons), base=base, builder=builder, extra=extra, rank=rank
    )


def server(catalog: Catalog) -> BaseImage | None:
    """Return the image that holds the static server."""
    return catalog.find("scratch", WORD, role="builder")


def is_built(component: Component) -> bool:
    """Whether something makes the files; else they are served as they are."""
    return component.fact("build") is not None or component.package_manager is not None


def honours(component: Component, family: Family) -> bool:
    """Whether the project's own nginx configuration is what the server of this family reads."""
    if component.fact("nginx_conf") is None or family in COPIED:
        return False
    if component.fact("nginx_template") is not None:
        return False
    return not (component.value("nginx_whole") is True and family == "full")


def _refusal(component: Component, family: Family) -> str | None:
    proxy = component.fact("nginx_proxy")
    if proxy is None:
        return None
    place = f" ({proxy.evidence})" if proxy.evidence else ""
    what = f"nginx passes requests on to {visible(str(proxy.value), 80)}{place}"
    if family in COPIED:
        return f"{what}, and the server of this family only hands out files."
    if not honours(component, family):
        return f"{what}, and this family cannot take that configuration as it is."
    return None


def _about(own: Fact, *, honoured: bool, family: Family, component: Component) -> str:
    name = visible(str(own.value), 80)
    if honoured:
        return f"It reads the project's own {name}."
    if family in COPIED:
        return (
            f"The project's own {name} is for nginx, so it is not used: the usual rules for such a site are."
        )
    if component.fact("nginx_template") is not None:
        return f"{name} is a template, which a shell would have to fill in at each start: it is not used."
    return (
        f"{name} is a whole configuration, written for an image that is set up for it: it is not used here."
    )
