"""States of the engine, as the engine's package would tell them."""

from slimdesk.engine.model import ContextState, EngineStatus

REACHABLE = EngineStatus(
    True,
    None,
    "default",
    "unix:///var/run/docker.sock",
    "28.3.1",
    "1.51",
    "containerd",
    "linux/amd64",
    "buildkit",
    (
        ContextState("default", "unix:///var/run/docker.sock", True),
        ContextState("rootless", "unix:///run/user/1000/docker.sock", False, "nothing listens there"),
    ),
)
UNREACHABLE = EngineStatus(
    False,
    "Nothing listens at unix:///var/run/docker.sock. Start Docker",
    "default",
    "unix:///var/run/docker.sock",
)
