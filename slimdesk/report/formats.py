"""The formats of a report. Adding one is a file with `render(report) -> bytes`, and a line here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Literal, get_args

from slimdesk.report.model import Report

FormatName = Literal["html", "pdf", "md", "json", "csv", "cyclonedx", "sarif"]
FORMAT_NAMES: tuple[FormatName, ...] = get_args(FormatName)


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ending: of its files. module: of this package, with `render`. text: what it is for, in a few words.

    sections: whether chosen sections make a difference. one: whether it is of a single image alone.
    """

    name: FormatName
    title: str
    ending: str
    module: str
    text: str
    binary: bool = False
    sections: bool = False
    one: bool = False


FORMATS: dict[FormatName, Format] = {
    one.name: one
    for one in (
        Format(
            "html", "HTML page", ".html", "html", "one file that works offline, light and dark", sections=True
        ),
        Format("pdf", "PDF", ".pdf", "pdf", "pages to print or to send", binary=True, sections=True),
        Format("md", "Markdown", ".md", "markdown", "for a pull request", sections=True),
        Format("json", "JSON", ".json", "as_json", "all that is known, for scripts"),
        Format("csv", "CSV", ".csv", "as_csv", "a line per image, for a spreadsheet"),
        Format(
            "cyclonedx", "CycloneDX", ".cdx.json", "cyclonedx", "bill of materials of one image", one=True
        ),
        Format("sarif", "SARIF", ".sarif", "sarif", "findings and known vulnerabilities, for code hosts"),
    )
}


def render(report: Report, name: FormatName) -> bytes:
    """Return the report in a format; may take seconds. Raises BadInput where the format cannot hold it."""
    made: bytes = importlib.import_module(f"slimdesk.report.{FORMATS[name].module}").render(report)
    return made
