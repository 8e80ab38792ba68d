"""A saved Dockerfile with lines of the person's own keeps them when Go is raised, and the result builds and answers."""

from dataclasses import replace

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.operations.build import build_source, own_source
from slimdesk.operations.detect import open_project
from slimdesk.operations.generate import generate_dockerfile, save_dockerfile, save_ignore
from slimdesk.operations.saved import save_merged, state_of
from slimdesk.operations.verify import verify_image
from slimdesk.recipes.model import Options
from slimdesk.verify.model import RunProfile

pytestmark = pytest.mark.builds

MAIN = """package main

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		notes, _ := os.ReadFile("/notes.txt")
		fmt.Fprintln(w, runtime.Version(), os.Getenv("GREETING"), string(notes))
	})
	http.ListenAndServe(":8080", nil)
}
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "greeter"
    made.mkdir()
    (made / "go.mod").write_text("module example.com/greeter\n\ngo 1.26\n")
    (made / "main.go").write_text(MAIN)
    (made / "notes.txt").write_text("kept by hand\n")
    return made


async def test_two_lines_added_by_hand_survive_a_newer_go_and_the_image_answers(modern_engine, folder):
    project = open_project(folder)
    made = generate_dockerfile(project, project.components[0], "distroless", Options())
    path = folder / "Dockerfile"
    save_dockerfile(made, path)
    save_ignore(made, project, path)
    text = path.read_text()
    added = 'ENV GREETING="good morning"\nCOPY notes.txt /notes.txt\n'
    path.write_text(text.replace("EXPOSE 8080\n", f"EXPOSE 8080\n{added}"))
    (folder / "go.mod").write_text("module example.com/greeter\n\ngo 1.27\n")

    project = open_project(folder)
    (component,) = project.components
    saved = state_of(project, component, path)
    assert saved.state == "edited-and-moved-on"
    assert saved.conflicts == ()
    assert save_merged(saved).read_text() == saved.text
    text = path.read_text()
    assert "FROM golang:1.27-trixie AS build\n" in text
    assert added in text
    assert state_of(open_project(folder), None, path).state == "edited"

    names = [stage.base for stage in saved.generated.dockerfile.stages]
    if any(reason := standins.why_not(name) for name in names):
        pytest.skip(reason)
    standins.ensure(modern_engine, names)
    async with trial.engine_at(modern_engine) as engine:
        built = await build_source(
            engine, project, component, own_source(project, component, path), tag="slimdesk-test/greeter:1"
        )
        assert built.result.error is None, built.result.error
        profile = RunProfile(port=8080, http="/")
        for words in ("go1.27", "good morning kept by hand"):
            found = await verify_image(engine, built.tag, replace(profile, expect=words))
            assert found.verdict == "runs", (found.reason, found.log)
        assert found.user == "65532:65532"
        await engine.remove_image(built.tag)
