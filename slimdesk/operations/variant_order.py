"""What was asked to be built, measured and verified, as it stood at that moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from slimdesk.operations.variant_text import VariantText
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options
from slimdesk.verify.compose import Beside
from slimdesk.verify.control import Controls
from slimdesk.verify.model import RunProfile
from slimdesk.workspace.results import VariantId


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked to be built, as it stood at that moment. `text` None = it cannot be, and `why_not` says why.

    `picked` is an image that is measured as the reference instead of being built; `controls` are the runs of the reference
    that everything asked for at once is held against.
    """

    variant: VariantId
    project: Project
    component: Component
    text: VariantText | None
    why_not: str
    options: Options
    pin: bool
    profile: RunProfile
    reference: VariantId
    picked: str | None = None
    verify: bool = True
    beside: tuple[Beside, ...] = ()
    controls: Controls = field(default_factory=Controls)
