"""The tool bar of the Variants page: build, verify, what is measured against, what counts, which size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from slimdesk.ui.models.variants import SIZE_TIPS, VariantRow
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import Button, SegmentedSwitch
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import row
from slimdesk.ui.widgets.legend import LegendMark
from slimdesk.ui.widgets.text import Text
from slimdesk.workspace.settings import SIZE_KINDS, SizeKind


class VariantsTools(ToolBar):
    """The bar; `rows` are shown by `show_state`. The act behind each button is the page's."""

    def __init__(
        self,
        *,
        build_fitting: Callable[[], object],
        build_ticked: Callable[[], object],
        verify: Callable[[], object],
        choose_reference: Callable[[], object],
        weigh: Callable[[], object],
        choose_size: Callable[[str], object],
        compare: Callable[[], object],
        fetch: QWidget,
    ) -> None:
        self.all = Button(
            "Build all fitting", "stack", build_fitting,
            tip="Build, measure and verify every family that fits, and the reference, side by side",
        )  # fmt: skip
        self.build = Button("Build ticked", "play", build_ticked, kind="flat")
        self.verify = Button("Verify again", "shield-check", verify, kind="flat")
        self.compare = Button("Compare", "git-diff", compare, kind="flat", tip="Compare ticked variants")
        self.against = Button(
            "Measure against…", "swap", choose_reference, kind="flat",
            tip="What every factor and bar is measured against: the project's Dockerfile, the baseline, or an image",
        )  # fmt: skip
        self.weights = Button(
            "What counts", "sliders-horizontal", weigh, kind="flat",
            tip="Weigh size, attack surface, debuggability and compatibility: the ranking and the verdict follow",
        )  # fmt: skip
        self.sizes = SegmentedSwitch("Size", [(kind, kind.capitalize()) for kind in SIZE_KINDS])
        for kind in SIZE_KINDS:
            self.sizes.tip(kind, SIZE_TIPS[kind])
        self.sizes.chosen.connect(choose_size)
        legend = QWidget()
        legend.setLayout(
            row(
                LegendMark("line_strong", "base"),
                LegendMark("mark", "own layers"),
                Text("Size", "body", "text2"),
            )
        )
        super().__init__(
            self.all, self.build, self.verify, self.compare, self.against, self.weights, 1, fetch, legend, self.sizes,
            # The head of the column explains the bars as well, and the engine tells what it lacks when it builds.
            yields=(legend, fetch),
        )  # fmt: skip

    def show_state(
        self, rows: Sequence[VariantRow], ticks: Sequence[str], size: SizeKind, against: str
    ) -> None:
        """Let each button say what it would do now, and allow what makes sense."""
        busy = {row.variant.family for row in rows if row.busy}
        self.all.setText("Cancel all" if busy else "Build all fitting")
        self.all.setIcon(icon("x" if busy else "stack", "text2"))
        self.all.allow(
            any(row.available for row in rows if not row.reference), "No family fits this component"
        )
        count = len(ticks)
        self.build.setText(f"Build {count} ticked" if count else "Build ticked")
        at_work = count > 0 and busy.issuperset(ticks)
        self.build.allow(
            count > 0 and not at_work, "These are being built" if at_work else "Tick a family first"
        )
        built = any(row.results.build is not None and row.image is not None for row in rows)
        proven = any(row.verification is not None for row in rows)
        self.verify.setText("Verify again" if proven else "Verify")
        self.verify.allow(built, "Build a variant first")
        self.against.setText(f"Measured against {against}")
        self.sizes.choose(size)
