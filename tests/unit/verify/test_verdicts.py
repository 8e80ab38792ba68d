"""From the end of an image, and that of its control, to a verdict: who is to blame."""

from __future__ import annotations

import pytest

from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.model import RunProfile
from slimdesk.verify.run import Run
from slimdesk.verify.verdict import judge

PROFILE = RunProfile(port=8080)
LIBRARY = Diagnosis("missing-library", "libpq.so.5 is not there.", image=True)
CRASH = Diagnosis("exited", "It ended with exit code 1.", image=False)
OTHER = Diagnosis("no-shell", "There is no shell.", image=True)


def ended(failure: Diagnosis | None, *log: str) -> Run:
    return Run(failure, "up", (), exit_code=None if failure is None else 1, log=log)


def test_a_fault_of_the_image_is_its_own() -> None:
    assert judge(ended(LIBRARY), None, PROFILE, None) == ("fails", LIBRARY.message)
    assert judge(ended(LIBRARY), ended(None), PROFILE, "full")[0] == "fails"
    # The control fails too, but for another reason.
    assert judge(ended(LIBRARY), ended(OTHER), PROFILE, "full")[0] == "fails"
    assert judge(ended(LIBRARY), ended(CRASH), PROFILE, "full")[0] == "fails"


def test_a_fault_that_the_control_shares_blames_no_family() -> None:
    verdict, reason = judge(ended(LIBRARY), ended(LIBRARY), PROFILE, "full")
    assert verdict == "not-proven"
    assert reason == "Not proven: the control full fails in the same way: libpq.so.5 is not there."


@pytest.mark.parametrize("control", [None, CRASH])
def test_what_the_app_itself_lacks_blames_no_image(control: Diagnosis | None) -> None:
    run = ended(CRASH, "KeyError: 'DATABASE_URL'")
    verdict, reason = judge(run, None if control is None else ended(control), PROFILE, "full")
    assert verdict == "not-proven"
    assert reason == "Not proven: the app itself exits, DATABASE_URL is not set."


def test_a_crash_without_a_word_fails_unless_the_control_crashes_too() -> None:
    assert judge(ended(CRASH), None, PROFILE, None) == ("fails", CRASH.message)
    assert judge(ended(CRASH), ended(None), PROFILE, "full")[0] == "fails"
    assert judge(ended(CRASH), ended(CRASH), PROFILE, "full")[0] == "not-proven"
