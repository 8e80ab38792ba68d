"""A saved Dockerfile keeps what a person wrote into it when the project moves on, and says where it no longer agrees."""

import shutil

import pytest

from slimdesk.basics.errors import BadInput, DockerfileError
from slimdesk.dockerfile.parse import parse
from slimdesk.operations.detect import open_project
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.saved import provenance_of, save_merged, state_of
from slimdesk.recipes.model import Options

MAIN = 'package main\nimport "net/http"\nfunc main() { http.ListenAndServe(":8080", nil) }\n'


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "shop"
    made.mkdir()
    (made / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (made / "main.go").write_text(MAIN)
    return made


def save(folder, family="distroless", options=None):
    project = open_project(folder)
    made = generate_dockerfile(project, project.components[0], family, options or Options())
    path = folder / "Dockerfile"
    path.write_text(made.text)
    return path


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def state(folder, **options):
    return state_of(open_project(folder), None, folder / "Dockerfile", **options)


def test_what_was_just_saved_is_as_generated(folder):
    save(folder)
    saved = state(folder)
    assert (saved.state, saved.diff, saved.disagreements, saved.conflicts) == ("generated", "", (), ())
    assert saved.merged == saved.text


def test_every_option_is_recorded_and_taken_again(folder):
    options = Options(
        debug=True, cache_mounts=False, healthcheck=True, syntax=True, platform="linux/arm64",
        mirrors={"docker.io": "m.example/hub"}, labels={"team": "it's \"web\" $HOME #1", "empty": ""},
    )  # fmt: skip
    save(folder, "alpine", options)
    saved = state(folder)
    assert saved.state == "generated"
    assert saved.recorded.family == "alpine"
    assert saved.recorded.options == options


def test_lines_added_by_hand_stay_when_the_version_is_raised(folder):
    path = save(folder)
    change(path, "WORKDIR /src\n", "WORKDIR /src\nENV GOPRIVATE=example.com\n")
    change(path, "EXPOSE 8080\n", "EXPOSE 8080\n# for the metrics\nEXPOSE 9090\n")
    assert state(folder).state == "edited"
    assert state(folder).disagreements == ()
    change(folder / "go.mod", "1.26", "1.27")
    saved = state(folder)
    assert saved.state == "edited-and-moved-on"
    assert [(one.what, one.line) for one in saved.disagreements] == [("base", 3)]
    assert "+FROM golang:1.27-trixie AS build\n" in saved.diff
    kept = save_merged(saved)
    assert kept.read_text() == saved.text
    text = path.read_text()
    assert "golang:1.27-trixie" in text
    assert "golang:1.26" not in text
    assert "WORKDIR /src\nENV GOPRIVATE=example.com\n" in text
    assert "EXPOSE 8080\n# for the metrics\nEXPOSE 9090\n" in text
    parse(text)
    again = state(folder)
    assert (again.state, again.disagreements) == ("edited", ())


def test_port_entry_point_and_base_that_no_longer_agree_are_told(folder):
    save(folder)
    change(folder / "go.mod", "example.com/shop", "example.com/till")
    change(folder / "main.go", ":8080", ":9000")
    saved = state(folder)
    assert saved.state == "moved-on"
    told = {one.what: one.now for one in saved.disagreements}
    assert told["port"] == "EXPOSE 9000"
    assert told["entry point"] == 'ENTRYPOINT ["/till"]'
    assert "base" not in told


def test_a_port_that_is_no_longer_listened_on_is_told(folder, tmp_path):
    # Elsewhere: an EXPOSE in the project's own Dockerfile counts as evidence.
    path = save(folder).rename(tmp_path / "saved")
    change(folder / "main.go", 'import "net/http"', 'import "fmt"')
    change(folder / "main.go", 'http.ListenAndServe(":8080", nil)', 'fmt.Println("done")')
    saved = state_of(open_project(folder), None, path)
    dropped = next(one for one in saved.disagreements if one.what == "port")
    assert (dropped.was, dropped.now) == ("EXPOSE 8080", "")
    assert "no longer wanted" in str(dropped)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("EXPOSE 8080\n", "EXPOSE 8081\n"),
        ("EXPOSE 8080\n", ""),
        ("golang:1.26-trixie", "golang:1.26-bookworm"),
        ("golang:1.26-trixie", "golang:1.26-trixie@sha256:" + "ab" * 32),
        ('ENTRYPOINT ["/shop"]', 'ENTRYPOINT ["/shop", "-v"]'),
        ("WORKDIR /src\n", "WORKDIR /src   \n"),
        ("\n", "\r\n"),
    ],
)
def test_what_the_person_chose_is_no_disagreement(folder, old, new):
    path = save(folder)
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
    assert state(folder).disagreements == ()


def test_line_ends_of_windows_are_no_edit_and_stay(folder):
    path = save(folder)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert state(folder).state == "generated"
    change(folder / "go.mod", "1.26", "1.27")
    merged = state(folder).merged
    assert merged.count("\r\n") == merged.count("\n")


def test_both_versions_stand_in_the_text_where_both_changed_the_same_line(folder):
    path = save(folder)
    change(path, "golang:1.26-trixie", "golang:1.26-bookworm")
    change(folder / "go.mod", "1.26", "1.27")
    saved = state(folder)
    (conflict,) = saved.conflicts
    assert conflict.yours == ("FROM golang:1.26-bookworm AS build",)
    assert conflict.generated == ("FROM golang:1.27-trixie AS build",)
    lines = saved.merged.splitlines()
    assert lines[conflict.line - 1 : conflict.line + 4] == [
        "<<<<<<< yours", *conflict.yours, "=======", *conflict.generated, ">>>>>>> generated now",
    ]  # fmt: skip
    save_merged(saved)
    with pytest.raises(BadInput, match="wait for your choice"):
        state(folder)


def test_lines_within_one_instruction_are_merged_too(folder):
    path = save(folder)
    change(
        path,
        '"io.slimdesk.component"="shop" \\\n',
        '"io.slimdesk.component"="shop" \\\n    "team"="web" \\\n',
    )
    change(folder / "main.go", ":8080", ":9000")
    saved = state(folder)
    assert saved.conflicts == ()
    assert '    "team"="web" \\\n' in saved.merged
    assert '"io.slimdesk.port"="9000"' in saved.merged
    assert "8080" not in saved.merged


def test_a_line_that_the_person_took_out_stays_out(folder):
    path = save(folder)
    change(path, "EXPOSE 8080\n", "")
    change(folder / "go.mod", "1.26", "1.27")
    assert "EXPOSE" not in state(folder).merged


def test_what_is_appended_below_the_last_line_stays_there(folder):
    path = save(folder)
    path.write_text(f"{path.read_text()}LABEL team=web\n")
    change(folder / "go.mod", "1.26", "1.27")
    saved = state(folder)
    lines = saved.merged.splitlines()
    assert saved.state == "edited-and-moved-on"
    assert lines[-1] == "LABEL team=web"
    assert lines[-2].startswith("# slimdesk ")
    save_merged(saved)
    assert state(folder).state == "edited"


def test_the_first_line_follows_and_stays_away_where_somebody_took_it_out(folder):
    path = save(folder)
    change(path, "# Written by SlimDesk 0.1.0", "# Written by SlimDesk 0.0.9")
    assert state(folder).state == "generated"
    assert state(folder).merged.startswith("# Written by SlimDesk 0.1.0: distroless for shop (go)\n\nFROM ")
    change(path, "# Written by SlimDesk 0.0.9: distroless for shop (go)\n", "")
    assert state(folder).merged == path.read_text()


def test_a_file_with_its_comment_at_the_top_is_read_and_keeps_it_there(folder):
    path = save(folder)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[-1], *lines[1:-1]]) + "\n")
    assert state(folder).state == "generated"
    change(folder / "go.mod", "1.26", "1.27")
    merged = state(folder).merged.splitlines()
    assert merged[0].startswith("# slimdesk ")
    assert not merged[-2].startswith("#")


def test_another_release_of_slimdesk_is_no_disagreement(folder):
    path = save(folder)
    change(path, "# slimdesk 0.1.0:", "# slimdesk 0.0.9:")
    change(path, '"io.slimdesk.version"="0.1.0"', '"io.slimdesk.version"="0.0.9"')
    assert state(folder).state == "generated"


def test_another_checkout_has_another_folder_name(folder, tmp_path):
    (folder / "go.mod").unlink()
    (folder / "main.py").write_text('print("hi")\n')
    (folder / "main.go").unlink()
    save(folder)
    shutil.copytree(folder, tmp_path / "elsewhere")
    saved = state(tmp_path / "elsewhere")
    assert saved.disagreements == ()
    assert saved.component.path == "."


def test_a_family_that_can_no_longer_serve_is_said(folder):
    save(folder, "scratch")
    (folder / "c.go").write_text('package main\n\n// #include <stdio.h>\nimport "C"\n')
    saved = state(folder)
    assert saved.state == "moved-on"
    assert saved.problem is not None
    assert saved.merged == saved.text


def test_facts_that_were_set_are_set_again(folder):
    project = open_project(folder, {"port": "7000"})
    options = Options(settings={"port": "7000"})
    (folder / "Dockerfile").write_text(
        generate_dockerfile(project, project.components[0], "slim", options).text
    )
    saved = state(folder)
    assert (saved.state, saved.recorded.options.settings) == ("generated", {"port": "7000"})


def test_moving_to_another_family_keeps_the_lines(folder):
    path = save(folder, "slim")
    change(path, "WORKDIR /src\n", "WORKDIR /src\nENV GOPRIVATE=example.com\n")
    saved = state(folder, family="distroless")
    assert "ENV GOPRIVATE" in saved.merged
    assert "gcr.io/distroless/static" in saved.merged
    assert "debian:trixie-slim" not in saved.merged


def test_a_foreign_dockerfile_is_compared_by_what_matters(folder):
    path = folder / "Dockerfile"
    path.write_text('FROM golang:1.26\nCOPY . .\nRUN go build -o /shop .\nEXPOSE 8080\nCMD ["/shop"]\n')
    with pytest.raises(BadInput, match="was not written by SlimDesk"):
        state(folder)
    saved = state(folder, family="recommended")
    assert saved.state == "not-ours"
    assert [one.what for one in saved.disagreements] == ["base", "user"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("# slimdesk 9.0.0: go distroless --new-thing 1 --lines .Fabcd", "--new-thing is not known"),
        ("# slimdesk 0.1.0: go tiny --lines .Fabcd", "no family tiny"),
        ("# slimdesk 0.1.0: go", "cannot be read"),
        ("# slimdesk 0.1.0: 'go", "No closing quotation"),
        ("# slimdesk 0.1.0: go slim --lines .Fab\x1b", "no mark"),
        ("# slimdesk 0.1.0: go slim --component", "has no value"),
        ("# slimdesk 0.1.0: go slim --label x", "has no ="),
        ("# slimdesk 0.1.0: go slim --component gone --path gone --lines .Fabcd", "made for gone"),
        ("# slimdesk 0.1.0: go slim --component shop --set port=x --lines .Fabcd", "port"),
    ],
)
def test_a_comment_that_cannot_be_read_is_a_sentence(folder, words, why):
    (folder / "Dockerfile").write_text(f"{words}\nFROM scratch\nCOPY a /\n")
    with pytest.raises(BadInput) as caught:
        state(folder)
    assert why in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_file_that_is_no_dockerfile_or_of_another_component(folder):
    path = save(folder)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPPY a b\n")
    with pytest.raises(DockerfileError):
        state(folder)
    (folder / "worker").mkdir()
    (folder / "worker" / "package.json").write_text('{"name": "worker", "scripts": {"start": "node a.js"}}')
    project = open_project(folder)
    other = next(one for one in project.components if one.name == "worker")
    shop = next(one for one in project.components if one.name == "shop")
    path.write_text(generate_dockerfile(project, shop, "slim", Options()).text)
    with pytest.raises(BadInput, match="is the Dockerfile of shop"):
        state_of(project, other, path)
    with pytest.raises(BadInput, match="cannot be read"):
        state_of(project, None, folder / "none")


def test_a_comment_in_a_heredoc_is_no_comment():
    assert provenance_of("FROM a\n# slimdesk 0.1.0: go slim --component a\n").family == "slim"
    assert provenance_of("FROM a\nRUN true\n") is None
