"""The matrix as it was measured (tests/engine/matrix.json), and the README's table that is made from it.

As a script: `python tests/engine/standins/table.py` prints the table; `--write README.md` puts it between its marks.
"""

import argparse
import json
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "matrix.json"
BEGIN, END = "<!-- matrix: made by tests/engine/standins/table.py -->", "<!-- end of matrix -->"
FAMILIES = ("baseline", "full", "slim", "alpine", "distroless", "chainguard", "scratch")
HEAD = (
    f"| Project | Language | {' | '.join(FAMILIES)} | Smallest |\n|---|---|{'---:|' * len(FAMILIES)}---:|\n"
)


def read(path: Path = FILE) -> dict:
    """The matrix as written by the tests: date, commit, engines and rows."""
    return json.loads(path.read_text())


def render(matrix: dict, engine: str = "modern") -> str:
    """The table of one engine's rows: a line per project, its size in every family; and how the numbers were made."""
    sizes: dict[tuple[str, str], dict[str, int]] = {}
    for row in matrix["rows"]:
        if row["engine"] == engine and row["verdict"] == "runs":
            sizes.setdefault((row["service"], row["language"]), {})[row["family"]] = row["files"]
    pending = set(matrix.get("not_measured", ()))
    lines = [HEAD]
    for (service, language), found in sizes.items():
        cells = (_cell(found.get(family), f"{engine} {service} {family}" in pending) for family in FAMILIES)
        lines.append(f"| {service} | {language} | {' | '.join(cells)} | {_factor(found)} |\n")
    versions = ", ".join(f"{name} {version}" for name, version in sorted(matrix["engines"].items()))
    lines.append(
        f"\nAll files of the image. Measured on {matrix['date']} at commit {matrix['commit'][:12]} (engines: {versions}) by "
        "`python3 packaging/test.py --matrix`: each image was generated, built, started and asked, and each one that has a "
        "number ran, as another user than root but for the baseline; a dash is an image that the family does not have, or "
        "that cannot be put together on the test machine. Base images are stand-ins made of the Debian 13 packages that the "
        "real ones are made of (`tests/engine/standins`), so sizes are within some per cent of the real ones; those for "
        "alpine and chainguard are not copies, only of the same kind. Layers, downloads and users are in "
        "`tests/engine/matrix.json`.\n"
    )
    known = {service for service, _ in sizes}
    unseen = [name for name in dict.fromkeys(one.split()[1] for one in sorted(pending)) if name not in known]
    if unseen:
        lines.append(f"\nNot measured yet at all: {', '.join(unseen)}.\n")
    return "".join(lines)


def with_table(text: str, table: str) -> str:
    """The text with the table between its marks; raises ValueError where there are none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the text has no line {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table}{END}{after}"


def _cell(size: int | None, pending: bool) -> str:
    return _mb(size) if size is not None else "not yet" if pending else "–"


def _factor(found: dict[str, int]) -> str:
    """How much smaller the smallest is than the baseline."""
    if "baseline" not in found:
        return "–"
    factor = found["baseline"] / min(found.values())
    return f"{factor:,.0f}×".replace(",", " ") if factor >= 100 else f"{factor:.3g}×"


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
