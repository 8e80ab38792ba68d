"""The tab of an image's configuration: how it starts and what it says of itself."""

from __future__ import annotations

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, plural
from slimdesk.image.model import Image
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.pages.image_lines import Line, line_table
from slimdesk.ui.widgets.table import Table


def configuration_table() -> tuple[Table, Rows[Line]]:
    """Return a table of settings, and its model."""
    return line_table("Configuration", "Setting", 280)


def settings_of(image: Image) -> list[Line]:
    """Return how the image starts and what it says of itself, made harmless."""
    config = image.config

    def words(value: tuple[str, ...] | None) -> str:
        # As JSON has it, so that it is plain where one word ends.
        import json

        return UNKNOWN if value is None else visible(json.dumps(list(value), ensure_ascii=False), 2000)

    lines = [
        Line("User", visible(config.user) or "root (none is set)", "Who the process runs as"),
        Line("Entry point", words(config.entrypoint), "ENTRYPOINT"),
        Line("Command", words(config.command), "CMD: arguments for the entry point, or the command itself"),
        Line("Working directory", visible(config.working_dir) or "/", "WORKDIR"),
        Line("Exposed ports", visible(", ".join(config.exposed_ports)) or UNKNOWN, "EXPOSE"),
        Line("Volumes", visible(", ".join(config.volumes)) or UNKNOWN, "VOLUME"),
        Line("Health check", words(config.healthcheck), "HEALTHCHECK"),
        Line("Stop signal", visible(config.stop_signal or UNKNOWN), "STOPSIGNAL"),
        Line("Created", visible(config.created or UNKNOWN)),
        Line("Platform", visible(image.platform or UNKNOWN)),
        Line("Image ID", image.image_id or UNKNOWN),
        Line(
            "Digests",
            "every layer was hashed and is what the image says" if image.verified else "not checked",
        ),
    ]
    for variable in config.environment:
        name, _, value = variable.partition("=")
        lines.append(Line(f"ENV {visible(name, 60)}", visible(value, 2000)))
    for name, value in sorted(config.labels.items()):
        lines.append(Line(f"LABEL {visible(name, 80)}", visible(value, 2000)))
    lines.append(Line("Layers", plural(len(image.layers), "layer")))
    return lines
