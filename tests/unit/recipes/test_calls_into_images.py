"""What becomes of calls into an image: the table of snippets, per family; no false alarm on harmless ones."""

import pytest

from slimdesk.operations.detect import choose_component
from slimdesk.project.detect import detect
from slimdesk.recipes.generate import fits
from slimdesk.recipes.needs import MAX_TEXT, verdicts
from tests.unit.recipes.calls_table import BREAKING, HARMLESS, PYTHON, Snippet


def answers_of(snippet, tmp_path, catalog):
    """Return the verdicts by family for the project with the snippet's files."""
    for name, text in {**snippet.project, **snippet.files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = detect(tmp_path)
    # A Procfile's worker is a component of its own; the calls are those of the program that serves.
    component = choose_component(project, None)
    return project, {
        fit.family: verdicts(component, fit, project.calls)
        for fit in fits(component, catalog)
        if fit.available
    }


def test_the_table_is_long_enough():
    assert len(BREAKING) >= 30
    assert len(HARMLESS) >= 15
    names = [one.name for one in (*BREAKING, *HARMLESS)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("snippet", BREAKING, ids=lambda one: one.name)
def test_a_call_gets_the_right_verdict(snippet, tmp_path, catalog):
    project, found = answers_of(snippet, tmp_path, catalog)
    assert project.calls
    worst = {"works": 0, "replace": 1, "fails": 2}
    for family, answer in snippet.answers.items():
        said = [one.answer for one in found[family]]
        assert max(said, key=worst.__getitem__) == answer, (family, found[family])
    broken = [one for one in found["distroless"] if one.answer != "works"]
    assert snippet.program in [one.program for one in broken], broken
    for one in broken:
        assert one.call.evidence is not None
        assert str(one.call.evidence) in one.sentence
    if snippet.instead is not None:
        assert any(snippet.instead in (one.replacement or "") for one in broken), broken
    else:
        assert [one.replacement for one in broken] == [None]


@pytest.mark.parametrize("snippet", HARMLESS, ids=lambda one: one.name)
def test_no_false_alarm(snippet, tmp_path, catalog):
    _, found = answers_of(snippet, tmp_path, catalog)
    assert found
    for answers in found.values():
        assert [one for one in answers if one.answer != "works"] == []


def test_nothing_of_a_hostile_file_reaches_a_terminal(tmp_path, catalog):
    nasty = "\x1b[31mred\x07 \u202eevil"
    files = {
        **PYTHON,
        "Procfile": f"worker: celery -A '{nasty}' worker\n",
        "compose.yaml": f'services:\n  app:\n    build: .\n    command: ["sh", "-c", "gunicorn {nasty!r} {"x" * 5000}"]\n',
        "Dockerfile": f"FROM x\nHEALTHCHECK CMD curl http://localhost/{nasty}\n",
    }
    _, found = answers_of(Snippet("hostile", {}, files, {}), tmp_path, catalog)
    for answers in found.values():
        assert answers
        for one in answers:
            for text in (one.sentence, one.replacement or ""):
                assert text.isprintable()
                assert len(text) <= MAX_TEXT
