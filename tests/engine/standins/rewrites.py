"""Single-stage Dockerfiles beside their rewrites: how each pair is built and measured, and the README's table of them.

As a script: `python tests/engine/standins/rewrites.py` prints the table of tests/engine/rewrites.json; `--write README.md` puts it
between its marks; `--measure NAME … --engine HOST` measures rows anew.
"""

import argparse
import asyncio
import datetime as dt
import json
import sys
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.standins import build as standins
from engine.standins import trial

from slimdesk.dockerfile.parse import parse
from slimdesk.operations.build import Source, build_source
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.rewrite import Rewritten, rewrite_in
from slimdesk.operations.verify import verify_image
from slimdesk.recipes.references import images_needed
from slimdesk.verify.model import RunProfile

DATA = Path(__file__).resolve().parents[2] / "data"
SINGLE = DATA / "dockerfiles" / "single"
FILE = Path(__file__).resolve().parents[1] / "rewrites.json"
BEGIN, END = "<!-- rewrites: made by tests/engine/standins/rewrites.py -->", "<!-- end of rewrites -->"


@dataclass(frozen=True)
class Single:
    """A project with a single-stage Dockerfile; a service answers `expect` at `http`, a command prints it."""

    name: str
    language: str
    folder: Path
    dockerfile: Path
    expect: str
    http: str | None = None

    def text(self) -> str:
        return self.dockerfile.read_text()

    def open(self):
        project = open_project(self.folder)
        return project, choose_component(project, None)

    def rewritten(self) -> Rewritten:
        project, component = self.open()
        return rewrite_in(project, component, self.text(), dockerfile=self.dockerfile)

    def images(self) -> tuple[str, ...]:
        """The base images of both Dockerfiles."""
        done = self.rewritten().rewrite
        new = () if done is None else images_needed(done.generated.dockerfile, done.generated.target)
        return tuple(dict.fromkeys((*images_needed(parse(self.text()), None), *new)))

    def why_not(self) -> str | None:
        return next((reason for name in self.images() if (reason := standins.why_not(name))), None)


def _service(name: str, language: str, expect: str, http: str, home: str = "services") -> Single:
    return Single(name, language, DATA / home / name, SINGLE / f"{name}.Dockerfile", expect, http)


def _command(name: str, language: str, expect: str = "GOOD MORNING") -> Single:
    return Single(name, language, SINGLE / name, SINGLE / name / "Dockerfile", expect)


SINGLES = {
    one.name: one
    for one in (
        _service("go-web", "Go", "ok", "/healthz"),
        _command("go-greet", "Go", "GOOD MORNING HARBOUR"),
        _service("java-lone", "Java (javac)", "ok", "/healthz"),
        _command("java-greet", "Java (javac)"),
        _service("java-maven", "Java (Maven)", "ok", "/healthz"),
        _service("node-express", "Node.js (Express)", "ok", "/healthz", "projects"),
        _command("node-greet", "Node.js", "GOOD MORNING harbour after 1m"),
        _service("python-fastapi", "Python (FastAPI)", "ok", "/healthz"),
        _command("python-greet", "Python with a Debian library", "GOOD MORNING 1,000 True"),
        _command("rust-greet", "Rust", "GOOD MORNING 42"),
        _command("cpp-greet", "C++"),
        _service("web-vite-react", "React (Vite)", "<div", "/"),
        _service("web-html", "HTML", "<", "/"),
    )
}


async def measured(host: str, single: Single) -> dict:
    """Rewrite, build both, run the new one, and return the row."""
    await asyncio.to_thread(standins.ensure, host, single.images())
    project, component = single.open()
    found = single.rewritten()
    done = found.rewrite
    assert done is not None, found.reason
    old = Source(single.text(), done.dockerignore, component.context, "yours")
    new = Source(done.text, done.dockerignore, component.context, "rewritten", done.generated.target)
    sizes = {}
    async with trial.engine_at(host) as engine:
        for title, source in (("old", old), ("new", new)):
            tag = f"slimdesk-test/single-{single.name}:{title}"
            built = await build_source(engine, project, component, source, tag=tag)
            error = built.result.error
            assert error is None, "\n".join((f"{tag}: {error.step}: {error.message}", *error.log))
            sizes[title] = (await trial.measure(engine, tag)).sizes
        port = done.generated.component.port if single.http else None
        profile = RunProfile(port=port, http=single.http, expect=single.expect)
        proof = await verify_image(engine, f"slimdesk-test/single-{single.name}:new", profile)
    return {
        "name": single.name,
        "language": single.language,
        "family": done.family,
        "old_base": parse(single.text()).stages[-1].base,
        "new_base": done.generated.dockerfile.stages[-1].base,
        "old_files": sizes["old"].files,
        "new_files": sizes["new"].files,
        "factor": round(sizes["old"].files / sizes["new"].files, 2),
        "verdict": proof.verdict,
        "reason": proof.reason,
        "user": proof.user,
        "findings_before": len(found.findings),
        "findings_after": len(done.findings_after),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def read() -> list[dict]:
    """The rows as measured, in the order of SINGLES."""
    rows = {row["name"]: row for row in json.loads(FILE.read_text())["rows"]} if FILE.exists() else {}
    return [rows[name] for name in SINGLES if name in rows]


def keep(row: dict) -> None:
    """Put one row into the file; its reason and its day stay out of the table."""
    rows = {one["name"]: one for one in read()}
    rows[row["name"]] = {key: value for key, value in row.items() if key != "reason"}
    ordered = [rows[name] for name in SINGLES if name in rows]
    FILE.write_text(json.dumps({"rows": ordered}, indent=1) + "\n")


def render() -> str:
    """The table."""
    lines = [
        "| Project | Language | One stage | Size | Rewritten | Size | | Runs? | Findings |\n",
        "|---|---|---|---:|---|---:|---:|---|---:|\n",
    ]
    lines += [
        f"| {row['name']} | {row['language']} | `{row['old_base']}` | {row['old_files'] / 1e6:,.1f} MB | `{row['new_base']}` | "
        f"{row['new_files'] / 1e6:,.1f} MB | {row['factor']:.3g}× smaller | {row['verdict']} | "
        f"{row['findings_before']} → {row['findings_after']} |\n".replace(",", " ")
        for row in read()
    ]
    return "".join(lines)


def main() -> int:
    """Print or write the table, or measure."""
    parser = argparse.ArgumentParser(description="Single-stage Dockerfiles and their rewrites.")
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--measure", nargs="*", metavar="NAME")
    parser.add_argument("--engine", metavar="HOST")
    args = parser.parse_args()
    if args.measure is not None:
        for name in args.measure or SINGLES:
            try:
                row = asyncio.run(measured(args.engine, SINGLES[name]))
            except AssertionError as error:
                print(name, str(error)[-1500:], file=sys.stderr)
                continue
            print(
                name,
                row["verdict"],
                row["reason"],
                row["old_files"],
                row["new_files"],
                row["factor"],
                flush=True,
            )
            if row["verdict"] == "runs":
                keep(row)
        return 0
    table = render()
    if args.write is None:
        print(table, end="")
        return 0
    text = args.write.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        print(f"{args.write} has no line {BEGIN} and {END}", file=sys.stderr)
        return 1
    args.write.write_text(f"{before}{BEGIN}\n{table}{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
