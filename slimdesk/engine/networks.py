"""Networks of SlimDesk's own, in which containers find one another by name. Blocking; `Engine` calls these in threads."""

from __future__ import annotations

from collections.abc import Mapping

from slimdesk.engine.client import client
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.model import LABEL_MADE


def create_network(endpoint: Endpoint, name: str, labels: Mapping[str, str] | None = None) -> str:
    """Make a bridge network and return its ID. Raises EngineError."""
    with engine_calls("No network could be made", endpoint), client(endpoint) as opened:
        made = opened.create_network(name, driver="bridge", labels={**(labels or {}), LABEL_MADE: "network"})
    return str(made["Id"])


def remove_network(endpoint: Endpoint, name: str) -> None:
    """Remove a network; one that is gone is no error."""
    import docker.errors

    with engine_calls("The network could not be removed", endpoint), client(endpoint) as opened:
        try:
            opened.remove_network(name)
        except docker.errors.NotFound:
            return


def list_networks(endpoint: Endpoint, label: str) -> dict[str, str]:
    """Return the networks that carry a label: name -> its value. Raises EngineError."""
    with engine_calls("The networks could not be listed", endpoint), client(endpoint) as opened:
        listed = opened.networks(filters={"label": label})
    return {str(one["Name"]): str((one.get("Labels") or {}).get(label, "")) for one in listed}
