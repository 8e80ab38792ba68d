"""Known vulnerabilities and budgets on the Variants page: a column where something was scanned, a notice where it is too large."""

from dataclasses import replace

import pytest
from unit.operations.variant_desk import image
from window.test_scan_window import FAULTS, found

from slimdesk.engine.model import BuildResult
from slimdesk.image.model import Image
from slimdesk.scan import scanner_named
from slimdesk.scan.coverage import Coverage
from slimdesk.scan.model import NotScanned
from slimdesk.scan.scanned import Scanned, ranked
from slimdesk.ui.models.scans import coverage_in_words
from slimdesk.workspace.fingerprint import fingerprint
from slimdesk.workspace.results import Made, VariantId


def named(one: Image, image_id):
    return Image(**{**{name: getattr(one, name) for name in Image.__slots__}, "image_id": image_id})


def scan_of(faults=FAULTS):
    import json

    return scanner_named("trivy").parse(json.dumps(found(faults)).encode())


def scanned(coverage, faults=FAULTS):
    return Scanned("x", "x", scan_of(faults), coverage)


@pytest.fixture
async def page(window, tmp_path):
    """The Variants page with two measured variants of a Go service."""
    from unit.operations.variant_desk import shop

    from slimdesk.operations.detect import open_project
    from slimdesk.ui.pages.variants import VariantsPage

    root = shop(tmp_path)
    (root / "slimdesk.toml").write_text('[components.shop]\nbudget = "450kB"\n')
    window.workspace.show_project(open_project(root))
    window.go("variants")
    page = window.findChild(VariantsPage)
    for number, (family, size) in enumerate((("distroless", 10_000), ("slim", 90_000))):
        (tmp_path / family).mkdir()
        one = named(image(tmp_path / family, size), f"sha256:{number}")
        variant = VariantId("shop", family)
        window.workspace.keep_build(variant, Made(BuildResult(one.image_id, "x", 1.0, ()), fingerprint()))
        window.workspace.keep_analysis(variant, Made(one, fingerprint()))
    return page


def row_of(page, family):
    return next(row for row in page._rows if row.variant.family == family)


def cell(page, family, key):
    column = next(one for one in page._model.columns if one.key == key)
    return column.text(row_of(page, family)), column.sort(row_of(page, family))


async def test_the_column_is_there_once_something_was_scanned(page, settled):
    await settled(lambda: page._rows and row_of(page, "slim").image is not None)
    keys = [column.key for column in page._model.columns]
    assert page.table.isColumnHidden(keys.index("cve"))
    workspace = page.workspace
    workspace.keep_scan(row_of(page, "slim").image, scanned(Coverage(100, 98, 0, 0)))
    await settled(lambda: not page.table.isColumnHidden(keys.index("cve")))
    assert cell(page, "slim", "cve") == ("3", 3)
    assert cell(page, "distroless", "cve") == ("not scanned", None)
    workspace.keep_scan(row_of(page, "distroless").image, scanned(Coverage(100, 4, 0, 0), []))
    await settled(lambda: row_of(page, "distroless").scan is not None)
    # Their coverage differs: no order by counts.
    assert cell(page, "distroless", "cve") == ("0 found, sees 4\u2009% of this image", None)
    assert cell(page, "slim", "cve") == ("3", None)


async def test_what_could_not_be_scanned_says_why_in_its_tip(page, settled):
    await settled(lambda: page._rows and row_of(page, "slim").image is not None)
    page.workspace.keep_scan(
        row_of(page, "slim").image,
        Scanned("x", "x", NotScanned("grype", "grype has no database here", "Fetch it")),
    )
    await settled(lambda: row_of(page, "slim").scan is not None)
    column = next(one for one in page._model.columns if one.key == "cve")
    assert cell(page, "slim", "cve") == ("not scanned", None)
    assert column.cell_tip(row_of(page, "slim")) == "not scanned: grype has no database here\nFetch it"


async def test_a_variant_over_its_budget_is_told_once(page, window, settled):
    await settled(lambda: page._rows and row_of(page, "slim").image is not None)
    told = [notice.accessibleName() for notice in window.notices.notices]
    over = [words for words in told if "over its budget" in words]
    assert len(over) == 1
    assert "slim: shop has 490" in over[0]


def test_counts_of_different_scanners_are_no_order():
    much = scanned(Coverage(100, 98, 0, 0))
    other = Scanned("x", "x", replace(scan_of(), scanner="grype"), Coverage(100, 98, 0, 0))
    assert ranked([much, None, much])
    assert not ranked([much, other])
    assert not ranked([None])


def test_coverage_in_a_sentence():
    assert coverage_in_words(None) == "How much of the image the scanner sees is not known."
    words = coverage_in_words(Coverage(1000, 40, 3, 1))
    assert words == (
        "The scanner sees 4\u2009% of this image, 1 of 3 binaries, jars and wheels: the rest belongs to no package that it can name."
    )
