import pytest


@pytest.fixture(autouse=True)
def slimdesk_home(tmp_path, monkeypatch):
    """Settings, history and sessions of one test alone."""
    home = tmp_path / "slimdesk-home"
    monkeypatch.setenv("SLIMDESK_HOME", str(home))
    return home
