"""Django's settings: which folder its static files go to, what they do not load without, whom they answer."""

import pytest

APPS = 'INSTALLED_APPS = ["django.contrib.staticfiles"]\nMIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware"]\nSTATIC_URL = "static/"\n'
BASE = "from pathlib import Path\nimport os\nBASE_DIR = Path(__file__).resolve().parent.parent\n"
WSGI = 'import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site1.settings")\napplication = get_wsgi_application()\n'


@pytest.fixture
def django(detect_files):
    def make(settings, **more):
        files = {
            "requirements.txt": "django\ngunicorn\nwhitenoise\n",
            "manage.py": "",
            "site1/__init__.py": "",
            "site1/wsgi.py": WSGI,
            "site1/settings.py": settings,
            **{name.replace("__", "/"): text for name, text in more.items()},
        }
        return detect_files(files).components[0]

    return make


@pytest.mark.parametrize(
    ("root", "folder"),
    [
        ('BASE_DIR / "staticfiles"', "staticfiles"),
        ('str(BASE_DIR / "out" / "static")', "out/static"),
        ('os.path.join(BASE_DIR, "staticfiles")', "staticfiles"),
        ('BASE_DIR.joinpath("a", "b")', "a/b"),
        ('os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "s")', "s"),
        ('Path(__file__).resolve().parents[1] / "s"', "s"),
        ('"staticfiles"', "staticfiles"),
    ],
)
def test_the_folder_that_is_meant(django, root, folder):
    found = django(f"{BASE}{APPS}STATIC_ROOT = {root}\n")
    assert found.value("collect_static") == folder
    assert str(found.fact("collect_static").evidence) == "site1/settings.py:7"
    assert found.problems == ()


@pytest.mark.parametrize(
    "root", ['BASE_DIR.parent / "x"', '"/var/www"', 'os.environ["S"]', "BASE_DIR", 'BASE_DIR / "../x"']
)
def test_a_folder_that_cannot_be_told_is_a_problem(django, root):
    found = django(f"{BASE}{APPS}STATIC_ROOT = {root}\n")
    assert found.fact("collect_static") is None
    assert "STATIC_ROOT" in found.problems[0].message


def test_static_files_that_nothing_hands_out_are_told(django):
    assert (
        "add whitenoise"
        in django('STATIC_URL = "s/"\nX = ["django.contrib.staticfiles"]\n').problems[0].message
    )


def test_what_settings_do_not_load_without(django):
    settings = f"""{BASE}from decouple import config
SECRET_KEY = os.environ.get("SECRET_KEY")
A = os.environ["DATABASE_URL"]
B = config("MAIL_HOST")
C = config("WITH_DEFAULT", default=1)
D = os.environ.get("OTHER")
"""
    names = [fact.value for fact in django(settings).all("settings_variable")]
    assert sorted(names) == ["DATABASE_URL", "MAIL_HOST", "SECRET_KEY"]


def test_settings_in_layers_are_read_from_the_outermost(django):
    found = django(
        'from .base import *\nALLOWED_HOSTS = ["shop.example"]\n',
        site1__base_py="",
        **{"site1/base.py": f'{BASE}{APPS}STATIC_ROOT = BASE_DIR / "s"\nALLOWED_HOSTS = []\n'},
    )
    assert found.value("collect_static") == "s"
    assert "only requests for shop.example" in found.problems[0].message


def test_no_host_at_all_is_told_unless_it_is_for_development(django):
    assert "ALLOWED_HOSTS is empty" in django("DEBUG = False\nALLOWED_HOSTS = []\n").problems[0].message
    assert django("DEBUG = True\nALLOWED_HOSTS = []\n").problems == ()


def test_settings_that_nest_without_end_are_passed_over(django):
    found = django("STATIC_ROOT = " + "(" * 90 + "a" + ")" * 90 + ".parent" * 3000 + "\n")
    assert found.framework == "Django"


def test_migrations_are_a_step_of_the_deployment(django):
    found = django("", **{"shop/migrations/0001_initial.py": ""})
    assert str(found.fact("migrations").evidence) == "shop/migrations/0001_initial.py"
