"""What brings a part of an image, the change that keeps it out of the next one, and what that gains."""

import difflib
import json

import pytest
from unit.operations.left_out import (
    DOCKERFILE,
    LOCKED,
    PACKAGE,
    asked,
    component_of,
    read_image,
    write_project,
)

from slimdesk.basics.errors import BadInput
from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.ignore import Ignore
from slimdesk.operations.build import LABEL_PROJECT, project_mark
from slimdesk.operations.image_findings import gain_beyond_family, known_of, with_project
from slimdesk.operations.leave_out import apply, leave_out, target_of, text_of_image


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project").mkdir()
    return write_project(tmp_path / "project")


@pytest.fixture
def image(tmp_path):
    return read_image(tmp_path)


def package(image, name):
    return next(one for one in image.packages if one.name == name)


def changed(found, path):
    return next(one for one in found.changes if one.path == path)


def lines(change, sign):
    diff = difflib.ndiff(change.before.splitlines(), change.after.splitlines())
    return [line[2:].strip() for line in diff if line.startswith(sign)]


def test_a_folder_that_copy_takes_along_gets_a_line_in_dockerignore(project, image):
    found = asked(project, image, "/app/static")
    assert found.brings == ("static of the build context comes to /app/static by line 14, COPY",)
    assert (found.gain.live, found.gain.files) == (730, 730)
    (change,) = found.changes
    assert (change.path, change.before, change.after) == (".dockerignore", "", "static\n")


@pytest.mark.parametrize("name", ["[a].txt", "!b.txt", "#c.txt", "d e.txt", "f*.txt", "back\\slash.txt"])
def test_the_line_means_the_very_file_whatever_its_name(project, tmp_path, name):
    from slimdesk.operations.leave_out_path import ignored_change

    (project.root / "static" / name).write_text("x")
    (project.root / "static" / "other.txt").write_text("x")
    after = ignored_change(project, component_of(project), f"static/{name}").after
    ignore = Ignore.parse(after)
    assert ignore.excludes(f"static/{name}")
    assert not ignore.excludes("static/other.txt")


def test_a_folder_that_a_copy_names_is_no_longer_copied(project, image):
    change = changed(asked(project, image, "/app/handbook"), "Dockerfile")
    assert lines(change, "- ") == ["COPY docs/ ./handbook/"]
    assert lines(change, "+ ") == []


def test_what_a_run_of_a_build_stage_makes_is_removed_at_the_end_of_that_stage(project, image):
    change = changed(asked(project, image, "/app/dist"), "Dockerfile")
    assert lines(change, "+ ") == ["RUN rm -rf /src/dist"]
    assert change.after.index("rm -rf /src/dist") < change.after.index("FROM node:24-slim")


def test_what_a_run_leaves_behind_is_removed_in_the_same_run(project, image):
    change = changed(asked(project, image, "/var/lib/apt/lists"), "Dockerfile")
    assert lines(change, "+ ") == [
        "RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists"
    ]


def test_without_a_known_base_the_last_layers_are_the_dockerfiles(project, tmp_path):
    image = read_image(tmp_path, {"io.slimdesk.base.layers": ""})
    assert image.base_layers is None
    assert asked(project, image, "/app/static").brings[0].endswith("by line 14, COPY")
    assert lines(changed(asked(project, image, "/var/lib/apt/lists"), "Dockerfile"), "+ ")
    assert asked(project, image, "/usr/bin/node").brings == ("The base image node:24-slim brings it",)


def test_what_other_lines_copy_by_name_is_told(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    project = write_project(
        root, DOCKERFILE.replace("package.json package-lock.json ./", "package*.json static/logo.svg ./")
    )
    image = read_image(tmp_path)
    found = asked(project, image, "/app/static")
    assert found.cautions == ("Line 3 copies static/logo.svg, and would miss it",)


def test_what_the_base_brings_only_another_family_is_without(project, image):
    found = asked(project, image, "/usr/bin/node")
    assert found.changes == ()
    assert found.brings == ("The base image node:24-slim brings it",)
    assert found.family == "distroless"
    assert "distroless" in found.reason.lower()


def test_a_package_goes_with_the_line_that_began_its_chain_and_with_what_only_it_needs(project, image):
    found = asked(project, image, package(image, "locale"))
    assert found.brings[0] == "package.json:6 → moment → locale"
    manifest = changed(found, "package.json")
    assert lines(manifest, "- ") == ['"express": "4.19.2",', '"moment": "2.30.1"']
    assert lines(manifest, "+ ") == ['"express": "4.19.2"']
    lock = json.loads(changed(found, "package-lock.json").after)["packages"]
    assert set(lock) == {
        "",
        *(f"node_modules/{name}" for name in ("express", "qs", "ms", "jest")),
    }
    assert lock[""]["dependencies"] == {"express": "4.19.2"}
    manifests = sum(len(one.before) - len(one.after) for one in found.changes if one.path != ".dockerignore")
    bodies = 6000 + 200 + 500
    records = sum(
        image.table.size[node]
        for node in range(len(image.table))
        if image.table.name(node) == "package.json"
        and any(f"/{name}/" in image.table.path(node) for name in ("moment", "locale"))
    )
    assert found.gain.live == bodies + records + manifests


def test_what_the_dockerfile_installs_by_name_does_not_go_with_the_manifests_line(tmp_path):
    (tmp_path / "named").mkdir()
    project = write_project(
        tmp_path / "named", DOCKERFILE.replace("RUN npm ci", "RUN npm install express@4 moment")
    )
    image = read_image(tmp_path)
    found = asked(project, image, package(image, "moment"))
    assert found.changes == ()
    assert found.reason == (
        "Line 4 of the Dockerfile installs moment by its name: take it out there, and out of package.json:6"
    )


def test_a_dependency_that_the_sources_import_is_left_out_with_a_caution(project, image):
    found = asked(project, image, package(image, "qs"))
    assert found.brings[0] == "package.json:5 → express → qs"
    assert found.cautions == ("express is imported in src/server.js:1: the program needs it",)


def test_most_of_a_package_is_the_package_and_a_part_of_it_is_only_that_part(project, image):
    whole = asked(project, image, "/app/node_modules/moment")
    assert whole.brings[0] == "/app/node_modules/moment belongs to moment"
    part = asked(project, image, "/app/node_modules/express/package.json")
    assert part.brings[0] == "It is a part of express"
    assert lines(changed(part, "Dockerfile"), "+ ") == ["RUN rm -rf /src/node_modules/express/package.json"]


def test_a_folder_of_packages_is_left_out_package_by_package(project, image):
    found = asked(project, image, "/app/node_modules")
    assert found.changes == ()
    assert found.reason.startswith("It holds 6 packages")


def test_what_the_build_itself_reads_is_let_in_again_and_said_so(tmp_path):
    (tmp_path / "project").mkdir()
    project = write_project(tmp_path / "project", dockerfile=None)
    image = read_image(tmp_path, {"io.slimdesk.family": "slim", LABEL_PROJECT: project_mark(project.root)})
    component, text = text_of_image(project, image)
    assert text.family == "slim"
    found = leave_out(project, component, image, text, target_of(image, "/app/package.json"))
    assert found.changes == ()
    assert found.reason


def test_an_image_that_nothing_ties_to_the_project_is_refused(tmp_path):
    (tmp_path / "project").mkdir()
    project = write_project(tmp_path / "project", dockerfile=None)
    with pytest.raises(BadInput, match="built from is not known"):
        text_of_image(project, read_image(tmp_path))


def test_an_image_of_another_project_is_refused(project, tmp_path):
    image = read_image(tmp_path, {LABEL_PROJECT: "0123456789abcdef"})
    with pytest.raises(BadInput, match="another project"):
        text_of_image(project, image)


@pytest.mark.parametrize("path", ["/nope", "", "/", "../etc", "\x00"])
def test_a_path_that_the_image_does_not_hold_is_refused(project, image, path):
    with pytest.raises(BadInput):
        asked(project, image, path)


def test_a_finding_is_left_out_where_it_lies_or_says_what_to_do(project, image):
    cache = Finding("cache", "warning", "Left behind", path="/var/lib/apt/lists", bytes=3000)
    assert changed(asked(project, image, cache), "Dockerfile")
    told = Finding("end-of-life", "warning", "Debian 9 ended", fix="Take a newer base")
    assert asked(project, image, told).reason == "Take a newer base"


def test_dev_dependencies_stay_out_of_the_install(project, image):
    told = Finding("dev-dependencies", "warning", "1 dev dependency", path="/app/node_modules/jest", bytes=10)
    change = changed(asked(project, image, told), "Dockerfile")
    assert lines(change, "+ ") == ["RUN npm ci --omit=dev"]


def test_applying_keeps_what_was_there_and_refuses_what_has_changed_since(project, image):
    found = asked(project, image, package(image, "moment"))
    kept = apply(project, found)
    assert sorted(path.name for path in kept) == ["package-lock.json.orig", "package.json.orig"]
    assert (project.root / "package.json.orig").read_text() == PACKAGE
    assert "moment" not in (project.root / "package.json").read_text()
    assert Ignore.parse((project.root / ".dockerignore").read_text()).excludes("package.json.orig")
    with pytest.raises(BadInput, match="another since"):
        apply(project, found)
    assert not (project.root / "package.json.orig.1").exists()


def test_findings_of_an_image_that_the_project_made_name_the_line(project, image, tmp_path):
    ours = read_image(
        tmp_path,
        {LABEL_PROJECT: project_mark(project.root), "io.slimdesk.component": component_of(project).name},
    )
    assert with_project(image, project) is image
    assert with_project(ours, project) is not ours
    chains = known_of(image, project, component_of(project)).chains
    by_name = {one.name: index for index, one in enumerate(image.packages)}
    assert chains.words(by_name["qs"]) == "package.json:5 → express → qs"


def test_a_dependency_is_said_first_only_where_it_gains_more_than_the_family():
    findings = (
        Finding("cuda", "warning", "CUDA", bytes=2_000),
        Finding("documentation", "info", "Documentation", bytes=9_000),
    )
    found = gain_beyond_family(findings, 1_000)
    assert found is not None
    assert found.rule == "cuda"
    assert gain_beyond_family(findings, 2_000) is None


def test_the_test_project_is_what_it_says():
    assert json.loads(PACKAGE)["dependencies"] == json.loads(LOCKED)["packages"][""]["dependencies"]
    assert DOCKERFILE.splitlines()[13] == "COPY . /app/"


def test_line_ends_marks_and_bytes_of_a_file_stay_its_own(project, image):
    dockerfile = project.root / "Dockerfile"
    dockerfile.write_bytes(b"\xef\xbb\xbf" + DOCKERFILE.replace("\n", "\r\n").encode())
    (project.root / ".dockerignore").write_bytes(b"# caf\xe9\r\nx\r\n")
    apply(project, asked(project, image, "/app/handbook"))
    wanted = DOCKERFILE.replace("COPY docs/ ./handbook/\n", "").replace("\n", "\r\n")
    assert dockerfile.read_bytes() == b"\xef\xbb\xbf" + wanted.encode()
    dockerfile.write_text(DOCKERFILE)
    apply(project, asked(project, image, "/app/static"))
    assert (project.root / ".dockerignore").read_bytes().startswith(b"# caf\xe9\r\nx\r\n")
    assert (project.root / ".dockerignore").read_text(errors="replace").endswith("\nstatic\n")


def test_the_cpu_build_takes_the_place_of_cuda_where_nothing_speaks_of_a_card(tmp_path):
    from unit.image.images import Picture, layer, old_save

    from slimdesk.image.read import Wanted, read_path

    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.txt").write_text("flask\nsentence-transformers==3\n")
    (root / "app.py").write_text("import flask\napp = flask.Flask(__name__)\n")
    from slimdesk.operations.detect import open_project

    project = open_project(root)
    site = "venv/lib/python3.13/site-packages"
    members = []
    for name, needs, size in (
        ("flask", "", 1_000),
        ("sentence-transformers", "torch", 2_000),
        ("torch", "nvidia-cudnn-cu12", 900_000),
        ("nvidia-cudnn-cu12", "", 4_000_000),
    ):
        needed = f"Requires-Dist: {needs}\n" if needs else ""
        record = f"{name}/x.so,,\n{name}-1.dist-info/METADATA,,\n"
        members += [
            (f"{site}/{name}-1.dist-info/METADATA", f"Name: {name}\nVersion: 1\n{needed}".encode()),
            (f"{site}/{name}-1.dist-info/RECORD", record.encode()),
            (f"{site}/{name}/x.so", size),
        ]
    (tmp_path / "image.tar").write_bytes(
        old_save([Picture([layer(members)], config={"User": "1", "Labels": {"io.slimdesk.family": "slim"}})])
    )
    image = read_path(tmp_path / "image.tar", Wanted())
    component = component_of(project)
    known = known_of(image, project, component)
    cuda = next(one for one in known.findings if one.rule == "cuda")
    assert cuda.severity == "warning"
    assert "Nothing in the project speaks of a graphics card" in cuda.message
    chain = "requirements.txt:2 → sentence-transformers → torch → nvidia-cudnn-cu12"
    assert chain in cuda.message
    assert known.could_save == image.could_save
    component, text = text_of_image(project, image)
    found = leave_out(project, component, image, text, target_of(image, cuda))
    assert found.brings == (chain,)
    assert lines(found.changes[0], "+ ") == ["--extra-index-url https://download.pytorch.org/whl/cpu"]
    assert 4_000_000 <= found.gain.live < 4_001_000
    (root / "app.py").write_text("import torch\nmodel.to('cuda')\n")
    with_card = known_of(image, project, component)
    assert "cuda" not in [one.rule for one in with_card.findings]
    assert with_card.could_save == image.could_save - (cuda.bytes or 0)
