"""Take the pictures of the README from the running program, on real builds: `.venv/bin/python screenshots/take.py`.

Needs a display (`xvfb-run -a -s "-screen 0 1920x1080x24" …` will do) and an engine that has the base images of the
sample project, or can fetch them. Builds the bundled sample, opens every page in both themes and at both sizes, and
writes PAGE-THEME-WIDTH.png here, or into the folder that is named as its argument. SlimDesk's own settings are not
touched.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
INTO = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE
SIZES = ((1280, 800), (1920, 1080))
THEMES = ("light", "dark")
FAMILIES = {
    "harbour-reports": ("slim", "distroless"),
    "api": ("full", "slim", "alpine", "distroless", "scratch"),
}
PATIENCE = 1_500.0
SHELL = ("ps -o pid,user,args", "ls -l /", "netstat -ltn", "head -3 /etc/os-release")
# As articles have it: a dead base, everything in one stage, and arguments that the entry point swallows.
ARTICLE = """\
$ cat Dockerfile
FROM openjdk:17
COPY . /app
WORKDIR /app
RUN apt-get update
RUN apt-get install maven
RUN mvn package
EXPOSE 8080
ENTRYPOINT [“java”, “-jar”, “target/shop.jar”]
CMD ["Main"]
"""


async def take() -> None:
    """Drive the window."""
    from slimdesk import app
    from slimdesk.ui.pages.pasted import show_text
    from slimdesk.workspace.workspace import Workspace

    workspace = Workspace()
    window, opening = app.build_window(workspace)
    window.show()
    sample = Path.home() / "src" / "harbour"
    shutil.copytree(HERE.parent / "resources" / "sample" / "harbour", sample)
    app.begin(window, opening, str(sample))
    await until(lambda: workspace.project is not None and workspace.engine is not None)
    if workspace.engine is None or not workspace.engine.reachable:
        raise SystemExit("No engine answers: start one, or set DOCKER_HOST.")
    window.go("variants")
    page = window.page_of("variants")
    for component, families in FAMILIES.items():
        workspace.choose_component(component)
        await asyncio.sleep(0.5)
        workspace.tick(families)
        await asyncio.sleep(0.5)
        page.build_ticked()  # type: ignore[attr-defined]
        if component == "api":
            await until(
                lambda: (
                    bool(workspace.jobs.running)
                    and any("Step" in job.current.step for job in workspace.jobs.running)
                )
            )
            await asyncio.sleep(2)
            await pictures(window, "building", sizes=SIZES[:1])
        await asyncio.sleep(1)
        await until(lambda: not workspace.jobs.running and not workspace.jobs.waiting)
        for job in workspace.jobs:
            print(job.title, job.state.value, job.summary, job.error or "")
        if any(job.error for job in workspace.jobs):
            raise SystemExit("No pictures of what failed: see why above, and begin again.")
    await pictures(window, "variants")
    page.detail.tabs.choose("advice")  # type: ignore[attr-defined]
    await asyncio.sleep(1)
    await pictures(window, "advice", sizes=SIZES[:1])
    page.detail.tabs.choose("dockerfile")  # type: ignore[attr-defined]
    page.detail.compare_families()  # type: ignore[attr-defined]
    await dialogs(window, "families")
    workspace.tick(("slim", "distroless"))
    await asyncio.sleep(0.5)
    page.compare_ticked()  # type: ignore[attr-defined]
    await until(lambda: not workspace.jobs.running and not workspace.jobs.waiting)
    await asyncio.sleep(3)
    await pictures(window, "compare")
    window.go("project")
    await asyncio.sleep(1)
    await pictures(window, "project")
    archive = Path.home() / "Downloads" / "reports.tar.zst"
    archive.parent.mkdir()
    shutil.copy(HERE.parent / "resources" / "sample" / archive.name, archive)
    opening.open_path(str(archive))
    await until(lambda: not workspace.jobs.running and not workspace.jobs.waiting)
    await asyncio.sleep(2)
    window.go("start")
    await pictures(window, "start")
    start = window.page_of("start")
    start.desk.spawn(show_text(start.desk, ARTICLE, "Pasted Dockerfile"))  # type: ignore[attr-defined]
    await dialogs(window, "pasted")
    window.go("settings")
    await pictures(window, "settings")
    window.go("variants")
    window.open_palette("debug")
    await pictures(window, "palette", sizes=SIZES[:1])
    window.palette_box.hide()
    workspace.choose_component("harbour-reports")
    await asyncio.sleep(0.5)
    workspace.select("slim")
    await asyncio.sleep(0.5)
    page.open_image()  # type: ignore[attr-defined]
    await asyncio.sleep(2)
    await pictures(window, "image")
    await debugging(window, "slimdesk/api:distroless")
    await app.put_away(window, opening)


async def debugging(window: object, image: str) -> None:
    """Run an image that has no shell, open one beside it, type, and save the page."""
    from slimdesk.engine.engine import Engine
    from slimdesk.engine.model import ContainerSpec

    engine = await Engine.connect()
    container = await engine.create(ContainerSpec(image, name="harbour-api-1", read_only=True))
    try:
        await engine.start(container)
        window.go("debug")  # type: ignore[attr-defined]
        page = window.page_of("debug")  # type: ignore[attr-defined]
        await until(lambda: any(one.key == container for one in page.containers.rows.rows))
        page.containers.choose(container)
        await until(
            lambda: page.shell.container is not None and page.shell.container.container_id == container
        )
        page.shell.open_chosen()
        terminal = page.shell.tabs.current.terminal
        # Wide enough for the smaller of the pictures.
        window.resize(*SIZES[0])  # type: ignore[attr-defined]
        await until(lambda: terminal.shown_text().endswith("#"))
        for line in SHELL:
            terminal.typed.emit(f"{line}\n".encode())
            await asyncio.sleep(1.5)
        await pictures(window, "debug")
        await page.shell.tabs.close_all()
    finally:
        await engine.remove(container)


async def pictures(window: object, name: str, sizes: tuple[tuple[int, int], ...] = SIZES) -> None:
    """Save the window in both themes and at the sizes."""
    from slimdesk.ui.theme import current

    for theme in THEMES:
        current().choose(theme)  # type: ignore[arg-type]
        for width, height in sizes:
            window.resize(width, height)  # type: ignore[attr-defined]
            await asyncio.sleep(0.7)
            picture = window.grab().toImage()  # type: ignore[attr-defined]
            picture.save(str(INTO / f"{name}-{theme}-{width}.png"), "PNG", 0)
            print(f"{name}-{theme}-{width}.png", flush=True)


async def dialogs(window: object, name: str) -> None:
    """Save the dialog that is coming up in both themes, and close it."""
    from PySide6.QtWidgets import QApplication, QDialog

    from slimdesk.ui.theme import current

    def shown() -> list[QDialog]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]

    width, height = SIZES[0]
    window.resize(width, height)  # type: ignore[attr-defined]
    await until(lambda: bool(shown()))
    # What it shows is worked out behind it.
    await asyncio.sleep(8)
    (dialog,) = shown()
    for theme in THEMES:
        current().choose(theme)  # type: ignore[arg-type]
        await asyncio.sleep(0.7)
        dialog.grab().toImage().save(str(INTO / f"{name}-{theme}-{width}.png"), "PNG", 0)
        print(f"{name}-{theme}-{width}.png", flush=True)
    dialog.reject()
    await asyncio.sleep(0.5)


async def until(test: object) -> None:
    """Wait until it is so, at most 25 minutes."""
    waited = 0.0
    while not test():  # type: ignore[operator]
        await asyncio.sleep(0.1)
        waited += 0.1
        if waited > PATIENCE:
            raise SystemExit("It took too long.")


def main() -> int:
    """Run in a home of its own."""
    from slimdesk import app

    INTO.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        # Paths then read as they do on a person's machine: ~/src/harbour.
        os.environ["HOME"] = home
        os.environ["SLIMDESK_HOME"] = str(Path(home) / ".slimdesk")
        app.make_application()
        with asyncio.Runner(loop_factory=app.make_loop) as runner:
            runner.run(take())
    return 0


if __name__ == "__main__":
    sys.exit(main())
