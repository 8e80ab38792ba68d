"""Both cores, one after the other: whoever asks for `make` gets each."""

import pytest

from slimdesk.terminal import ghostty
from slimdesk.terminal.plain import PlainScreen


@pytest.fixture(params=["ghostty", "plain"])
def make(request):
    """Return a maker of screens, `make(columns, rows)`; all are closed at the end."""
    if request.param == "ghostty" and not ghostty.available():
        pytest.skip("pyghostty has no wheel for this machine")
    made = []

    def one(columns=80, rows=24):
        kind = ghostty.GhosttyScreen if request.param == "ghostty" else PlainScreen
        made.append(kind(columns, rows))
        return made[-1]

    yield one
    for screen in made:
        screen.close()
