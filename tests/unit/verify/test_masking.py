"""Values that were given for a run are not repeated in what is told of it."""

import pytest

from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.masking import MASK, hidden, masker, secrets_of
from slimdesk.verify.model import Check, Verification


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("DATABASE_URL", "postgres://shop:s3cr%40t@db:5432/shop", "s3cr@t"),
        ("REDIS_URL", "redis://hunter2@cache:6379", "hunter2"),
        ("POSTGRES_PASSWORD", "abc", "abc"),
        ("API_KEY", "k-1", "k-1"),
        ("LICENCE", "correct horse battery", "correct horse battery"),
        ("PEM", "-----BEGIN\nMIIEvQIBADANBg\n-----END", "MIIEvQIBADANBg"),
    ],
)
def test_a_secret_is_masked_wherever_it_stands(name, value, secret):
    hide = masker(({name: value},))
    assert secret in secrets_of(({name: value},))
    assert secret not in hide(f"starting with {value.splitlines()[0]} and {secret}!")
    assert MASK in hide(secret)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "debug"),
        ("PORT", "8080"),
        ("DB_HOST", "database.internal:5432"),
        ("DATA", "/var/lib/data/files"),
        ("BASE", "https://example.org/path"),
        ("PASSWORD", "ab"),
    ],
)
def test_places_and_short_words_stay_readable(name, value):
    assert masker(({name: value},))(f"using {value}") == f"using {value}"


def test_the_longer_value_is_masked_first():
    hide = masker(({"TOKEN": "abcd", "SECRET": "abcdefgh"},))
    assert hide("abcdefgh abcd") == f"{MASK} {MASK}"


def test_everything_that_a_verification_says_is_masked():
    word = "tops3cret"
    found = Verification(
        "fails", f"It said {word}", "service", checks=(Check("end", False, 1.0, f"ended: {word}"),),
        log=(f"password {word}",), fault=Diagnosis("no-permission", f"not {word}", True, f"/{word}"),
    )  # fmt: skip
    assert word not in repr(hidden(found, masker(({"PASSWORD": word},))))
    assert hidden(found, masker(())) == found
