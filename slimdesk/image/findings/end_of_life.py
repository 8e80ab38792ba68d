"""The distribution gets no security fixes any more, or not for long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from slimdesk.basics import clock
from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.findings.survey import Hint, Survey

_SOON = dt.timedelta(days=90)


def find(survey: Survey) -> Iterator[Hint]:
    """Compare /etc/os-release with the catalogue's release series."""
    release = survey.look.release
    name, version = release.get("ID", ""), release.get("VERSION_ID", "")
    if not name or not version:
        return
    from slimdesk.catalog.catalog import load_catalog

    product = load_catalog().products.get(name)
    if product is None:
        return
    # Alpine states 3.20.3, its series is 3.20; Debian states 12.
    cycle = product.cycle(version) or product.cycle(".".join(version.split(".")[:2]))
    if cycle is None or cycle.ends is None:
        return
    today = clock.today()
    title = visible(f"{product.title} {cycle.name}", 80)
    fix = f"Build on {product.title} {product.default}"
    if cycle.ends <= today:
        message = f"{title} has had no security fixes since {cycle.ends.isoformat()}"
        yield Hint(Finding("end-of-life", "error", message, path="/etc/os-release", fix=fix))
    elif cycle.ends - today <= _SOON:
        message = f"{title} gets security fixes only until {cycle.ends.isoformat()}"
        yield Hint(Finding("end-of-life", "warning", message, path="/etc/os-release", fix=fix))
