"""The matrix as it was measured (tests/engine/matrix.json), and the README's table that is made from it.

As a script: `python tests/engine/standins/table.py` prints the table; `--write README.md` puts it between its marks.
"""

import argparse
import json
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "matrix.json"
BEGIN, END = "<!-- matrix: made by tests/engine/standins/table.py -->", "<!-- end of matrix -->"
HEAD = (
    "| Service | Family | Base image | Size (files) | Against the baseline | Download | Layers | User | Runs? | First answer |\n"
    "|---|---|---|---:|---:|---:|---:|---|---|---:|\n"
)


def read(path: Path = FILE) -> dict:
    """The matrix as written by the tests: date, commit, engines and rows."""
    return json.loads(path.read_text())


def render(matrix: dict, engine: str = "modern") -> str:
    """The table of one engine's rows, with a sentence on how the numbers were made."""
    lines = [HEAD]
    for row in matrix["rows"]:
        if row["engine"] != engine:
            continue
        factor = "reference" if row["family"] == "baseline" else f"{row['factor']:.3g}× smaller"
        lines.append(
            f"| {row['service']} | {row['family']} | `{row['base']}` | {_mb(row['files'])} | {factor} | "
            f"{_mb(row['download'])} | {row['layers']} | {row['user']} | {row['verdict']} | "
            f"{_milliseconds(row['first_answer'])} |\n"
        )
    versions = ", ".join(f"{name} {version}" for name, version in sorted(matrix["engines"].items()))
    lines.append(
        f"\nMeasured on {matrix['date']} at commit {matrix['commit'][:12]} (engines: {versions}) by "
        "`python3 packaging/test.py --matrix`: each variant is generated, built, read, started and asked. "
        "Base images are stand-ins, put together from the Debian 13 packages that the real ones are made of "
        "(`tests/engine/standins`), so sizes are within some per cent of the real ones; the stand-ins for alpine and "
        "chainguard are not copies, only of the same kind. First answer is that of one start{_busy(matrix)}; "
        "a command has none.\n"
    )
    return "".join(lines)


def with_table(text: str, table: str) -> str:
    """The text with the table between its marks; raises ValueError where there are none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the text has no line {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table}{END}{after}"


def _busy(matrix: dict) -> str:
    """Times of a machine that had other work are told as such."""
    loads = sorted(row["load"] for row in matrix["rows"] if "load" in row)
    if not loads or loads[len(loads) // 2] < 3:
        return ""
    return f" on two cores that {loads[len(loads) // 2]:.0f} processes wanted at the same time, many times what it takes alone"


def _milliseconds(seconds: float | None) -> str:
    """A command answers nobody."""
    return "–" if seconds is None else f"{seconds * 1000:.0f} ms"


def _mb(count: int) -> str:
    value = count / 1e6
    return f"{value:,.0f} MB".replace(",", " ") if value >= 100 else f"{value:.1f} MB"


def main() -> int:
    """Print the table, or write it into a file."""
    parser = argparse.ArgumentParser(description="The matrix of measured variants as a table.")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put it between the marks of FILE")
    args = parser.parse_args()
    table = render(read())
    if args.write is None:
        print(table, end="")
        return 0
    try:
        args.write.write_text(with_table(args.write.read_text(), table))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
