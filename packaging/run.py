"""Start SlimDesk: `python3 packaging/run.py [PROJECT]`.

Makes the virtual environment at the first call, installs what Qt needs, opens the window on PROJECT. With no
display it says so and does the main job in words: what the project is, which base family fits, the Dockerfile, and
with an engine the build, its size and whether the image runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import bootstrap


def main() -> int:
    """Set up, then open the window or talk."""
    try:
        bootstrap.use_new_enough_python()
        bootstrap.prepare()
        if bootstrap.has_display():
            bootstrap.ensure_qt_libraries()
    except (bootstrap.SetupError, KeyboardInterrupt) as error:
        return bootstrap.stopped(error)
    words = sys.argv[1:]
    if bootstrap.has_display():
        return subprocess.call([str(bootstrap.venv_python()), "-m", "slimdesk"] + words)
    bootstrap.say(
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window: the main job in words."
    )
    if words:
        return in_words(words[0])
    sample = subprocess.check_output(
        [
            str(bootstrap.venv_python()),
            "-c",
            "from slimdesk.basics.resources import resource; print(resource('sample/harbour'))",
        ]
    )
    bootstrap.say("No project was named; taking the bundled sample.")
    return in_words(sample.decode().strip())


def in_words(project: str) -> int:
    """Detect, advise and generate for the first component; build and verify it where an engine answers."""
    status, detected = slimdesk("detect", project)
    if status:
        return status
    components = detected["components"]
    if not components:
        return subprocess.call(command("detect", project))
    subprocess.call(command("detect", project))
    name = components[0]["name"]
    if len(components) > 1:
        bootstrap.say("\nGoing on with {}; for another one: slimdesk generate --component NAME.".format(name))
    chosen = ["--component", name]
    print(flush=True)
    subprocess.call(command("families", project, *chosen))
    print(flush=True)
    status = subprocess.call(command("generate", project, "--family", "recommended", *chosen))
    if status:
        return status
    status, engine = slimdesk("engine")
    if status:
        bootstrap.say("\nNothing was built: {}".format(engine.get("reason") or "no container engine answers"))
        return 0
    print(flush=True)
    status, built = slimdesk("build", project, "--family", "recommended", *chosen)
    if not built:
        return status
    if status:
        bootstrap.say("The build failed: {}".format((built["error"] or {}).get("message")))
        return status
    bootstrap.say("\nNow what it is measured against: the single-stage image that tutorials write.")
    _, reference = slimdesk("build", project, "--baseline", *chosen)
    subprocess.call(command("analyze", built["tag"]))
    say_factor(built, reference)
    print(flush=True)
    control = ["--control", reference["tag"]] if reference.get("image_id") else []
    return subprocess.call(command("verify", built["tag"], *control))


def say_factor(built: dict[str, Any], reference: dict[str, Any]) -> None:
    """Say how much smaller it is than the baseline; nothing where one of them was not measured."""
    size = (built.get("sizes") or {}).get("files")
    whole = (reference.get("sizes") or {}).get("files")
    if size and whole:
        print(
            "\n{:.3g}x smaller than the baseline: {:.3g} MB of files instead of {:.4g} MB.".format(
                whole / size, size / 1e6, whole / 1e6
            ),
            flush=True,
        )


def command(*words: str) -> list[str]:
    """Return the command line of a SlimDesk subcommand."""
    return [str(bootstrap.venv_python()), "-m", "slimdesk"] + list(words)


def slimdesk(*words: str) -> tuple[int, dict[str, Any]]:
    """Run a subcommand; return its exit status and its JSON (empty if it printed none)."""
    process = subprocess.run(
        command(*words) + ["--json"], stdout=subprocess.PIPE, env=dict(os.environ), check=False
    )
    return process.returncode, json.loads(process.stdout or b"{}")


if __name__ == "__main__":
    sys.exit(main())
