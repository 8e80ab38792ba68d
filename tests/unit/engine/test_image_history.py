"""What made an image, as engines tell it: also where they tell nothing."""

import contextlib

from slimdesk.engine import images
from slimdesk.engine.endpoint import in_use


class Told:
    def __init__(self, history, layers):
        self._history, self._layers = history, layers

    def history(self, _):
        return self._history

    def inspect_image(self, _):
        return {"RootFS": {"Layers": self._layers}}


def said(monkeypatch, history, layers):
    monkeypatch.setattr(images, "client", lambda *_: contextlib.nullcontext(Told(history, layers)))
    return images.history(in_use(), "app:1")


def test_an_image_without_history_has_none(monkeypatch):
    # Engines send null for it.
    assert said(monkeypatch, None, ["sha256:1"]) == []
    assert said(monkeypatch, [], ["sha256:1"]) == []


def test_oldest_first_and_what_has_a_layer(monkeypatch):
    newest_first = [
        {"Size": 0, "CreatedBy": 'CMD ["app"]'},
        {"Size": 5, "CreatedBy": "COPY app /"},
        {"Size": 0, "CreatedBy": "WORKDIR /"},
    ]  # fmt: skip
    found = said(monkeypatch, newest_first, ["sha256:1", "sha256:2"])
    assert [(one.created_by, one.size, one.empty) for one in found] == [
        ("WORKDIR /", 0, False), ("COPY app /", 5, False), ('CMD ["app"]', 0, True),
    ]  # fmt: skip
