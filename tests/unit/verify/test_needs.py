import pytest

from slimdesk.verify.needs import missing_variables, unreachable_service


@pytest.mark.parametrize(
    "line",
    [
        "KeyError: 'DATABASE_URL'",
        "2026/11/21 10:00:00 DATABASE_URL is not set",
        "Error: DATABASE_URL must be set",
        "panic: required key DATABASE_URL missing value",
        'env: required environment variable "DATABASE_URL" is not set',
        "Environment variable DATABASE_URL is required",
        "Missing required environment variable: DATABASE_URL",
        "ImproperlyConfigured: Set the DATABASE_URL environment variable",
        "decouple.UndefinedValueError: DATABASE_URL not found. Declare it as envvar or define a default value.",
        "Could not resolve placeholder 'DATABASE_URL' in value \"${DATABASE_URL}\"",
        "/entrypoint.sh: line 3: DATABASE_URL: unbound variable",
        "sh: DATABASE_URL: parameter not set",
        "FATAL `DATABASE_URL` has not been set",
        "DATABASE_URL environment variable is missing",
        "    DATABASE_URL: Required",
    ],
)
def test_a_log_line_that_names_what_is_not_set(line):
    assert missing_variables([line]) == ("DATABASE_URL",)


def test_names_on_lines_of_their_own_below_a_heading():
    envalid = [
        "Missing environment variables:",
        "    DATABASE_URL: eg. postgres://…",
        "    SESSION_KEY: undefined",
    ]
    pydantic = [
        "pydantic_core.ValidationError: 2 validation errors for Settings",
        "database_url",
        "  Field required [type=missing, input_value={}, input_type=dict]",
        "secret_key",
        "  Field required [type=missing, input_value={}, input_type=dict]",
    ]
    assert missing_variables(envalid) == ("DATABASE_URL", "SESSION_KEY")
    assert missing_variables(pydantic) == ("DATABASE_URL", "SECRET_KEY")


def test_what_is_given_is_not_missing():
    assert missing_variables(["API_KEY is not set", "TOKEN is not set"], {"API_KEY"}) == ("TOKEN",)


@pytest.mark.parametrize(
    "line",
    [
        "listening on 0.0.0.0:8080",
        "KeyError: 'user'",
        "DATABASE_URL is set",
        "INFO the flag is not set",
        "GET /healthz 200",
        "PORT=8080",
    ],
)
def test_other_lines_name_nothing(line):
    assert missing_variables([line]) == ()


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("dial tcp 127.0.0.1:5432: connect: connection refused", "127.0.0.1:5432"),
        ("dial tcp: lookup db on 127.0.0.11:53: no such host", "db"),
        ("Error: connect ECONNREFUSED 127.0.0.1:6379", "127.0.0.1:6379"),
        ("redis.exceptions.ConnectionError: Error -3 connecting to cache:6379. Try again.", "cache:6379"),
        ("Error: getaddrinfo ENOTFOUND postgres", "postgres"),
        ('psycopg.OperationalError: connection to server at "localhost" failed', "localhost"),
        ('could not translate host name "db" to address', "db"),
    ],
)
def test_a_service_that_does_not_answer_is_named(line, where):
    assert unreachable_service(["starting", line]) == where


def test_the_last_service_that_did_not_answer_is_the_one_that_ended_it():
    log = ["ECONNREFUSED cache:6379, going on without it", "ECONNREFUSED db:5432"]
    assert unreachable_service(log) == "db:5432"


def test_words_of_two_letters_are_no_variables():
    assert missing_variables(["ID is required", "OK is not set", "DB_URL is not set"]) == ("DB_URL",)


def test_a_quiet_log_names_no_service():
    assert unreachable_service(["starting", "listening on :8080"]) is None


def test_a_long_hostile_log_takes_no_time():
    lines = ["A_" * 5000, "env " * 5000, "'" * 10000, "missing environment variable " * 500]
    assert missing_variables(lines) == ()
    unreachable_service(lines)
