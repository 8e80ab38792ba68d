"""A language's debugger on the debug target: what is added, what is not, and that production has none of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from slimdesk.dockerfile.parse import parse
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.project.corrections import apply_settings
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Options
from slimdesk.recipes.provenance import read_comment

DATA = Path(__file__).resolve().parents[2] / "data"
PROJECTS = {
    "java": DATA / "services" / "java-maven",
    "node": DATA / "projects" / "node-express",
    "deno": DATA / "services" / "node-deno-hono",
    "python": DATA / "services" / "python-fastapi",
    "go": DATA / "services" / "go-web",
}


def _made(name, family, catalog, **more):
    component = choose_component(open_project(PROJECTS[name]), None)
    return generate(component, family, catalog, Options(debug=True, debugger=True, **more))


def _told(generated):
    return next(one for one in generated.findings if one.rule == "debugger")


def _entry(stage):
    return [one.arguments for one in stage.instructions if one.keyword == "ENTRYPOINT"]


@pytest.mark.parametrize(
    ("name", "port", "words"),
    [
        ("java", "5005", "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005"),
        ("node", "9229", "--inspect=0.0.0.0:9229"),
        ("deno", "9229", "--inspect=0.0.0.0:9229"),
        ("python", "5678", '"-m", "debugpy", "--listen", "0.0.0.0:5678"'),
        ("go", "2345", '"/dlv", "exec", "/ships", "--headless", "--listen=:2345"'),
    ],
)
def test_the_debugger_is_on_the_debug_target_alone(catalog, name, port, words):
    generated = _made(name, "distroless", catalog)
    production, _, last = generated.text.partition(" AS final\n")
    final, _, rest = last.partition("\nFROM ")
    assert words not in production + final
    assert port not in [
        word for line in final.splitlines() if line.startswith("EXPOSE") for word in line.split()
    ]
    assert words in rest
    assert f'"io.slimdesk.debugger-port"="{port}"' in rest
    told = _told(generated)
    assert told.severity == "info"
    assert f"127.0.0.1:{port}:{port}" in told.message
    stages = generated.dockerfile.stages
    assert stages[-1].name == generated.target == "debug"
    assert len(_entry(stages[-1])) <= 1
    assert all(one.reason for one in generated.dockerfile.instructions())


@pytest.mark.parametrize("name", PROJECTS)
def test_what_is_written_is_read_by_the_parser_and_by_hadolint(catalog, name, tmp_path):
    component = choose_component(open_project(PROJECTS[name]), None)
    hadolint = Path(sys.executable).with_name("hadolint")
    for fit in fits(component, catalog):
        if not fit.available:
            continue
        generated = _made(name, fit.family, catalog)
        assert parse(generated.text).stages[-1].name == "debug"
        file = tmp_path / f"{fit.family}.Dockerfile"
        file.write_text(generated.text)
    done = subprocess.run(
        [hadolint, "--no-fail", *tmp_path.iterdir()], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""


def test_the_comment_remembers_the_debugger(catalog):
    generated = _made("node", "slim", catalog)
    line = generated.text.strip().splitlines()[-1]
    assert read_comment(line).options.debugger


def test_what_has_no_debugger_gets_a_shell_and_a_sentence(catalog):
    component = choose_component(open_project(DATA / "services" / "web-html"), None)
    generated = generate(component, "alpine", catalog, Options(debugger=True))
    assert generated.target == "debug"
    assert _told(generated).severity == "warning"
    assert "no debugger" in _told(generated).message


def test_a_runtime_of_its_own_has_no_debugger(catalog):
    linked = choose_component(apply_settings(open_project(PROJECTS["java"]), {"runtime": "jlink"}), None)
    generated = generate(linked, "distroless", catalog, Options(debugger=True))
    assert "jdk.jdwp.agent" in _told(generated).message
    assert "JAVA_TOOL_OPTIONS" not in generated.text


def test_go_for_another_platform_has_no_debugger(catalog):
    generated = _made("go", "scratch", catalog, platform="linux/arm64")
    assert "this machine's own platform" in _told(generated).message


def test_delve_goes_beside_the_program_in_an_empty_image(catalog):
    generated = _made("go", "scratch", catalog)
    assert [one.name for one in generated.dockerfile.stages][-4:] == ["final", "shell", "debugger", "debug"]
    assert '-gcflags="all=-N -l"' in generated.text
    assert generated.text.count("-s -w") == 1
