"""What a rule that did not hold says: units, and which way it went."""

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.image.gates import Gate, read_dive_rules


@pytest.mark.parametrize(
    ("rule", "limit", "value", "sentence"),
    [
        ("max-live", 50_000_000, 61_200_000, "live is 61.2 MB, more than 50.0 MB"),
        ("max-live", 50_000_000, 50_000_001, "live is 50000001 bytes, more than 50000000 bytes"),
        ("max-download", 1, None, "download is not known"),
        ("min-score", 0.95, 0.912, "score is 0.912, less than 0.95"),
        ("forbid-debug", True, True, "it is a debug variant"),
        ("fail-on", "warning", "error", "the gravest finding is an error, and warning fails"),
        ("dive:lowestEfficiency", 0.9, 0.871_26, "dive's efficiency is 0.8713, less than 0.9 (lowestEfficiency)"),
        ("dive:highestWastedBytes", 20_000_000, 25_000_000, "dive's wasted bytes are 25.0 MB, more than 20.0 MB (highestWastedBytes)"),
        ("dive:highestUserWastedPercent", 0.1, 0.123, "dive's user wasted share is 12.3 %, more than 10.0 % (highestUserWastedPercent)"),
    ],
)  # fmt: skip
def test_a_rule_that_failed_says_so_in_units(rule, limit, value, sentence):
    assert Gate(rule, limit, value, passed=False).sentence() == sentence


def test_what_was_measured_is_said_of_every_rule():
    assert Gate("max-live", 50_000_000, 41_200_000, passed=True).measured() == "41.2 MB of at most 50.0 MB"
    assert Gate("min-score", 0.95, 1.0, passed=True).measured() == "1 of at least 0.95"
    assert Gate("dive:highestUserWastedPercent", 0.1, None, passed=True).measured() == "nothing to measure"
    assert Gate("forbid-debug", True, False, passed=True).measured() == "no debug variant"
    assert Gate("fail-on", "error", None, passed=True).measured() == "the gravest finding is none"


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("", {"lowestEfficiency": 0.9, "highestUserWastedPercent": 0.1}),
        ("rules:\n", {"lowestEfficiency": 0.9, "highestUserWastedPercent": 0.1}),
        ("rules:\n  highestWastedBytes: 20mb\n  lowestEfficiency:\n", {"lowestEfficiency": 0.9, "highestWastedBytes": 20_000_000, "highestUserWastedPercent": 0.1}),
        ("rules:\n  HIGHESTWASTEDBYTES: 1,024 kIb\n  lowestEfficiency: off\n  highestUserWastedPercent: disabled\n", {"highestWastedBytes": 1_048_576}),
        ("rules:\n  highestWastedBytes: 4096\n  lowestEfficiency: '0.5'\n  highestUserWastedPercent: 1\n", {"lowestEfficiency": 0.5, "highestWastedBytes": 4096, "highestUserWastedPercent": 1.0}),
    ],
)  # fmt: skip
def test_a_dive_ci_file_is_read_as_dive_reads_it(tmp_path, text, limits):
    path = tmp_path / ".dive-ci"
    path.write_text(text)
    assert read_dive_rules(path) == limits


@pytest.mark.parametrize("text", ["rules: [1]\n", "rules:\n  lowestEfficiency: 2\n", "rules:\n  highestWastedBytes: -3MB\n", "rules:\n  lowestEfficiency: .nan\n", "a: [\n", "\x00"])  # fmt: skip
def test_a_dive_ci_file_that_dive_would_not_take_is_refused(tmp_path, text):
    path = tmp_path / ".dive-ci"
    path.write_text(text)
    with pytest.raises(BadInput):
        read_dive_rules(path)
