"""The program's window, offscreen, with shells beside a container: `python shell_window.py CONTAINER DOES [WORDS]`, run by tests.

DOES is `look` (opens three shells one after the other, types WORDS into the last, closes it) or `hold` (opens two shells and
an inspection, and waits to be killed). Each step is told as a line of JSON.
"""

import asyncio
import sys
import time

from window_process import run, tell, until

from slimdesk import app
from slimdesk.workspace.workspace import Workspace


async def shell(page):
    """Press plus; return the pane and the seconds to its prompt."""
    began = time.monotonic()
    page.shell.tabs.plus.click()
    pane = page.shell.tabs.current
    await until(lambda: "# " in pane.terminal.shown_text() + " ", pane.terminal.shown_text)
    return pane, time.monotonic() - began


async def look(page, words):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    took = []
    for number in range(3):
        pane, seconds = await shell(page)
        took.append(seconds)
        if number < 2:
            page.shell.tabs.close_tab(pane)
            await until(lambda: not page.shell.tabs.panes, "the tab goes")
    QTest.keyClicks(pane.terminal.view, words + "; echo EN''DED")
    QTest.keyClick(pane.terminal.view, Qt.Key.Key_Return)
    await until(lambda: "\nENDED" in pane.terminal.shown_text(), "the commands end")
    tell(
        took=min(took),
        text=pane.terminal.shown_text(),
        focus=page.window().focusWidget() is pane.terminal.view,
    )
    page.shell.tabs.close_tab(pane)
    await until(lambda: not page.shell.tabs.panes, "the tab goes")
    tell(closed=True)
    await asyncio.to_thread(sys.stdin.readline)


async def hold(page):
    await shell(page)
    await shell(page)
    answered = []
    pane = page.shell.look("processes")
    pane.settled.connect(lambda: answered.append(1))
    await until(lambda: answered, "the processes are listed")
    tell(open=True, rows=len(pane.section.rows.rows), notices=[one.text for one in pane.notices.notices])
    await asyncio.sleep(600)


async def main(container, does, words=""):
    window, opening = app.build_window(Workspace())
    window.resize(1280, 800)
    window.show()
    app.begin(window, opening, None)
    window.go("debug")
    page = window.page_of("debug")
    await until(lambda: page.containers.rows.rows, "the containers are listed")
    page.containers.choose(container)
    await until(
        lambda: page.shell.container is not None and page.shell.container.container_id == container,
        "it is chosen",
    )
    await (hold(page) if does == "hold" else look(page, words))
    await app.put_away(window, opening)


if __name__ == "__main__":
    run(main)
