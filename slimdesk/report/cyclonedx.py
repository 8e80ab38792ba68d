"""The bill of materials of one image, in CycloneDX 1.6."""

from __future__ import annotations

from slimdesk.basics.errors import BadInput
from slimdesk.image.sbom import cyclonedx
from slimdesk.report.model import Report


def render(report: Report) -> bytes:
    """Return the document. Raises BadInput for several images, or one whose packages were not read."""
    if len(report.subjects) != 1 or report.reference.side is None:
        raise BadInput(
            "A bill of materials is of one image", "this report is on several, or on figures alone", "Name one image"
        )  # fmt: skip
    return cyclonedx(report.reference.side.image).encode("utf-8", "backslashreplace")
