"""Questions with a word of the person's own: whether a name resolves in there, whether a port answers HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.ui.pages.debug_inspections_section import Section
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.code_view import CodeView
from slimdesk.ui.widgets.layout import column, line, row
from slimdesk.ui.widgets.number_field import NumberField
from slimdesk.ui.widgets.text import Icon, Text

if TYPE_CHECKING:
    from slimdesk.operations.sidecar import Sidecar


class _Asked(Section):
    """Fields, a button, a sentence, and the lines of the answer."""

    def __init__(self, name: str, button: str, *fields: QWidget) -> None:
        super().__init__(filters=False)
        self.ask = Button(button, "magnifying-glass", self.wanted.emit)
        self._sign = Icon("info", "text3", 16)
        self.sentence = Text("", "strong", wrap=True)
        self.lines = CodeView(name)
        head = row(*fields, self.ask, 1, margins=(12, 8, 12, 8))
        said = row(self._sign, self.sentence, margins=(12, 8, 12, 8))
        said.setStretch(1, 1)
        self.setLayout(column(head, line(), said, self.lines, spacing=0))
        self.say("info", "text3", "")

    def say(self, picture: str, role: Token, sentence: str, lines: str = "") -> None:
        """Show what came of it."""
        self._sign.set(picture, role)
        self._sign.setVisible(bool(sentence))
        self.sentence.setText(sentence)
        self.lines.show_text(lines, None)


class NameSection(_Asked):
    """Asks for a host name from inside the container's network."""

    def __init__(self) -> None:
        self.name = QLineEdit()
        self.name.setPlaceholderText("db.internal")
        self.name.setAccessibleName("Host name")
        super().__init__("What the name servers said", "Check", Text("Name", "body", "text2"), self.name)
        self.name.setMinimumWidth(220)
        self.name.returnPressed.connect(self.wanted)
        self.setFocusProxy(self.name)

    async def read(self, helper: Sidecar) -> str:
        """Ask for the name; without one, say what can be asked."""
        from slimdesk.operations.inspect_container import check_name

        name = self.name.text().strip()
        if not name:
            self.say("info", "text3", "Type a host name: it is asked for as the container itself would.")
            return ""
        found = await check_name(helper, name)
        lines = [f"address      {one}" for one in found.addresses]
        lines += [f"name server  {one}" for one in found.servers]
        lines += [f"search       {one}" for one in found.search]
        good = bool(found.addresses)
        self.say(
            "check-circle-fill" if good else "x-circle-fill",
            "good" if good else "bad",
            found.reason,
            "\n".join(lines),
        )
        return ""


class HttpSection(_Asked):
    """Asks the container's own port from inside its network."""

    def __init__(self, port: int | None) -> None:
        self.port = NumberField()
        self.port.setRange(1, 65535)
        self.port.setAccessibleName("Port")
        self.path = QLineEdit("/")
        self.path.setAccessibleName("Path")
        self.secure = QCheckBox("HTTPS")
        super().__init__(
            "The head of the answer",
            "Ask",
            Text("Port", "body", "text2"),
            self.port,
            Text("Path", "body", "text2"),
            self.path,
            self.secure,
        )
        self.port.setMinimumWidth(76)
        self.path.setMinimumWidth(160)
        self.path.returnPressed.connect(self.wanted)
        self._known = port is not None
        self.port.setValue(port or 8080)
        self.port.valueChanged.connect(self._chosen)
        self.setFocusProxy(self.path)

    def _chosen(self) -> None:
        self._known = True

    async def read(self, helper: Sidecar) -> str:
        """Ask; the port is the first that listens, unless the person chose one."""
        from slimdesk.operations.inspect_container import list_sockets, probe_http

        if not self._known:
            open_ports = [
                one.port
                for one in await list_sockets(helper)
                if one.listening and one.protocol.startswith("tcp")
            ]
            if open_ports:
                self.port.setValue(open_ports[0])
            self._known = True
        secure = self.secure.isChecked()
        found = await probe_http(helper, self.port.value(), self.path.text().strip() or "/", secure=secure)
        good = found.status is not None and found.status < 500
        self.say(
            "check-circle-fill" if good else "x-circle-fill",
            "good" if good else "bad",
            found.reason,
            "\n".join(found.head),
        )
        return visible(found.url, 200)
