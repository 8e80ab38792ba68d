"""How a person asks for a container, and what cannot be."""

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.operations.run_image import RunRequest, parse_ports, parse_variables, run_spec


def test_ports_as_a_person_writes_them():
    assert parse_ports(["8080:80", " 9090 ", "53/tcp"]) == {80: 8080, 9090: 0, 53: 0}
    assert parse_ports([]) == {}


@pytest.mark.parametrize("text", ["", "x", "80:", "1:2:3", "-1", "53/udp", "127.0.0.1:80:80", "８０"])
def test_what_is_no_port(text):
    with pytest.raises(BadInput):
        parse_ports([text])


def test_variables_keep_their_values_and_no_value_is_repeated_in_an_error():
    assert parse_variables(["A=1", "", "# x=y", " B = b=c "]) == {"A": "1", "B": " b=c"}
    with pytest.raises(BadInput) as caught:
        parse_variables(["A=1", "hunter2 is secret"])
    assert "hunter2" not in str(caught.value)
    assert "Line 2" in str(caught.value)


def test_what_is_asked_for_is_what_is_made(tmp_path):
    request = RunRequest(
        "shop:1",
        ports={80: 8080},
        volumes=(f"{tmp_path}:/data:ro", "cache:/var/cache", "/anonymous"),
        tmpfs=("/tmp:size=1m",),
        user="1000:1000",
        read_only=True,
        name="shop-1",
    )
    spec = run_spec(request)
    assert spec.published == {80: 8080}
    assert spec.binds == (f"{tmp_path}:/data:ro", "cache:/var/cache:rw")
    assert spec.volumes == ("/anonymous",)
    assert (spec.read_only, spec.user, spec.name) == (True, "1000:1000", "shop-1")


@pytest.mark.parametrize(
    "more",
    [
        {"ports": {0: 80}},
        {"ports": {80: 70000}},
        {"user": "a b"},
        {"user": "1000:"},
        {"name": "-x"},
        {"environment": {"A B": "1"}},
        {"volumes": ("/no/such/folder/here:/data",)},
        {"volumes": ("relative",)},
        {"volumes": ("bad name:/data",)},
        {"tmpfs": ("scratch",)},
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(more):
    with pytest.raises(BadInput):
        run_spec(RunRequest("shop:1", **more))
