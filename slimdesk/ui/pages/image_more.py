"""The tab of an image's configuration: how it starts and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, plural
from slimdesk.image.model import Image
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.widgets.cells import CellDelegate
from slimdesk.ui.widgets.table import Table


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the configuration."""

    name: str
    value: str
    tip: str = ""


def configuration_table() -> tuple[Table, Rows[Setting]]:
    """Return a table of settings, and its model."""
    rows: Rows[Setting] = Rows(
        [
            Column(
                "name",
                "Setting",
                lambda one: one.name,
                width=280,
                cell_tip=lambda one: one.tip or one.name,
                font="strong",
            ),
            Column(
                "value",
                "Value",
                lambda one: one.value,
                width=400,
                grows=True,
                font="mono",
                cell_tip=lambda one: one.value,
            ),
        ]
    )
    table = Table("Configuration", rows, sortable=False)
    table.setItemDelegate(CellDelegate(table))
    return table, rows


def settings_of(image: Image) -> list[Setting]:
    """Return how the image starts and what it says of itself, made harmless."""
    config = image.config

    def words(value: tuple[str, ...] | None) -> str:
        # As JSON has it, so that it is plain where one word ends.
        import json

        return UNKNOWN if value is None else visible(json.dumps(list(value), ensure_ascii=False), 2000)

    lines = [
        Setting("User", visible(config.user) or "root (none is set)", "Who the process runs as"),
        Setting("Entry point", words(config.entrypoint), "ENTRYPOINT"),
        Setting(
            "Command", words(config.command), "CMD: arguments for the entry point, or the command itself"
        ),
        Setting("Working directory", visible(config.working_dir) or "/", "WORKDIR"),
        Setting("Exposed ports", visible(", ".join(config.exposed_ports)) or UNKNOWN, "EXPOSE"),
        Setting("Volumes", visible(", ".join(config.volumes)) or UNKNOWN, "VOLUME"),
        Setting("Health check", words(config.healthcheck), "HEALTHCHECK"),
        Setting("Stop signal", visible(config.stop_signal or UNKNOWN), "STOPSIGNAL"),
        Setting("Created", visible(config.created or UNKNOWN)),
        Setting("Platform", visible(image.platform or UNKNOWN)),
        Setting("Image ID", image.image_id or UNKNOWN),
        Setting(
            "Digests",
            "every layer was hashed and is what the image says" if image.verified else "not checked",
        ),
    ]
    for variable in config.environment:
        name, _, value = variable.partition("=")
        lines.append(Setting(f"ENV {visible(name, 60)}", visible(value, 2000)))
    for name, value in sorted(config.labels.items()):
        lines.append(Setting(f"LABEL {visible(name, 80)}", visible(value, 2000)))
    lines.append(Setting("Layers", plural(len(image.layers), "layer")))
    return lines
