"""The README's table is the one that the measured matrix gives."""

import json
from pathlib import Path

import pytest
from engine.standins import table

README = Path(__file__).resolve().parents[2] / "README.md"
ROW = {
    "service": "go-web", "language": "Go", "family": "distroless", "engine": "modern", "base": "gcr.io/x:nonroot",
    "files": 9_360_000, "verdict": "runs",
}  # fmt: skip
MATRIX = {"date": "2026-11-21", "commit": "0123456789abcdef", "engines": {"modern": "28.5.2"}, "rows": [ROW]}


def test_the_readme_shows_what_was_measured():
    if not table.FILE.exists():
        pytest.skip("the matrix was never measured: python3 packaging/test.py --matrix")
    text = README.read_text(encoding="utf-8")
    expected = table.with_table(text, table.render(table.read()))
    assert text == expected, "run python tests/engine/standins/table.py --write README.md"


def test_a_project_is_one_line_with_its_size_in_every_family():
    rows = [
        ROW,
        {**ROW, "family": "baseline", "files": 824_000_000},
        {**ROW, "family": "slim", "files": 85_700_000},
    ]
    text = table.render({**MATRIX, "rows": rows})
    assert "| go-web | Go | 824 MB | – | 85.7 MB | – | 9.4 MB | – | – | 88× |\n" in text
    assert "commit 0123456789ab" in text


def test_other_engines_and_what_did_not_run_stay_out():
    rows = [{**ROW, "engine": "debian"}, {**ROW, "verdict": "fails"}]
    assert "go-web" not in table.render({**MATRIX, "rows": rows})
    assert "| go-web | Go | – | – | – | – | 9.4 MB | – | – | – |\n" in table.render(MATRIX)


def test_what_was_not_measured_is_told_from_what_is_not_there():
    text = table.render({**MATRIX, "not_measured": ["modern go-web slim", "debian go-web full"]})
    assert "| go-web | Go | – | – | not yet | – | 9.4 MB |" in text


def test_only_what_stands_between_the_marks_is_replaced():
    text = f"before\n{table.BEGIN}\nold\n{table.END}\nafter"
    assert table.with_table(text, "new\n") == f"before\n{table.BEGIN}\nnew\n{table.END}\nafter"
    with pytest.raises(ValueError):
        table.with_table("no marks", "new")


def test_the_matrix_file_says_when_and_of_what_it_was_made():
    if not table.FILE.exists():
        pytest.skip("the matrix was never measured: python3 packaging/test.py --matrix")
    matrix = json.loads(table.FILE.read_text())
    assert {"date", "commit", "engines", "rows"} <= set(matrix)
    assert all(row["verdict"] == "runs" for row in matrix["rows"])
