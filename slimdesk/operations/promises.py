"""What leaving something out promised, and what the next build of the same variant gained."""

from __future__ import annotations

from slimdesk.engine.model import LABEL_PREFIX
from slimdesk.image.model import Image
from slimdesk.operations.leave_out_words import LeftOut
from slimdesk.project.model import Component, Project
from slimdesk.workspace.promises import Promise, Promises, Settled

__all__ = ["Settled", "promise", "settle"]


def promise(
    project: Project, component: Component, image: Image, found: LeftOut, kept: Promises | None = None
) -> None:
    """Keep what was promised of an image, until a newer one of the same variant is read. Raises OutputError."""
    (kept or Promises()).keep(
        Promise(
            project=str(project.root),
            component=component.name,
            family=_family(image),
            what=found.what,
            live=found.gain.live,
            files=found.gain.files,
            image_id=image.image_id or "",
            before_live=image.sizes.live or 0,
            before_files=image.sizes.files,
        )
    )


def settle(
    project: Project, component: Component, image: Image, kept: Promises | None = None
) -> Settled | None:
    """Return promised and measured of all that was left out since the last image of this variant; None where nothing was.

    Each promise is answered once. Raises OutputError.
    """
    return (kept or Promises()).settle(
        (str(project.root), component.name, _family(image)),
        image.image_id,
        image.sizes.live,
        image.sizes.files,
    )


def _family(image: Image) -> str:
    return image.config.labels.get(f"{LABEL_PREFIX}family", "")
