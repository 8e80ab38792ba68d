"""What Python's packages need of an image: libraries, compilers, wheels for musl, a sign-in; and Django's static files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slimdesk.project.detect import detect
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Options

WHEEL = '    {{ url = "https://files.example/{name}-1.0-{tags}.whl", hash = "sha256:00" }},\n'
APP = "from flask import Flask\napp = Flask(__name__)\n"


@pytest.fixture
def component(tmp_path):
    def make(files):
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return detect(tmp_path / "shop").components[0]

    return make


def locked(**wheels):
    blocks = [
        f'[[package]]\nname = "{name}"\nversion = "1.0"\nwheels = [\n'
        + "".join(WHEEL.format(name=name, tags=tags) for tags in found)
        + "]\n"
        for name, found in wheels.items()
    ]
    return "version = 1\n\n" + "\n".join(blocks)


def fit_of(component, catalog, family):
    return next(fit for fit in fits(component, catalog) if fit.family == family)


def hadolint(text):
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [program, "-f", "json", "-"], input=text, text=True, capture_output=True, check=False
    )
    return {found["code"] for found in json.loads(done.stdout)}


def uv_project(**wheels):
    return {
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["flask", "gunicorn"]\n',
        "uv.lock": locked(**wheels),
        "app.py": APP,
    }


def test_the_lock_file_tells_which_wheels_musl_lacks(component, catalog):
    shop = component(
        uv_project(
            fine=("cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-musllinux_1_2_x86_64"),
            plain=("py3-none-any",),
            heavy=("cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-macosx_11_0_arm64"),
        )
    )
    assert [fact.value for fact in shop.all("no_musl_wheel")] == ["heavy 1.0"]
    assert "heavy 1.0 has no wheel for musl (uv.lock:" in fit_of(shop, catalog, "alpine").reason
    text = generate(shop, "alpine", catalog, Options()).text
    assert "apk add --no-cache gcc g++ musl-dev" in text
    assert "apk add" not in generate(shop, "distroless", catalog, Options()).text


def test_a_lock_file_that_musl_can_have_whole_speaks_for_alpine(component, catalog):
    shop = component(uv_project(plain=("py3-none-any",)))
    assert "Every package that uv.lock names has a wheel for it." in fit_of(shop, catalog, "alpine").reason
    assert "apk add" not in generate(shop, "alpine", catalog, Options()).text


def test_development_packages_do_not_count(component):
    text = locked(heavy=("cp313-cp313-manylinux_2_17_x86_64",)).replace(
        "wheels = [", 'groups = ["dev"]\nfiles = ['
    )
    files = {
        "pyproject.toml": '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\nflask = "*"\n',
        "poetry.lock": text,
        "app.py": APP,
    }
    assert component(files).fact("no_musl_wheel") is None


def test_a_compiled_package_on_alpine_gets_alpines_own_libraries(component, catalog):
    shop = component({"requirements.txt": "mysqlclient\nflask\ngunicorn\n", "app.py": APP})
    text = generate(shop, "alpine", catalog, Options()).text
    assert "mariadb-dev pkgconf" in text
    assert "apk add --no-cache mariadb-connector-c" in text
    assert "default-libmysqlclient-dev" not in text
    assert not hadolint(text) - {"DL3018"}


def test_a_library_that_alpine_is_not_known_to_have_is_refused(component, catalog):
    shop = component({"requirements.txt": "xmlsec\nflask\n", "app.py": APP})
    assert "libxmlsec1t64-openssl" in fit_of(shop, catalog, "alpine").reason
    assert fit_of(shop, catalog, "distroless").available


def test_wheels_that_load_libraries_need_no_compiler(component, catalog):
    shop = component({"requirements.txt": "opencv-python\nweasyprint\nflask\n", "app.py": APP})
    assert {fact.value for fact in shop.all("runtime_package")} == {
        "libgl1", "libglib2.0-0t64", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0",
    }  # fmt: skip
    assert "opencv-python-headless" in shop.problems[0].message
    assert "gcc" not in generate(shop, "slim", catalog, Options()).text


def test_a_browser_is_not_for_images_without_a_package_manager(component, catalog):
    shop = component({"requirements.txt": "playwright\nflask\n", "app.py": APP})
    assert "playwright (requirements.txt:1) starts a browser" in fit_of(shop, catalog, "distroless").reason
    assert fit_of(shop, catalog, "slim").available


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "--index-url https://user:secret@packages.corp.example/simple\nflask\n"),
        ("requirements.txt", "--extra-index-url=https://packages.corp.example/simple\nflask\n"),
        ("pyproject.toml", '[project]\nname = "shop"\ndependencies = ["flask"]\n[[tool.uv.index]]\nname = "corp"\nurl = "https://packages.corp.example/simple"\n'),
        ("Pipfile", '[[source]]\nname = "corp"\nurl = "https://$USER:$WORD@packages.corp.example/simple"\n[packages]\nflask = "*"\n'),
    ],
)  # fmt: skip
def test_a_private_index_asks_for_a_sign_in_that_reaches_the_build_alone(component, catalog, name, text):
    shop = component({name: text, "app.py": APP})
    assert shop.value("private_index") == "packages.corp.example"
    assert any("holds a password" in one.message for one in shop.problems) is ("secret@" in text)
    fit = fit_of(shop, catalog, "slim")
    assert "packages.corp.example" in fit.needs[0]
    made = generate(shop, "slim", catalog, Options()).text
    assert "--mount=type=secret,id=netrc,target=/root/.netrc" in made
    assert "secret@" not in made
    assert "netrc" not in generate(shop, "slim", catalog, Options(cache_mounts=False)).text


@pytest.mark.parametrize(
    ("requirements", "told"),
    [("torch\nflask\n", True), ("--index-url https://download.pytorch.org/whl/cpu\ntorch\nflask\n", False), ("torch==2.9.0+cpu\nflask\n", False)],
)  # fmt: skip
def test_pytorch_for_graphics_cards_is_told(component, requirements, told):
    shop = component({"requirements.txt": requirements, "app.py": APP})
    assert any("whl/cpu" in one.message for one in shop.problems) is told
    assert shop.fact("private_index") is None


DJANGO = {
    "requirements.txt": "django\ngunicorn\nwhitenoise\n",
    "manage.py": "",
    "site1/__init__.py": "",
    "site1/wsgi.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site1.settings")\napplication = get_wsgi_application()\n',
    "site1/settings.py": 'import os\nfrom pathlib import Path\nBASE_DIR = Path(__file__).parent.parent\nSECRET_KEY = os.environ["SECRET_KEY"]\nDB = os.environ["DATABASE_URL"]\n'
    'X = ["django.contrib.staticfiles", "whitenoise.middleware.WhiteNoiseMiddleware"]\nSTATIC_URL = "s/"\nSTATIC_ROOT = BASE_DIR / "collected"\n',
    "shop/migrations/0001_initial.py": "",
}


@pytest.mark.parametrize("family", ["distroless", "slim", "alpine"])
def test_djangos_static_files_are_collected_with_values_that_stay_in_the_build(component, catalog, family):
    made = generate(component(DJANGO), family, catalog, Options())
    said = "SECRET_KEY=only-while-building DATABASE_URL=sqlite://:memory: /venv/bin/python manage.py collectstatic --noinput"
    assert said in made.text.replace(" \\\n    ", " ")
    final = made.text.partition(" AS final")[2]
    assert "COPY --from=build /app/collected ./collected" in final
    assert "only-while-building" not in final.partition("\nENTRYPOINT")[0]
    assert not hadolint(made.text)
    told = next(one for one in made.findings if one.rule == "django-migrations")
    assert (told.path, "manage.py migrate" in told.fix) == ("shop/migrations/0001_initial.py", True)


def test_the_baseline_collects_them_where_it_runs(component, catalog):
    made = generate(component(DJANGO), None, catalog, Options()).text
    assert "DATABASE_URL=sqlite://:memory: python manage.py collectstatic --noinput" in made
    assert made.count("\nFROM ") == 1


def test_a_hostile_folder_or_variable_of_settings_is_not_written(component, catalog):
    settings = (
        DJANGO["site1/settings.py"].replace('"collected"', '"a; rm -rf /"').replace("SECRET_KEY", "X$(evil)")
    )
    made = generate(component({**DJANGO, "site1/settings.py": settings}), "slim", catalog, Options()).text
    assert "evil" not in made
    assert "rm -rf /\n" not in made
    assert "collectstatic" not in made


def test_what_gradio_binds_is_set_in_the_image(component, catalog):
    files = {"requirements.txt": "gradio\n", "app.py": "import gradio\ngradio.Blocks().launch()\n"}
    made = generate(component(files), "distroless", catalog, Options()).text
    assert 'ENV GRADIO_SERVER_NAME="0.0.0.0"' in made


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "flask\n-e ./libs/tides\n"),
        ("pyproject.toml", '[tool.poetry]\nname = "shop"\npackage-mode = false\n[tool.poetry.dependencies]\nflask = "*"\ntides = { path = "libs/tides", develop = true }\n'),
        ("pyproject.toml", '[project]\nname = "shop"\ndependencies = ["flask", "tides"]\n[tool.uv.sources]\ntides = { path = "libs/tides" }\n'),
    ],
)  # fmt: skip
def test_a_package_of_the_project_itself_is_there_when_packages_are_installed(component, catalog, name, text):
    shop = component({name: text, "app.py": APP, "libs/tides/pyproject.toml": '[project]\nname = "tides"\n'})
    assert shop.value("path_dependency") == "libs/tides"
    made = generate(shop, "slim", catalog, Options()).text
    assert made.index("COPY libs/tides/ ./libs/tides/") < made.index("-r " if "uv" not in text else "uv sync")


@pytest.mark.parametrize(
    ("written", "said"), [("../tides", "lies outside"), ("./gone", "not in the project")]
)
def test_a_package_that_cannot_be_in_the_build_is_told(component, written, said):
    shop = component({"requirements.txt": f"flask\n{written}\n", "app.py": APP})
    assert any(said in one.message for one in shop.problems)
    assert shop.fact("path_dependency") is None
