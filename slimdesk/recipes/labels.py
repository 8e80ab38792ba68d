"""Labels of what SlimDesk writes: Open Containers' names, our own for verify and clean, and the person's."""

from __future__ import annotations

from dataclasses import replace

from slimdesk import __version__
from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import without_controls
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.compose import label
from slimdesk.dockerfile.model import Stage
from slimdesk.project.model import Component
from slimdesk.recipes.model import Options

OURS = "io.slimdesk."
BASE_NAME = "org.opencontainers.image.base.name"
BASE_DIGEST = "org.opencontainers.image.base.digest"
MAX_LENGTH = 256


def labels(component: Component, family: Family | None, base: str, options: Options) -> dict[str, str]:
    """Return the labels of one variant; `base` is the reference that its last stage starts from.

    Names with org.opencontainers.image are those of the OCI image specification, annotations.md. Raises BadInput for
    a label of the person's that cannot be written or is one of ours.
    """
    title = component.name[:MAX_LENGTH]
    values = {"org.opencontainers.image.title": title, **base_labels(base)}
    values[f"{OURS}component"] = title
    values[f"{OURS}family"] = family or "baseline"
    if component.port is not None:
        values[f"{OURS}port"] = str(component.port)
    values[f"{OURS}version"] = __version__
    for key, value in options.labels.items():
        if not key or key != without_controls(key) or key.startswith(OURS):
            raise BadInput(
                f"The label {key!r} cannot be set",
                "SlimDesk writes the labels that begin with io.slimdesk itself"
                if key.startswith(OURS)
                else "it is empty or holds control characters",
                "Choose another name",
            )
        values[key] = value
    return values


def labelled(stage: Stage, values: dict[str, str]) -> Stage:
    """Return the stage with a LABEL before its ENTRYPOINT or CMD, or at its end."""
    instruction = label(
        values, "Says what the image is made of, so that tools (and SlimDesk's clean-up) can tell."
    )
    body = stage.instructions
    at = next(
        (index for index, one in enumerate(body) if one.keyword in ("ENTRYPOINT", "CMD", "HEALTHCHECK")),
        len(body),
    )
    return replace(stage, instructions=(*body[:at], instruction, *body[at:]))


def base_labels(base: str) -> dict[str, str]:
    """Return the labels that say which image another one stands on; none for scratch."""
    name, _, digest = base.partition("@")
    values = {} if base == "scratch" else {BASE_NAME: name}
    if digest:
        values[BASE_DIGEST] = digest
    return values
