"""What is said of a saved Dockerfile that the project has left behind, and how its conflicts are decided."""

import pytest
from unit.operations.variant_desk import MAIN, OWN, shop

from slimdesk.dockerfile.parse import parse
from slimdesk.operations.detect import open_project
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.saved import Disagreement, Saved
from slimdesk.operations.variant_saved import merge_for, moved_words, resolved, saved_state
from slimdesk.recipes.model import Options


@pytest.fixture
def root(tmp_path):
    return shop(tmp_path)


def opened(root):
    project = open_project(root)
    return project, project.components[0]


def save(root, family="distroless"):
    project, component = opened(root)
    (root / "Dockerfile").write_text(generate_dockerfile(project, component, family, Options()).text)


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_only_a_file_that_slimdesk_wrote_for_this_component_has_a_state(root):
    assert saved_state(*opened(root)) is None
    (root / "Dockerfile").write_text(OWN)
    assert saved_state(*opened(root)) is None
    save(root)
    state = saved_state(*opened(root))
    assert (state.words, state.family, state.problem) == ("saved, as generated", "distroless", None)
    assert moved_words(state.saved) == ""


def test_a_raised_version_is_told_by_its_language(root):
    save(root)
    change(root / "go.mod", "go 1.26", "go 1.27")
    state = saved_state(*opened(root))
    assert state.words == "saved, the project has moved on"
    assert moved_words(state.saved) == "The saved Dockerfile was made for Go 1.26; the project asks for 1.27."


def test_two_changes_tell_the_first_and_count_the_other(root):
    save(root)
    change(root / "go.mod", "go 1.26", "go 1.27")
    change(root / "go.mod", "example.org/shop", "example.org/till")
    words = moved_words(saved_state(*opened(root)).saved)
    assert words.startswith("The saved Dockerfile was made for Go 1.26;")
    assert "changed too" in words


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Disagreement("port", "EXPOSE 8080", "EXPOSE 9000"), "exposes port 8080; the project listens on 9000"),
        (Disagreement("port", "EXPOSE 8080", ""), "exposes port 8080, on which nothing listens any more"),
        (Disagreement("port", "", "EXPOSE 9000"), "does not expose port 9000"),
        (Disagreement("base", "FROM node:22 AS a", "FROM --platform=linux/arm64 node:24 AS a"), "was made for Node.js 22; the project asks for 24"),
        (Disagreement("base", "COPY --from=busybox:1 /a /b", "COPY --from=busybox:2 /a /b"), "starts from busybox:1; busybox:2 would be taken now"),
        (Disagreement("base", "FROM $X", "FROM $Y"), "starts from another base image"),
        (Disagreement("base", "FROM a:1", ""), "takes a:1, which is no longer wanted"),
        (Disagreement("base", "", "FROM golang:1 AS build"), "does not take golang:1, which the project asks for now"),
        (Disagreement("user", "USER 1", "USER 2"), "runs as another user"),
        (Disagreement("entry point", 'ENTRYPOINT ["/a"]', 'ENTRYPOINT ["/b"]'), 'starts another program than the project\'s of now, ENTRYPOINT ["/b"]'),
    ],
)  # fmt: skip
def test_each_disagreement_is_a_sentence(root, told, words):
    component = opened(root)[1]
    saved = Saved(root / "Dockerfile", "", "moved-on", None, component, None, "", disagreements=(told,))
    assert moved_words(saved) == f"The saved Dockerfile {words}."


def test_without_a_disagreement_it_only_says_that_it_would_be_written_differently(root):
    component = opened(root)[1]
    for found in ((), (Disagreement("build", "RUN a", "RUN b"),)):
        saved = Saved(root / "Dockerfile", "", "moved-on", None, component, None, "", disagreements=found)
        assert moved_words(saved) == "SlimDesk would write the saved Dockerfile differently now."


def test_a_family_that_no_longer_fits_is_told_with_its_reason(root):
    save(root, "scratch")
    (root / "main.go").write_text(MAIN.replace('import "net/http"', 'import "C"\nimport "net/http"'))
    state = saved_state(*opened(root))
    assert moved_words(state.saved).startswith("The saved Dockerfile cannot be written anew: ")


def test_a_comment_that_cannot_be_read_is_a_problem_and_no_exception(root):
    save(root)
    change(root / "Dockerfile", "# slimdesk 0.1.0: go distroless", "# slimdesk 9.9.9: go marshmallow")
    state = saved_state(*opened(root))
    assert state.saved is None
    assert "cannot be read" in str(state.problem)
    assert (state.words, state.family) == ("", "")


def test_conflicts_are_decided_one_by_one_and_yours_is_kept_where_nothing_is_said(root):
    save(root)
    change(root / "Dockerfile", "golang:1.26-trixie", "golang:1.26-bookworm")
    change(root / "go.mod", "go 1.26", "go 1.27")
    saved = saved_state(*opened(root)).saved
    assert len(saved.conflicts) == 1
    mine, new = resolved(saved.merged, ()), resolved(saved.merged, ("generated",))
    assert "golang:1.26-bookworm" in mine
    assert "golang:1.27-trixie" not in mine
    assert "golang:1.27-trixie" in new
    assert "bookworm" not in new
    for text in (mine, new):
        assert len(parse(text).stages) == 2
        assert "<<<<<<<" not in text


def test_line_ends_stay_what_they_are():
    text = "FROM a\r\n<<<<<<< yours\r\nUSER 1\r\n=======\r\nUSER 2\r\n>>>>>>> generated now\r\n"
    assert resolved(text, ("generated",)) == "FROM a\r\nUSER 2\r\n"
    assert resolved(text, ("yours",)) == "FROM a\r\nUSER 1\r\n"


def test_another_family_is_merged_only_where_somebody_wrote_something(root):
    project, component = opened(root)
    assert merge_for(project, component, "slim", Options()) is None
    save(root)
    assert merge_for(*opened(root), "slim", Options()) is None
    change(root / "Dockerfile", "EXPOSE 8080\n", "EXPOSE 8080\nENV TZ=UTC\n")
    saved = merge_for(*opened(root), "alpine", Options())
    text = resolved(saved.merged, ())
    assert "ENV TZ=UTC" in text
    assert "alpine" in text
    assert "alpine for shop" in text.splitlines()[0]
