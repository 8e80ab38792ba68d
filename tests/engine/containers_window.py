"""The program's window, offscreen, with a real engine's containers: `python containers_window.py IMAGE`, run by a test.

Runs IMAGE from the sheet, first so that it fails, then so that it serves; tells what the page shows of it as lines of JSON.
"""

import asyncio

from window_process import run, tell, until

from slimdesk import app
from slimdesk.workspace.workspace import Workspace


async def steps(window, image):
    from slimdesk.engine.engine import Engine
    from slimdesk.ui.pages.debug_run import RunDialog

    outside = await Engine.connect()
    workspace = window.workspace
    await until(lambda: workspace.engine is not None and workspace.engine.reachable, "the engine answers")
    dialog = RunDialog(window.desk, image)
    dialog.show()
    dialog.ports.setText("8080")
    dialog.command.setText("-c /nowhere.conf -x")
    dialog.start()
    await until(lambda: dialog.problem.isVisibleTo(dialog), "why it did not come up")
    tell(problem=dialog.problem.words.text())
    dialog.command.setText("")
    dialog.start()
    page = window.page_of("debug")

    def state():
        notices = [one.text for one in dialog.notices.notices]
        return f"it runs: {page.isVisible()}, {page.chosen}, {dialog.problem.words.text()}, {notices}"

    await until(lambda: page.isVisible() and page.chosen is not None and page.chosen.running, state)
    row = page.containers.chosen_row
    await until(lambda: page.containers.chosen_row.shell is not None, "the shell is looked for")
    row = page.containers.chosen_row
    tell(
        container=row.key,
        name=row.record.name,
        shell=row.shell,
        ports=list(row.record.ports),
        failed=dialog._failed,
    )
    page.below.tabs.choose("events")
    await until(lambda: "Started" in [one.what for one in page.below.events.rows.rows], "its events")
    await outside.kill(row.key)
    await until(lambda: page.chosen.exit_code is not None, "that it was killed from outside")
    await until(
        lambda: "Ended with exit code 137" in [one.what for one in page.below.events.rows.rows], "its end"
    )
    tell(state=page.chosen.state, events=[one.what for one in page.below.events.rows.rows])
    page.restart()
    await until(lambda: page.chosen.running, "it runs again")
    page.remove()
    await until(questions, "the question")
    questions()[0].accept()
    await until(
        lambda: row.key not in [one.key for one in page.containers.rows.rows], "it goes out of the list"
    )
    tell(gone=True)
    await asyncio.sleep(600)


def questions():
    from PySide6.QtWidgets import QApplication, QDialog

    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


async def main(image):
    window, opening = app.build_window(Workspace())
    window.resize(1280, 800)
    window.show()
    app.begin(window, opening, None)
    await steps(window, image)


if __name__ == "__main__":
    run(main)
