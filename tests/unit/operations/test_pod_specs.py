"""A pod's container as each engine can start it."""

from slimdesk.engine.model import LABEL_OWNER, ContainerSpec, EngineStatus
from slimdesk.operations.run_pod import to_start

SPEC = ContainerSpec("shop:1", tmpfs=("/data:rw,mode=2777,uid=65532,gid=9,size=64m", "/a,uid=1:rw,mode=0777"))


def known(product):
    return EngineStatus(True, None, "default", "unix:///engine.sock", product=product)


def test_docker_gets_the_volumes_as_planned():
    started = to_start(SPEC, known("Docker"))
    assert started.tmpfs == SPEC.tmpfs
    assert started.name.startswith("slimdesk-pod-")
    assert LABEL_OWNER in started.labels


def test_podman_gets_volumes_without_an_owner():
    assert to_start(SPEC, known("Podman")).tmpfs == ("/data:rw,mode=2777,size=64m", "/a,uid=1:rw,mode=0777")
