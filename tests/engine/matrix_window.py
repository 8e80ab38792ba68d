"""The program's window, offscreen, on a project: `python matrix_window.py PROJECT [COMPONENT]`, run by tests.

It clicks "Build all fitting" once, waits until nothing is at work, and tells what then stands in the table as a line of JSON.
"""

import json
import time

from window_process import run, until

from slimdesk import app
from slimdesk.operations.matrix import newest_matrix
from slimdesk.ui.models.variants import sentence, verdict_word
from slimdesk.workspace.workspace import Workspace


def told(row):
    return {
        "family": row.variant.family,
        "available": row.available,
        "verdict": verdict_word(row)[0],
        "sentence": sentence(row),
        "size": row.size,
        "place": row.ranked.place if row.ranked else None,
        "build": row.results.build.value.tag if row.results.build else None,
        "log": log_of(row)[-10:],
    }


def log_of(row):
    """Why it did not build, as the engine said it."""
    error = row.results.build.value.error if row.results.build else None
    return list(error.log) if error else []


async def main(project, component=None):
    workspace = Workspace()
    window, opening = app.build_window(workspace)
    window.resize(1280, 800)
    window.show()
    app.begin(window, opening, project)
    await until(lambda: workspace.project is not None, "the project is open")
    if component is not None:
        workspace.choose_component(component)
    window.go("variants")
    page = window.page_of("variants")
    await until(lambda: page._rows and page._main.isEnabled(), "the rows are there")
    began = time.monotonic()
    page._main.click()
    jobs, began_by_the_click = workspace.jobs, page.variants.fitting()
    await until(lambda: page._main.text() == "Cancel all", "it has begun")
    await until(lambda: not jobs.running and not jobs.waiting, "everything has ended", 1800)
    await until(lambda: newest_matrix(workspace.project) is not None, "the matrix is kept")
    page.refresh()
    kept = newest_matrix(workspace.project)
    print(json.dumps({
        "seconds": time.monotonic() - began,
        "fitting": list(began_by_the_click),
        "take": page._told[0].text,
        "recommended": page.variants.table().recommended,
        "rows": [told(row) for row in page._rows],
        "kept": [row.family for row in kept.rows],
    }), flush=True)  # fmt: skip
    await app.put_away(window, opening)


if __name__ == "__main__":
    run(main)
