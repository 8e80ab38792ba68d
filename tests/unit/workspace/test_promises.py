"""What was left out and promised, and what the next image of the same variant gained."""

import json

import pytest

from slimdesk.workspace.promises import Promise, Promises

WEB = ("/p", "web", "slim")


@pytest.fixture
def kept(tmp_path):
    return Promises(tmp_path / "left-out.json")


def promise(what, live, image="sha256:a", variant=WEB):
    project, component, family = variant
    return Promise(project, component, family, what, live, live + 5, image, 1000, 1100)


def test_all_that_was_left_out_before_one_build_is_measured_together(kept):
    kept.keep(promise("docs", 100))
    kept.keep(promise("moment", 200))
    kept.keep(promise("other", 50, variant=("/p", "api", "slim")))
    done = kept.settle(WEB, "sha256:b", 690, 780)
    assert done is not None
    assert (done.what, done.live, done.files) == (("docs", "moment"), 300, 310)
    assert (done.measured_live, done.measured_files) == (310, 320)
    assert kept.settle(WEB, "sha256:c", 1, 1) is None
    assert [one.measured_live for one in kept.all("/p")] == [310, 310, None]


@pytest.mark.parametrize(("image", "live"), [("sha256:a", 900), (None, 900), ("sha256:b", None)])
def test_the_same_image_or_one_without_figures_measures_nothing(kept, image, live):
    kept.keep(promise("docs", 100))
    assert kept.settle(WEB, image, live, 900) is None
    assert kept.all()[0].measured_live is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '[1, {"project": 3}]', "[null]", "\x00"])
def test_a_file_that_cannot_be_read_is_begun_anew(kept, text):
    kept.path.write_text(text)
    assert kept.all() == []
    kept.keep(promise("docs", 100))
    assert len(kept.all()) == 1


def test_it_does_not_grow_without_end(kept):
    row = promise("docs", 1)
    kept.keep(row)
    rows = json.loads(kept.path.read_text()) * 500
    kept.path.write_text(json.dumps(rows))
    kept.keep(row)
    assert len(kept.all()) == 200
