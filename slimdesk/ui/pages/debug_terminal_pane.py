"""One terminal of the Debug page and the stream behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.ui.pages.debug_tab_pane import TabPane
from slimdesk.ui.tasks import spawn
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.notice import Notice, notice_of
from slimdesk.ui.widgets.terminal import TerminalWidget
from slimdesk.ui.widgets.text import Text

if TYPE_CHECKING:
    from slimdesk.operations.terminal_stream import TerminalStream

# What is typed, or answered, while the program inside does not read.
_WAITING_MOST = 1_000_000


class TerminalPane(TabPane):
    """A terminal, and above it a line that says where its shell sits.

    `ending` is the sentence why nobody is inside any more. `tell` makes the notice for what could not be opened, such as
    one that offers another way. Signals: `ended` when there is nobody inside any more (also when it could not be opened).
    """

    ended = Signal()

    def __init__(self, title: str, where: str = "") -> None:
        super().__init__(title)
        self.ending = ""
        self.tell: Callable[[SlimDeskError], Notice] = notice_of
        self.terminal = TerminalWidget()
        self.terminal.view.setAccessibleName(f"Terminal: {self.title}")
        self.stream: TerminalStream | None = None
        self._where = Text("", "body", "text2", wrap=True)
        self._line = panel(row(self._where, margins=(8, 4, 8, 4)), "bar", "bottom")
        self.setLayout(column(self._line, self.terminal, spacing=0))
        self.setFocusProxy(self.terminal)
        self.say(where)
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._waiting = 0
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.terminal.typed.connect(self._keep)
        self.terminal.resized.connect(lambda _columns, _rows: self._keep(b""))
        self.terminal.rang.connect(self.rang)
        self.terminal.set_title_callback(self.renamed.emit)

    def take_focus(self) -> None:
        """Let the person type into it."""
        self.terminal.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, where: str) -> None:
        """Say where the shell sits; nothing hides the line."""
        self._where.setText(visible(where))
        self._line.setVisible(bool(where))

    def start(self, opening: Coroutine[Any, Any, TerminalStream]) -> asyncio.Task[None]:
        """Open a stream, and be its terminal until it ends."""
        self._task = spawn(self._run(opening))
        return self._task

    @property
    def running(self) -> bool:
        """Whether a stream is being opened, or open."""
        return self._task is not None and not self._task.done()

    async def close_stream(self) -> None:
        """End what is inside, and give the memory back; returns when nothing is left of it."""
        self._closing = True
        if self._task is not None and self.stream is None:
            # Still opening: what opens it puts away what it has begun.
            self._task.cancel()
        if self.stream is not None:
            await self.stream.close()
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.terminal.shut()

    async def _run(self, opening: Coroutine[Any, Any, TerminalStream]) -> None:
        try:
            self.stream = await opening
        except SlimDeskError as error:
            if not self._closing:
                self.say("")
                self.terminal.notices.show_notice(self.tell(error))
                self._end("It could not be opened.")
            return
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._closing or task is None or task.cancelling():
                raise
            # Not this task, but the job that fetched its tools.
            self._end("It was cancelled.")
            return
        writing = spawn(self._write(self.stream))
        try:
            self._keep(b"")
            while data := await self.stream.read():
                await self.terminal.feed(data)
            if not self._closing:
                self._end(getattr(self.stream, "ending", "") or "The shell has ended.")
        except SlimDeskError as error:
            if not self._closing:
                self._end(str(error))
        finally:
            writing.cancel()
            await self.stream.close()

    def _end(self, words: str) -> None:
        self.ending = words
        self.terminal.ended(words)
        self.ended.emit()

    def _keep(self, data: bytes) -> None:
        """Hold what is to be written; nothing for a new size. A program that does not read gets no more than it can."""
        if self._waiting + len(data) <= _WAITING_MOST:
            self._waiting += len(data)
            self._typed.put_nowait(data)

    async def _write(self, stream: TerminalStream) -> None:
        """Write what is typed, in its order, and tell sizes, only the newest."""
        told = (0, 0)
        while True:
            pieces = [await self._typed.get()]
            while not self._typed.empty():
                pieces.append(self._typed.get_nowait())
            data = b"".join(pieces)
            self._waiting -= len(data)
            size = self.terminal.size_in_cells
            if size != told:
                told = size
                await stream.resize(*size)
            if data:
                # That it has ended is what reading tells.
                with contextlib.suppress(SlimDeskError):
                    await stream.write(data)
