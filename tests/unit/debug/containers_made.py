"""Containers as an engine would tell of them, for tests."""

from slimdesk.engine.details import ContainerDetails
from slimdesk.engine.model import ContainerRecord


def record(**more):
    told = {
        "container_id": "c" * 64, "name": "shop", "image": "shop:1", "image_id": "sha256:" + "1" * 64, "state": "running",
        "exit_code": None, "error": "", "oom": False, "ip": None, "ports": {}, "user": "65532:65532", "created_at": None,
        "started_at": None, "finished_at": None,
    }  # fmt: skip
    return ContainerRecord(**{**told, **more})


def details(*, user="65532:65532", name="shop", **more):
    told = {
        "pid": 4711, "command": ("/app",), "environment": (("PATH", "/app/bin"),), "working_dir": "/app", "read_only": False,
        "privileged": False, "init": False, "tty": False, "cap_add": (), "cap_drop": (), "pid_mode": "", "network_mode": "default",
        "ipc_mode": "private", "userns_mode": "", "app_armor": "", "mounts": (), "memory": None, "cpus": None, "pids": None,
        "restart_policy": "no",
    }  # fmt: skip
    return ContainerDetails(record=record(user=user, name=name), **{**told, **more})
