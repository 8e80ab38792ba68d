import pytest

from slimdesk.basics import units


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (1100, "1.10 kB"),
        (9_995, "10.0 kB"),
        (14_900_000, "14.9 MB"),
        (862_000_000, "862 MB"),
        (999_500, "1.00 MB"),
        (999_499, "999 kB"),
        (1_240_000_000, "1.24 GB"),
        (-2_100_000, "−2.10 MB"),
    ],
)
def test_bytes_have_three_digits_and_decimal_units(count, text):
    assert units.format_bytes(count, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.038, "38 ms"),
        (0.9994, "999 ms"),
        (2.1, "2.1 s"),
        (59.9, "59.9 s"),
        (72, "1:12"),
        (3723, "1:02:03"),
    ],
)
def test_seconds(seconds, text):
    assert units.format_seconds(seconds).replace(units.THIN_SPACE, " ") == text


def test_a_minute_is_never_written_as_sixty_seconds():
    assert units.format_seconds(59.96) == "1:00"


def test_factors_name_their_direction():
    assert units.format_factor(14_900_000, 862_000_000) == "57.9× smaller"
    assert units.format_factor(120, 100) == "1.20× larger"
    assert units.format_factor(100, 100) == "1×"
    assert units.format_factor(None, 100) == "–"
    assert units.format_factor(100, None) == "–"
    assert units.format_factor(0, 100) == "–"


def test_changes_carry_their_sign():
    assert units.format_change(17, 1000).replace(units.THIN_SPACE, " ") == "−98.3 %"
    assert units.format_change(120, 100).replace(units.THIN_SPACE, " ") == "+20.0 %"
    assert units.format_change(100, 100).replace(units.THIN_SPACE, " ") == "0.0 %"
    assert units.format_change(None, 100) == "–"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("50MB", 50_000_000),
        ("50 MiB", 52_428_800),
        ("1.5GB", 1_500_000_000),
        ("1024", 1024),
        ("0", 0),
        ("3kB", 3000),
    ],
)
def test_sizes_are_read_back(text, count):
    assert units.parse_size(text) == count


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "1e9", "10 apples", "١MB", "1.5.2MB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="not a size"):
        units.parse_size(text)


def test_plurals():
    assert units.plural(1, "file") == "1 file"
    assert units.plural(0, "file") == "0 files"
    assert units.plural(2, "entry", "entries") == "2 entries"
