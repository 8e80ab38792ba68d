"""Eight images with one known fault each turn green by one button of the window, on a real engine."""

import asyncio

import pytest
from engine.conftest import modern_engine  # noqa: F401 - a fixture
from engine.standins import build as standins
from engine.standins import trial
from window.variants_opening import fix_button, still_runs

from slimdesk.operations.detect import open_project

# Stand-ins may be made in it.
pytestmark = [pytest.mark.engine, pytest.mark.builds, pytest.mark.timeout(2400)]

STATIC = "gcr.io/distroless/static-debian13:nonroot"
NO_SSL = "gcr.io/distroless/base-nossl-debian13:nonroot"
FONTS = "gcr.io/distroless/java-base-debian13:nonroot"
BUILDER = "golang:1.27-trixie"
BUILD = f"""FROM {BUILDER} AS build
WORKDIR /src
COPY . .
RUN gcc -shared -o /usr/local/lib/libtide.so.1 -Wl,-soname,libtide.so.1 lib/tide.c && \\
    gcc -o /front lib/main.c /usr/local/lib/libtide.so.1
RUN --mount=type=cache,target=/root/.cache/go-build CGO_ENABLED=0 go build -trimpath -o /app .

FROM scratch
COPY --from=build /app /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/app", "nothing"]
"""
START = '"/app", "nothing"'


def faulty(task):
    return BUILD.replace(START, f'"/app", "{task}"')


# The fault, the Dockerfile, its kind, and a word of the line that mends it.
FAULTS = {
    "no /tmp": (faulty("tmp"), "no-tmp", "/mnt /tmp"),
    "no certificates": (faulty("certificates"), "no-certificates", "ca-certificates.crt"),
    "no time zones": (BUILD.replace(START, '"/app", "zones", "Vienna"'), "no-time-zones", "zoneinfo.zip"),
    "no passwd entry": (faulty("passwd"), "no-passwd", "/etc/passwd"),
    "no library": (
        BUILD.replace("FROM scratch\n", f"FROM {NO_SSL}\nCOPY --from=build /front /front\n").replace(START, '"/front"'),
        "no-library",
        "libtide?so.1",
    ),
    "no font": (faulty("font"), "no-fonts", "/usr/share/fonts"),
    "not writable": (faulty("write").replace("FROM scratch\n", "FROM scratch\nWORKDIR /data\n"), "no-permission", "--chown=65532:65532"),
    "wrong entry point": (BUILD.replace("/app /app", "/app /bin/app"), "no-program", '["/bin/app", "nothing"]'),
}  # fmt: skip


@pytest.fixture
async def page(make_window, modern_engine, monkeypatch):  # noqa: F811 - the fixture
    wanted = (BUILDER, STATIC, NO_SSL, FONTS)
    reason = next((why for name in wanted if (why := standins.why_not(name))), None)
    if reason:
        pytest.skip(reason)
    await asyncio.to_thread(standins.ensure, modern_engine, wanted)
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    window = make_window()
    window.workspace.show_project(open_project(trial.SERVICE_FOLDER / "go-faults"))
    window.go("variants")
    found = window.page_of("variants")
    found.refresh()
    return found


async def until(page, condition, seconds=180):
    for _ in range(seconds * 20):
        if condition():
            return
        await asyncio.sleep(0.05)
    results = page.workspace.results(page.variants.variant("scratch"))
    pytest.fail(
        f"it did not happen in time: {results.verification} {[one.text for one in page.detail.mending.notices]}"
    )


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_known_fault_turns_green_by_one_button(page, fault):
    text, kind, word = FAULTS[fault]
    variant = page.variants.variant("scratch")
    page.workspace.edit("scratch", text)
    page.workspace.select("scratch")
    page.build(["scratch"])
    await until(page, lambda: page.workspace.results(variant).verification)
    await until(page, lambda: not page.variants.busy(variant))
    page.refresh()
    found = page.workspace.results(variant).verification.value
    assert found.verdict == "fails", (found.reason, found.log)
    assert found.fault.kind == kind, (found.fault, found.log)
    fix_button(page, "scratch").click()
    await until(
        page, lambda: any("Fixed: " in one.text or "back" in one.text for one in page.detail.mending.notices)
    )
    (told,) = [one.text for one in page.detail.mending.notices]
    assert told.startswith("Fixed: "), told
    assert " live." in told
    assert word in page.detail.dockerfile.text()
    now = page.workspace.results(variant).verification.value
    assert (now.verdict, now.http_status) == ("runs", 200), (now.reason, now.log)
    assert page.workspace.results(variant).changes == ()
    row = next(row for row in page._rows if row.variant.family == "scratch")
    assert row.verification is now
    assert "fixed, +" in still_runs(page, "scratch")
    assert fix_button(page, "scratch") is None
