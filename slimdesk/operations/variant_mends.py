"""A generated Dockerfile that is mended: it stays generated, and is written anew with its mends whatever is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from slimdesk.basics.errors import BadInput
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.mirrors import through_mirrors
from slimdesk.operations.variant_text import VariantText, edited_text
from slimdesk.recipes.fixes import mend_of
from slimdesk.recipes.fixes_model import Mend
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import mirrored
from slimdesk.workspace.session import Fault


def mend_for(text: VariantText, fault: Fault, root: Path, options: Options) -> Mend | None:
    """Return the change that should mend a variant of a fault; None where none is known. Raises CatalogError."""
    try:
        mirrors = through_mirrors(root, options)[0].mirrors
    except BadInput:
        # Then nothing is generated either, and that says so.
        mirrors = {}
    stands_on = text.base is not None and text.base_name.endswith(text.base.reference)
    return mend_of(
        (fault.kind, fault.subject),
        text.text,
        text.target,
        catalog_for(root),
        base=text.base if stands_on else None,
        user=fault.user,
        reference=lambda name: mirrored(name, mirrors),
    )


def with_mends(plain: VariantText, faults: Sequence[Fault], root: Path, options: Options) -> VariantText:
    """Return a generated text with what mends it of these faults; one that needs no mend any more gets none.

    Raises CatalogError.
    """
    made, count = plain, 0
    for fault in faults:
        mend = mend_for(made, fault, root, options)
        if mend is not None:
            made, count = edited_text(made, mend.text, None, catalog_for(root)), count + 1
    if made is plain:
        return plain
    # What is said of a line is said anew: the lines have moved.
    general = tuple(one for one in plain.findings if one.line is None)
    return replace(made, edited=False, findings=tuple(dict.fromkeys((*general, *made.findings))), mends=count)
