"""Packages that an image gets besides: installed, or copied in, or refused with the reason; on every family."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.basics.errors import BadInput, UnavailableFamily
from slimdesk.project.detect import detect
from slimdesk.project.model import Evidence
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Options
from slimdesk.recipes.packages import with_packages
from slimdesk.recipes.packages_debian import INSTALLERS, plan_stage

APP = {"requirements.txt": "fastapi\nuvicorn\n", "main.py": "from fastapi import FastAPI\napp = FastAPI()\n"}
DISTROLESS = "gcr.io/distroless/python3-debian13:nonroot"


@pytest.fixture
def component(tmp_path):
    def make(files):
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return detect(tmp_path / "shop").components[0]

    return make


def hadolint(text):
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [program, "-f", "json", "-"], input=text, text=True, capture_output=True, check=False
    )
    return {found["code"] for found in json.loads(done.stdout)}


def stage_of(made, name):
    return [one.keyword for one in made.dockerfile.stage(name).instructions]


def texts(made, stage, keyword):
    found = made.dockerfile.stage(stage).instructions
    return [" ".join((*one.flags, *one.arguments)) for one in found if one.keyword == keyword]


def test_distroless_copies_what_a_stage_of_the_same_release_unpacks(component, catalog):
    made = generate(component(APP), "distroless", catalog, Options(packages=("libpq5", "ffmpeg")))
    unpacked = made.dockerfile.stage("packages")
    assert unpacked.base == "debian:trixie-slim"
    resolving = texts(made, "packages", "RUN")[0]
    assert f"from={DISTROLESS}" in resolving
    assert " libpq5 ffmpeg " in " ".join(resolving.split())
    final = made.dockerfile.stage("final")
    assert final.base == DISTROLESS
    assert (final.instructions[1].keyword, final.instructions[1].arguments) == ("COPY", ("/packages/", "/"))
    assert stage_of(made, "final").count("RUN") == 0
    assert made.target == "final"
    assert all(one.reason for one in unpacked.instructions)


@pytest.mark.parametrize("family", ["full", "slim", "alpine", "distroless", "chainguard", "hardened", None])
@pytest.mark.parametrize("debug", [False, True])
def test_every_family_reads_as_it_was_written_and_lints(component, catalog, family, debug):
    made = generate(component(APP), family, catalog, Options(packages=("fonts-dejavu-core",), debug=debug))
    read = [command.cmd.upper() for command in buildkit.parse_string(made.text)]
    assert read == [one.keyword for one in made.dockerfile.instructions()]
    # The baseline is what tutorials write.
    assert hadolint(made.text) <= ({"DL3008"} if family is None else set())
    users = [one.arguments for one in made.dockerfile.stage("final").instructions if one.keyword == "USER"]
    assert family is None or users[-1] != ("0:0",)


@pytest.mark.parametrize(
    ("family", "command"), [("slim", "apt-get install"), ("alpine", "apk add --no-cache font-noto")]
)
def test_a_package_manager_installs_in_the_final_stage(component, catalog, family, command):
    made = generate(component(APP), family, catalog, Options(packages=("font-noto",)))
    assert made.dockerfile.stage("packages") is None
    assert command in texts(made, "final", "RUN")[0]
    assert stage_of(made, "final")[:2] == ["FROM", "RUN"]


def test_a_base_that_starts_as_another_user_installs_as_root(component, catalog):
    made = generate(component(APP), "slim", catalog, Options())
    base = replace(made.base, user=1000, run_user=1000, run_group=1000)
    final = made.dockerfile.stages[-1]
    stages, findings = with_packages((final,), base, {"curl": None}, catalog)
    words = [one.keyword for one in stages[-1].instructions]
    assert words[1:3] == ["USER", "RUN"]
    assert words.count("USER") == 2
    without = replace(final, instructions=tuple(one for one in final.instructions if one.keyword != "USER"))
    stages, findings = with_packages((without,), base, {"curl": None}, catalog)
    users = [one.arguments for one in stages[-1].instructions if one.keyword == "USER"]
    assert users == [("0:0",), ("1000:1000",)]
    assert findings == ()


def test_families_without_room_say_so(component, catalog):
    app = component(
        {"go.mod": "module example.com/a\n\ngo 1.26\n", "main.go": "package main\nfunc main() {}\n"}
    )
    found = {fit.family: fit for fit in fits(app, catalog, ("libpq5",))}
    assert found["distroless"].available
    assert "libpq5 comes from a stage" in found["distroless"].reason
    assert not found["scratch"].available
    assert "scratch has no C library" in found["scratch"].reason
    assert "stage" not in {fit.family: fit for fit in fits(app, catalog)}["distroless"].reason
    with pytest.raises(UnavailableFamily, match="scratch has no C library") as caught:
        generate(app, "scratch", catalog, Options(packages=("libpq5",)))
    assert "distroless" in caught.value.todo


def test_chiselled_takes_none(catalog):
    base = next(image for image in catalog.images if image.family == "chiselled")
    with pytest.raises(UnavailableFamily, match="cut out of Ubuntu"):
        with_packages((), base, {"libpq5": None}, catalog)


def test_a_base_of_another_release_takes_none(catalog):
    base = catalog.find("distroless", "python")
    other = replace(base, codename="bookworm")
    with pytest.raises(UnavailableFamily, match="No image of the catalogue has the package manager"):
        with_packages((), other, {"libpq5": None}, catalog)


def test_static_is_told_that_the_c_library_comes_along(component, catalog):
    app = component(
        {"go.mod": "module example.com/a\n\ngo 1.26\n", "main.go": "package main\nfunc main() {}\n"}
    )
    made = generate(app, "distroless", catalog, Options(packages=("bash",)))
    rules = {finding.rule: finding for finding in made.findings}
    assert "no C library" in rules["packages-bring-libc"].message
    assert "bash puts a shell" in rules["packages-bring-shell"].message
    assert "do not run" in rules["packages-without-scripts"].message


@pytest.mark.parametrize(
    "name",
    ["", "-y", "libpq5;id", "libpq5 curl", "LIBPQ5", "a", "libpq5=1", "libpq5\n", "$(id)", "é1", "x" * 200],
)
def test_what_is_no_name_is_refused(component, catalog, name):
    for family in ("distroless", "slim", "alpine", None):
        with pytest.raises(BadInput, match="not the name of a package"):
            generate(component(APP), family, catalog, Options(packages=("libpq5", name)))
    with pytest.raises(BadInput):
        fits(component(APP), catalog, (name,))


def test_hundreds_are_refused(component, catalog):
    with pytest.raises(BadInput, match="too many"):
        generate(component(APP), "slim", catalog, Options(packages=tuple(f"lib{n}" for n in range(101))))


def test_slimdesk_toml_names_packages(component, catalog):
    text = '[components."."]\npackages = ["libpq5", "fonts-dejavu-core"]\n'
    app = component({**APP, "slimdesk.toml": text})
    made = generate(app, "distroless", catalog, Options(packages=("libpq5",)))
    copied = made.dockerfile.stage("final").instructions[1]
    assert copied.evidence == Evidence("slimdesk.toml", 2)
    assert copied.reason.startswith("libpq5 and fonts-dejavu-core and what they need")
    assert texts(made, "packages", "RUN")[0].count("libpq5") == 1


def test_slimdesk_toml_with_a_wrong_package_is_a_problem(tmp_path, catalog):
    for name, text in {**APP, "slimdesk.toml": '[components."."]\npackages = ["libpq5; id"]\n'}.items():
        (tmp_path / name).write_text(text)
    project = detect(tmp_path)
    assert any("not the name of a package" in problem.message for problem in project.problems)
    assert fits(project.components[0], catalog)


def test_what_a_language_found_is_added_to_debian_and_not_to_the_baseline(component, catalog):
    app = component({"requirements.txt": "psycopg2\n", "main.py": "import psycopg2\n"})
    found = {fit.family: fit for fit in fits(app, catalog)}
    assert found["distroless"].available
    assert not found["chainguard"].available
    assert "Debian" in found["chainguard"].reason
    # Alpine has its own name for it.
    assert any(
        "apk add --no-cache libpq" in text
        for text in texts(generate(app, "alpine", catalog, Options()), "final", "RUN")
    )
    made = generate(app, "distroless", catalog, Options())
    assert made.dockerfile.stage("final").instructions[1].evidence == Evidence("requirements.txt", 1)
    assert "libpq5" in texts(made, "packages", "RUN")[0]
    slim = generate(app, "slim", catalog, Options())
    assert "libpq5" in texts(slim, "final", "RUN")[0]
    baseline = generate(app, None, catalog, Options())
    assert not any("libpq5" in text for text in texts(baseline, "final", "RUN"))


def test_mirrors_and_pins_reach_the_mounted_base(component, catalog):
    digest = "sha256:" + "a" * 64
    options = Options(
        packages=("libpq5",), mirrors={"gcr.io": "mirror.test/gcr"}, digests={"debian:trixie-slim": digest}
    )
    made = generate(component(APP), "distroless", catalog, options)
    assert "from=mirror.test/gcr/distroless/python3-debian13:nonroot" in texts(made, "packages", "RUN")[0]
    assert made.dockerfile.stage("packages").base == f"debian:trixie-slim@{digest}"


def test_a_package_for_install_scripts_that_is_named_is_not_taken_for_present():
    stage = plan_stage("packages", "debian:trixie-slim", DISTROLESS, ("adduser", "libpq5"))
    command = next(one for one in stage.instructions if one.keyword == "RUN").arguments[0]
    faked = next(line for line in command.split("&&") if "apt-cache show --no-all-versions" in line)
    assert "adduser" not in faked.split()
    assert set(INSTALLERS) - {"adduser"} <= set(faked.split())


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("alpine", "apk add --no-cache font-dejavu libpq ffmpeg"),
        ("chainguard", "--repositories-file /etc/apk/repositories ttf-dejavu libpq5 ffmpeg"),
        ("slim", "apt-get install -y --no-install-recommends fonts-dejavu-core libpq5 ffmpeg"),
    ],
)
def test_one_list_of_names_serves_every_family(component, catalog, family, words):
    names = ("fonts-dejavu-core", "libpq5", "ffmpeg")
    made = generate(component(APP), family, catalog, Options(packages=names))
    assert any(
        words in text
        for stage in ("packages", "final")
        if made.dockerfile.stage(stage)
        for text in texts(made, stage, "RUN")
    )
