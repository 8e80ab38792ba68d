"""What smaller images are worth: the arithmetic by hand, shared bases, numbers that make no sense."""

import json

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.basics.errors import BadInput
from slimdesk.cli import main
from slimdesk.image.read import Wanted, read_path
from slimdesk.report.worth import Assumptions, Weight, format_rate, parse_rate, weight_of, worth

NUMBERS = Assumptions(bandwidth=100_000_000, nodes=20, versions=10)
BIG = Weight("full", 400_000_000, 300_000_000, (("a", 300_000_000, True), ("b", 100_000_000, False)))
SLIM = Weight("slim", 130_000_000, 30_000_000, (("c", 30_000_000, True), ("d", 100_000_000, False)))


def test_the_arithmetic():
    big, slim = worth([BIG, SLIM], NUMBERS).rows
    assert big.pull_seconds == pytest.approx(32)
    assert big.shared_link_seconds == pytest.approx(640)
    assert big.sent_new == 8_000_000_000
    assert big.sent_release == slim.sent_release == 2_000_000_000
    assert big.registry == 1_300_000_000
    assert slim.registry == 1_030_000_000


def test_what_is_saved_is_against_the_first():
    found = worth([BIG, SLIM], NUMBERS)
    assert found.saved(found.rows[1])["registry"] == 270_000_000
    assert found.saved(found.rows[0])["registry"] == 0
    assert "21.6" in str(found.saved(found.rows[1])["pull_seconds"])
    words = found.sentence(found.rows[1])
    assert "10.4\u2009s instead of 32.0\u2009s at 100 Mbit/s" in words
    assert "20 new nodes fetch 5.40\u2009GB less" in words


def test_a_base_that_is_shared_is_stored_once():
    other = Weight("debug", 350_000_000, 300_000_000, (("a", 300_000_000, True), ("e", 50_000_000, False)))
    assert worth([BIG, other], NUMBERS).together == 300_000_000 + 10 * 150_000_000


def test_without_a_known_base_the_figures_are_a_bound():
    row = worth([Weight("x", 100, None)], NUMBERS).rows[0]
    assert row.upper_bound
    assert row.registry == 1000
    assert worth([Weight("x", 100, None)], NUMBERS).together is None


def test_an_image_that_was_read(tmp_path):
    path = tmp_path / "a.tar"
    path.write_bytes(old_save([Picture([layer([("base", 5000)]), layer([("own", 700)])])]))
    image = read_path(path, Wanted())
    weight = weight_of(image)
    assert weight is not None
    assert weight.download == image.sizes.download
    assert weight.base is None
    assert weight.compressed_here
    lower = image.layers[0].diff_id
    known = weight_of(read_path(path, Wanted(bases=((lower,),))))
    assert known is not None
    assert 0 < known.base < known.download


def test_the_command(tmp_path, capfd):
    path = tmp_path / "a.tar"
    path.write_bytes(old_save([Picture([layer([("own", 700)])])]))
    assert main(["worth", str(path), "--nodes", "3", "--bandwidth", "1Gbit", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["assumptions"] == {"bandwidth": 1e9, "nodes": 3, "versions": 30}
    assert answer["images"][0]["sent_new"] == 3 * answer["images"][0]["download"]
    assert answer["formulas"]
    assert main(["worth", str(path), str(path)]) == 0
    assert "Registry = base + versions" in capfd.readouterr().out
    assert main(["worth", str(path), "--nodes", "0"]) == 2


@pytest.mark.parametrize(
    ("text", "rate"), [("100Mbit", 1e8), ("1.5 Gbit/s", 1.5e9), ("800kbit", 8e5), ("56000bit", 56e3)]
)
def test_bandwidths(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "100", "-1Mbit", "1TBit", "1e9bit", "10MB"])
def test_what_is_no_bandwidth(text):
    with pytest.raises(BadInput):
        parse_rate(text)


@pytest.mark.parametrize(
    "values",
    [{"bandwidth": 0}, {"nodes": 0}, {"versions": -1}, {"bandwidth": float("nan")}, {"nodes": 10**10}],
)
def test_numbers_that_make_no_sense(values):
    with pytest.raises(BadInput):
        Assumptions(**values)


def test_nothing_to_calculate_with():
    with pytest.raises(BadInput):
        worth([])


def test_rates_in_words():
    assert [format_rate(one) for one in (1e8, 2.5e9, 64e3, 5)] == [
        "100 Mbit/s",
        "2.5 Gbit/s",
        "64 kbit/s",
        "5 bit/s",
    ]
