"""Which step of a build is said, and how."""

from slimdesk.basics.job import Job
from slimdesk.engine.model import BuildStep
from slimdesk.operations.variant_steps import ButSteps, step_words, tell_steps


def step(name, state):
    return BuildStep(name, name, None, None, None, state)


def test_the_running_step_is_said_with_its_number_and_without_what_is_internal():
    job = Job("build")
    steps = (
        step("[internal] load build context", "done"),
        step("[build 1/2] FROM golang", "cached"),
        step("[build 2/2] RUN go build", "running"),
        step("[final 1/1] COPY /app", "waiting"),
    )
    tell_steps(job, steps)
    assert job.current.step == "Step 2 of 3: [build 2/2] RUN go build"
    assert (job.current.done, job.current.total) == (1, 3)


def test_a_step_is_told_once_and_what_else_a_build_says_stays():
    job = Job("build")
    told = ButSteps(job)
    tell_steps(job, (step("[build 1/1] RUN make", "running"),))
    told.progress("[build 1/1] RUN make", 10, 20, "bytes")
    told.progress("exporting to image", 0, 1, "steps")
    assert job.current.step == "Step 1 of 1: [build 1/1] RUN make"
    told.progress("Sending the build context", 10, None, "bytes")
    assert job.current.step == "Sending the build context"
    told.log("one line")
    assert list(job.lines) == ["one line"]


def test_caches_digests_and_control_characters_are_no_part_of_a_steps_words():
    name = (
        "[build 3/3] RUN --mount=type=cache,target=/go/pkg/mod     --mount=type=cache,target=/root/.cache/go-build"
        "     CGO_ENABLED=0 go build\x1b[31m"
    )
    assert step_words(name).startswith("[build 3/3] RUN CGO_ENABLED=0 go build")
    assert "\x1b" not in step_words(name)
    assert step_words(f"[build 1/3] FROM docker.io/library/golang:1.27@sha256:{'ab' * 32}").endswith(
        "golang:1.27"
    )
    assert len(step_words("RUN " + "x" * 500)) <= 121
