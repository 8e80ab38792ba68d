"""The page in a real browser: nothing on its console, nothing fetched, sorted by a click; for paper and for dark rooms."""

import json
import shutil
import subprocess

import pytest
from unit.report.report_samples import hostile_images, hostile_scan, matrix, project_report, two_images

from slimdesk.operations.report import report_of_matrix, with_scans
from slimdesk.report.formats import render

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here")
# Run in a frame of the same page: clicks every head twice, and says what stands there after each.
WATCHER = """<!DOCTYPE html><meta charset="utf-8"><body><script>
const answer = {errors: [], tables: [], requests: [], dialogs: 0};
const frame = document.createElement("iframe");
frame.src = PAGE;
frame.onload = () => {
  const inside = frame.contentWindow, page = frame.contentDocument;
  for (const name of ["alert", "confirm", "prompt"]) inside[name] = () => { answer.dialogs += 1; };
  for (const table of page.querySelectorAll("table")) {
    const told = [];
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      for (const turn of [1, 2]) {
        head.querySelector("button").click();
        told.push([head.textContent, head.getAttribute("aria-sort"), [...table.tBodies[0].rows].map((row) => row.cells[at].textContent)]);
      }
    });
    answer.tables.push(told);
  }
  answer.requests = inside.performance.getEntriesByType("resource").map((one) => one.name);
  answer.bars = page.querySelectorAll("svg.chart rect").length;
  answer.width = [page.documentElement.scrollWidth, page.documentElement.clientWidth];
  answer.color = inside.getComputedStyle(page.body).backgroundColor;
  const out = document.createElement("pre");
  out.id = "answer";
  out.textContent = JSON.stringify(answer);
  document.body.append(out);
};
document.body.append(frame);
</script>"""


def opened(folder, data, *words):
    """Open the page and return what was seen, and what the browser said of it."""
    (folder / "report.html").write_bytes(data)
    watcher = folder / "watcher.html"
    watcher.write_text(WATCHER.replace("PAGE", json.dumps("report.html")))
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--allow-file-access-from-files",
            "--enable-logging=stderr", "--log-level=0", "--virtual-time-budget=8000", f"--user-data-dir={folder / 'profile'}",
            "--no-first-run", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", *words,
            watcher.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    text = done.stdout.partition('<pre id="answer">')[2].partition("</pre>")[0]
    assert text, done.stderr[-3000:]
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return json.loads(text), console


def test_a_report_sorts_and_asks_nobody(tmp_path):
    seen, console = opened(tmp_path, render(report_of_matrix(matrix()), "html"))
    assert console == []
    assert seen["requests"] == []
    assert seen["bars"] == 4 + 3
    overview = {(head, order): rows for head, order, rows in seen["tables"][0]}
    assert overview["Files", "ascending"] == ["8.00\u2009MB", "9.00\u2009MB", "860\u2009MB", "–"]
    assert overview["Files", "descending"] == ["860\u2009MB", "9.00\u2009MB", "8.00\u2009MB", "–"]
    assert overview["Image", "ascending"][0] == "alpine"


def test_hostile_names_do_nothing_in_a_browser_however_narrow(tmp_path):
    name = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"<svg onload=alert(3)>"
    seen, console = opened(tmp_path, render(hostile_images(tmp_path, name), "html"), "--window-size=420,800")
    assert console == []
    assert seen["requests"] == []
    assert seen["dialogs"] == 0
    assert seen["width"][0] <= seen["width"][1] + 1


def test_scans_and_worth_sort_but_counts_of_different_meaning_do_not(tmp_path):
    seen, console = opened(tmp_path, render(project_report(), "html"))
    assert (console, seen["requests"]) == ([], [])
    by_title = [{(head, order): rows for head, order, rows in table} for table in seen["tables"]]
    worth = next(one for one in by_title if ("Registry", "ascending") in one)
    assert worth["Registry", "ascending"] == ["≤ 80.0\u2009MB", "≤ 90.0\u2009MB", "≤ 8.60\u2009GB"]
    counts = next(one for one in by_title if ("What was seen", "ascending") in one)
    for column in ("Found", "Low"):
        up, down = (counts[column, order] for order in ("ascending", "descending"))
        answered = [text for text in up if not text.startswith(("not", "–"))]
        assert answered == [text for text in down if not text.startswith(("not", "–"))]
    faults = next(
        one for one in by_title if ("Severity", "ascending") in one and ("Mended in", "ascending") in one
    )
    assert faults["Severity", "descending"] == ["low", "high", "critical"]


def test_a_scanners_words_do_nothing_in_a_browser(tmp_path):
    words = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"<svg onload=alert(3)>"
    report = with_scans(two_images(tmp_path), [hostile_scan(words), None])
    seen, console = opened(tmp_path, render(report, "html"))
    assert (console, seen["requests"], seen["dialogs"]) == ([], [], 0)
