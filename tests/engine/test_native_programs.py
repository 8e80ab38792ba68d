"""Rust and C programs that are commands: built on stand-ins, run, and built again after a change of code."""

import shutil
from dataclasses import replace

import pytest
from engine.standins import trial

from slimdesk.operations.verify import verify_image
from slimdesk.verify.model import RunProfile


@pytest.fixture
def program_of():
    """A program that can be built here on that family; the test is skipped with the reason otherwise."""

    def give(program, family):
        reason = program.why_not(family)
        if reason:
            pytest.skip(reason)
        return program

    return give


async def test_a_static_c_program_on_scratch_is_the_program_alone(modern_engine, program_of):
    program = program_of(trial.C_HELLO, "scratch")
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, program, "scratch", "slimdesk-test/cpp-hello:scratch")
        found = await verify_image(
            engine, "slimdesk-test/cpp-hello:scratch", RunProfile(expect="hello from C")
        )
        image = await trial.measure(engine, "slimdesk-test/cpp-hello:scratch")
    assert found.verdict == "runs", (found.reason, found.log)
    assert found.user == "65532:65532"
    assert image.sizes.files < 2_000_000


@pytest.mark.parametrize("family", ["distroless", pytest.param("scratch", marks=pytest.mark.matrix)])
async def test_a_rust_command_of_a_workspace_runs(modern_engine, program_of, family):
    program = program_of(trial.RUST_TALLY, family)
    tag = f"slimdesk-test/rust-tally:{family}"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, program, family, tag)
        profile = RunProfile(command=("one two", "three"), expect="3 words")
        found = await verify_image(engine, tag, profile)
        image = await trial.measure(engine, tag)
    assert found.verdict == "runs", (found.reason, found.log)
    assert found.user == "65532:65532"
    if family == "scratch":
        assert image.sizes.files < 2_000_000


async def test_a_change_of_code_compiles_no_dependency_again(modern_engine, program_of, tmp_path):
    program = program_of(trial.RUST_TALLY, "distroless")
    folder = tmp_path / "rust-tally"
    shutil.copytree(program.folder, folder)
    copied = replace(program, folder=folder)
    tag = "slimdesk-test/rust-tally:changed"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, copied, "distroless", tag)
        main = folder / "crates/tally/src/main.rs"
        main.write_text(main.read_text().replace("{total} words", "{total} words, counted anew"))
        built = await trial.build(engine, copied, "distroless", tag)
        profile = RunProfile(command=("one two",), expect="2 words, counted anew")
        found = await verify_image(engine, tag, profile)
    compiling = [step for step in built.result.steps if "cargo build" in step.name]
    assert [step.cached for step in compiling] == [True, False]
    assert found.verdict == "runs", (found.reason, found.log)
