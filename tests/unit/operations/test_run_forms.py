"""What was typed into "Run image": read as a request, remembered per image, and no secret written down."""

import json

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.operations.run_form import any_port, public_environment, request_of
from slimdesk.workspace.run_forms import KEPT, RunForm, RunForms

FORM = RunForm(
    image="registry.example.com:5000/shop/api:1.4",
    ports="8080:80 443",
    environment="MODE=dev\n\n# a remark\nAPI_TOKEN=abc\nURL=postgres://me:pw@db/x",
    volumes="data:/data:ro\n/cache\n",
    command="serve 'a b'",
    user="65532:65532",
    memory="64 MB",
    read_only=True,
    tmp=True,
)


def test_a_form_is_read_as_a_request():
    found = request_of(FORM)
    assert found.ports == {80: 8080, 443: 0}
    assert found.environment["API_TOKEN"] == "abc"
    assert found.volumes == ("data:/data:ro", "/cache")
    assert found.command == ("serve", "a b")
    assert found.memory == 64_000_000
    assert found.tmpfs == ("/tmp:mode=1777",)
    assert found.read_only


def test_an_empty_form_asks_for_the_image_as_it_is():
    found = request_of(RunForm(image=" nginx "))
    assert (found.image, found.ports, found.command, found.user, found.memory) == (
        "nginx",
        {},
        (),
        None,
        None,
    )


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (RunForm(), "No image"),
        (RunForm("a", ports="http"), "no port"),
        (RunForm("a", environment="x"), "names no variable"),
        (RunForm("a", command="'"), "cannot be read"),
        (RunForm("a", memory="much"), "no amount"),
        (RunForm("a", memory="1"), "too little"),
    ],
)
def test_what_cannot_be_is_told(form, told):
    with pytest.raises(BadInput, match=told):
        request_of(form)


def test_a_taken_port_can_be_any():
    assert any_port("8080:80, 443") == "80, 443"


def test_secrets_are_not_written_down(tmp_path):
    path = tmp_path / "runs.json"
    forms = RunForms(public_environment, path)
    forms.keep(FORM)
    assert forms.of("registry.example.com:5000/shop/api:2").environment == FORM.environment
    text = path.read_text()
    assert "abc" not in text
    assert "pw@db" not in text
    later = RunForms(public_environment, path).of("registry.example.com:5000/shop/api")
    assert later.ports == FORM.ports
    assert later.read_only
    assert "MODE=dev" in later.environment
    assert "# API_TOKEN was not kept" in later.environment
    # What is remembered can be run as it is.
    request_of(later)


def test_the_last_ones_are_kept_and_a_damaged_file_is_begun_anew(tmp_path):
    path = tmp_path / "runs.json"
    forms = RunForms(str, path)
    for number in range(KEPT + 5):
        forms.keep(RunForm(f"image-{number}"))
    kept = json.loads(path.read_text())
    assert len(kept) == KEPT
    assert "image-0" not in kept
    for text in ("{", "[]", '{"image-1": 3, "b": {"ports": 5, "tmp": "yes", "evil": 1}}', "[" * 5000):
        path.write_text(text)
        again = RunForms(str, path)
        assert again.of("image-1") is None
        assert again.of("b") in (None, RunForm("b"))
        again.keep(RunForm("c", ports="80"))
        assert RunForms(str, path).of("c:1") == RunForm("c:1", ports="80")


def test_an_image_named_by_digest_is_the_same_image(tmp_path):
    forms = RunForms(str, tmp_path / "runs.json")
    forms.keep(RunForm("shop/api@sha256:" + "0" * 64, ports="80"))
    assert forms.of("shop/api:7").ports == "80"
    assert forms.of("shop/web") is None
