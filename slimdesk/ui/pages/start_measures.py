"""What can be asked about measured images from any page: sizes over time, what they are worth, known vulnerabilities."""

from __future__ import annotations

from functools import partial

from slimdesk.image.model import Image
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.workspace.workspace import Workspace


def measure_actions(desk: Desk) -> tuple[Action, ...]:
    """Return them as actions of the window."""
    workspace = desk.workspace

    def no_project() -> str:
        return "" if workspace.project is not None else "open a project first"

    def not_measured() -> str:
        return "" if _images(workspace) else "build a variant or open an image first"

    def no_image() -> str:
        return (
            "" if workspace.image is not None and workspace.image.image is not None else "open an image first"
        )

    def no_variants() -> str:
        return "" if _variants(workspace) else "build a variant first"

    return (
        Action("size-over-time", "Size over time…", lambda: _history(desk), "chart-line", ("Ctrl+Shift+H",), "View", no_project, words="history builds budget"),
        Action("project-report", "Export a report on the whole project…", lambda: _report(desk), "export", (), "File", no_project, words="html pdf markdown json csv sarif all components"),
        Action("worth", "What smaller images are worth…", lambda: _worth(desk), "coin", (), "View", not_measured, words="pull time registry storage bandwidth cost"),
        Action("scan-image", "Scan the image for known vulnerabilities…", lambda: _scan(desk), "shield-check", (), "View", no_image, words="cve trivy grype scout security"),
        Action("scan-variants", "Scan all built variants for known vulnerabilities", lambda: _scan_all(desk), "shield-check", (), "Build", no_variants, words="cve trivy grype scout security"),
    )  # fmt: skip


def _history(desk: Desk) -> None:
    from slimdesk.ui.pages.history_window import open_history

    project, component = desk.workspace.project, desk.workspace.component
    if project is not None:
        open_history(desk, str(project.root), component.name if component is not None else None)


def _report(desk: Desk) -> None:
    from slimdesk.ui.pages.report_dialog import export_report
    from slimdesk.ui.pages.report_of_pages import kept_report

    export_report(desk, partial(kept_report, desk.workspace))


def _worth(desk: Desk) -> None:
    from slimdesk.ui.pages.worth_window import open_worth

    open_worth(desk)


def _scan(desk: Desk) -> None:
    from slimdesk.ui.pages.scan_window import open_scan

    opened = desk.workspace.image
    if opened is not None and opened.image is not None:
        open_scan(desk, opened.image, opened.reference)


def _scan_all(desk: Desk) -> None:
    from slimdesk.ui.pages.scan_work import scan_all

    desk.spawn(scan_all(desk, _variants(desk.workspace)))


def _variants(workspace: Workspace) -> list[Image]:
    """Return the images of the open component's variants, the reference first."""
    component = workspace.component
    results = [
        (variant, known.analysis.value)
        for variant, known in workspace.all_results().items()
        if known.analysis is not None and component is not None and variant.component == component.name
    ]
    return [image for _, image in sorted(results, key=lambda pair: not pair[0].reference)]


def _images(workspace: Workspace) -> list[Image]:
    opened = [*workspace.compared, *([workspace.image] if workspace.image is not None else [])]
    return [*_variants(workspace), *(one.image for one in opened if one.image is not None)]
