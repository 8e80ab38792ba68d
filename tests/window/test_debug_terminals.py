"""Tabs of terminals over streams: what is typed arrives in order, ends are told, closing leaves nothing."""

import asyncio

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from slimdesk.basics.errors import EngineError, StreamBroken
from slimdesk.ui import tasks
from slimdesk.ui.pages.debug_terminals import TerminalTabs
from slimdesk.ui.theme import current
from slimdesk.ui.widgets.buttons import IconButton


class Stream:
    """A program that is played by the test."""

    def __init__(self):
        self.out = asyncio.Queue()
        self.typed = bytearray()
        self.sizes = []
        self.closed = 0
        self.ending = ""

    async def read(self):
        data = await self.out.get()
        if isinstance(data, Exception):
            raise data
        return data

    async def write(self, data):
        await asyncio.sleep(0)
        self.typed += data

    async def resize(self, columns, rows):
        self.sizes.append((columns, rows))

    async def close(self):
        self.closed += 1
        self.out.put_nowait(b"")


async def opened(stream):
    return stream


@pytest.fixture
async def tabs(qapp):
    current().start("light") if current().appearance == "system" else current().choose("light")
    widget = TerminalTabs("No shell is open", "Choose a container.", "Open a shell")
    widget.resize(800, 500)
    widget.show()
    yield widget
    await widget.close_all()
    widget.deleteLater()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))
    await asyncio.sleep(0)
    assert not tasks.running()


async def test_bytes_go_both_ways(tabs, settled):
    stream = Stream()
    pane = tabs.open_tab("shop-api-1 shell", opened(stream), "Beside the container")
    stream.out.put_nowait(b"/ $ ")
    await settled(lambda: pane.terminal.shown_text() == "/ $")
    QTest.keyClicks(pane.terminal.view, "ls -l")
    QTest.keyClick(pane.terminal.view, Qt.Key.Key_Return)
    await settled(lambda: bytes(stream.typed) == b"ls -l\r")
    await settled(lambda: stream.sizes and stream.sizes[-1] == pane.terminal.size_in_cells)
    tabs.resize(600, 400)
    await settled(lambda: len(stream.sizes) > 1 and stream.sizes[-1] == pane.terminal.size_in_cells)


async def test_its_end_is_told_and_what_it_wrote_stays(tabs, settled):
    stream = Stream()
    ends = []
    pane = tabs.open_tab("api", opened(stream))
    pane.ended.connect(lambda: ends.append(1))
    stream.out.put_nowait(b"last words")
    stream.ending = "api ended (exit code 1), and the shell with it."
    stream.out.put_nowait(b"")
    await settled(lambda: ends)
    await settled(lambda: "exit code 1" in pane.terminal.shown_text())
    assert "last words" in pane.terminal.shown_text()
    assert stream.closed
    assert tabs.panes == (pane,)


async def test_a_broken_stream_is_told(tabs, settled):
    stream = Stream()
    pane = tabs.open_tab("api", opened(stream))
    stream.out.put_nowait(StreamBroken("The engine went away"))
    await settled(lambda: "engine went away" in pane.terminal.shown_text())
    assert not pane.running


async def test_what_cannot_be_opened_says_why(tabs, settled):
    async def refused():
        raise EngineError("There is no shell", "the container has ended")

    pane = tabs.open_tab("api", refused())
    await settled(lambda: pane.terminal.notices.notices)
    assert "the container has ended" in pane.terminal.notices.notices[0].text.lower()


async def test_closing_a_tab_ends_its_stream(tabs, settled):
    one, two = Stream(), Stream()
    first, second = tabs.open_tab("one", opened(one)), tabs.open_tab("two", opened(two))
    await settled(lambda: first.stream is not None and second.stream is not None)
    assert tabs.current is second
    gone = []
    tabs.shut.connect(gone.append)
    button = next(one for one in tabs.bar.findChildren(IconButton) if one.accessibleName() == "Close one")
    button.click()
    await settled(lambda: gone == [first])
    assert one.closed
    assert not two.closed
    assert tabs.panes == (second,)
    tabs.close_tab(second)
    await settled(lambda: len(gone) == 2)
    assert tabs.current is None
    assert not tabs.bar.isVisible()


async def test_closing_while_it_opens(tabs, settled):
    begun, undone = [], []

    async def slow():
        begun.append(1)
        try:
            await asyncio.sleep(60)
        finally:
            undone.append(1)

    pane = tabs.open_tab("slow", slow())
    await settled(lambda: begun)
    tabs.close_tab(pane)
    await settled(lambda: undone)
    await settled(lambda: not tasks.running())


async def test_ten_at_once(tabs, settled):
    streams = [Stream() for _ in range(10)]
    panes = [tabs.open_tab(f"shell {i}", opened(stream)) for i, stream in enumerate(streams)]
    for i, stream in enumerate(streams):
        stream.out.put_nowait(f"I am {i}\r\n".encode() * 200)
    for pane in panes:
        tabs.choose(pane)
        await settled(lambda pane=pane: "I am" in pane.terminal.shown_text())
    await tabs.close_all()
    assert all(stream.closed for stream in streams)


async def test_the_size_of_type_is_one_for_all(tabs, settled):
    zooms = []
    tabs.zoomed.connect(zooms.append)
    first = tabs.open_tab("one", opened(Stream()))
    first.terminal.zoom(2)
    second = tabs.open_tab("two", opened(Stream()))
    assert zooms == [2.0]
    assert second.terminal.points == 2.0


async def test_plus_bell_and_title(tabs, settled):
    wanted = []
    tabs.plus_wanted.connect(lambda: wanted.append(1))
    stream = Stream()
    first = tabs.open_tab("one", opened(stream))
    tabs.open_tab("two", opened(Stream()))
    before = tabs.bar.tabIcon(0).cacheKey()
    stream.out.put_nowait(b"\x1b]2;vi main.go\x07\x07")
    await settled(lambda: tabs.bar.tabToolTip(0) == "vi main.go")
    await settled(lambda: tabs.bar.tabIcon(0).cacheKey() != before)
    tabs.plus.click()
    assert wanted == [1]
    tabs.choose(first)
    assert tabs.current is first


async def test_a_program_that_never_reads_does_not_fill_memory(tabs, settled):
    stream = Stream()
    reads = asyncio.Event()

    async def write(data):
        await reads.wait()
        stream.typed.extend(data)

    stream.write = write
    pane = tabs.open_tab("deaf", opened(stream))
    await settled(lambda: pane.stream is not None)
    for _ in range(30):
        pane.terminal.typed.emit(b"x" * 100_000)
    reads.set()
    await settled(lambda: stream.typed)
    await settled(lambda: pane._waiting == 0)
    assert len(stream.typed) <= 1_100_000
