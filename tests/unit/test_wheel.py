"""The wheel, installed away from the checkout, is the whole program."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_an_installed_wheel_finds_its_data(tmp_path):
    site = tmp_path / "site"
    built = tmp_path / "wheels"
    # Building fetches the build backend from the package index: tried more than once.
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    for _ in range(3):
        wheel = subprocess.run(
            [*pip, "wheel", "--no-deps", "-w", built, ROOT], capture_output=True, text=True, check=False
        )
        if wheel.returncode == 0:
            break
    assert wheel.returncode == 0, wheel.stderr
    subprocess.run([*pip, "install", "--no-deps", "--target", site, *built.glob("*.whl")], check=True)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import slimdesk, slimdesk.basics.resources as r\n"
        "from slimdesk.cli import main\n"
        "assert slimdesk.__file__.startswith(sys.argv[1]), slimdesk.__file__\n"
        "assert str(r.resources_folder()).startswith(sys.argv[1]), r.resources_folder()\n"
        "sys.exit(main(['generate', str(r.resource('sample/harbour')), '--component', 'api', '--family', 'distroless']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(site)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "gcr.io/distroless/static-debian13:nonroot" in done.stdout
