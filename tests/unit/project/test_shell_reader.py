"""What a shell text needs: programs, variables and features, read without ever failing."""

import random
import time

import pytest

from slimdesk.project.shell import handed_over, read_script, started_by

ENTRYPOINT = """#!/bin/bash
set -euo pipefail
# curl is only spoken of here
if [ "$1" = "web" ]; then
  until nc -z "$DB_HOST" 5432; do sleep 1; done
fi
case "$1" in
  web|api) python manage.py migrate ;;
  *) exec gosu app "$@" ;;
esac
cat <<EOS > /etc/x
rm -rf $HOME
EOS
wait_for() {
  curl -s "http://x/$(hostname)"
}
wait_for
A=$(date +%s) envsubst < a > b
(cd /x && make all)
exec "$@"
"""


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("curl -f http://localhost/ || exit 1", ("curl",)),
        ('sh -c "npm run migrate && exec node server.js"', ("npm", "node")),
        ("exec java $JAVA_OPTS -jar app.jar", ("java",)),
        ("FOO=1 BAR=2 env X=3 python app.py", ("env", "python")),
        ("timeout 5 wget -q http://x", ("timeout", "wget")),
        ("ps aux | grep -q [n]ode", ("ps", "grep")),
        ("for i in 1 2; do ping -c1 db; done", ("ping",)),
        ("if ! pg_isready -h db; then exit 1; fi", ("pg_isready",)),
        ("/usr/local/bin/tini -- node x.js", ("tini", "node")),
        ("echo 'curl is great' # wget too", ()),
        ("[ -f /tmp/ok ]", ()),
        ("a\\\n  b c", ("a",)),
        ("", ()),
        (
            ENTRYPOINT,
            ("nc", "sleep", "python", "gosu", "cat", "hostname", "curl", "date", "envsubst", "make"),
        ),
    ],
)
def test_programs(text, programs):
    assert set(read_script(text).programs) == set(programs)


def test_features_and_variables():
    script = read_script(ENTRYPOINT)
    assert {"variables", "control", "redirection", "hands-over", "bash", "substitution"} <= script.features
    assert "DB_HOST" in script.variables
    assert "HOME" not in script.variables
    assert read_script("echo '$HOME'").features == frozenset()


@pytest.mark.parametrize(
    ("words", "started", "text"),
    [
        (("sh", "-c", "a && b"), ("sh", "-c", "a && b"), "a && b"),
        (("/bin/bash", "-lc", "a"), ("/bin/bash", "-lc", "a"), "a"),
        (("tini", "-g", "--", "node", "x"), ("node", "x"), None),
        (("env", "A=1", "python", "x.py"), ("python", "x.py"), None),
        (("gosu", "app", "node", "x"), ("node", "x"), None),
        (("env",), ("env",), None),
        ((), (), None),
    ],
)
def test_what_starters_start(words, started, text):
    assert started_by(words) == (started, text)


def test_what_a_script_hands_over():
    assert handed_over(("./wait-for-it.sh", "db:5432", "-t", "30", "--", "node", "x")) == ("node", "x")
    assert handed_over(("/entry.sh", "gunicorn", "app:app")) == ("gunicorn", "app:app")
    assert handed_over(()) == ()


@pytest.mark.parametrize(
    "piece", ["$(", '"', "`", "'", "(", "${", "<<X\n", "a|", "\\", "\n", "if ", "$(a ", '"$(', "sh -c '"]
)
def test_endless_openings_end_at_once(piece):
    started = time.process_time()
    read_script(piece * 60_000)
    assert time.process_time() - started < 5


def test_noise_never_raises():
    letters = "ab $(){}[]|&;<>'\"`\\\n#=/-*?!\x00\x1b~"
    for seed in range(400):
        source = random.Random(seed)
        text = "".join(source.choice(letters) for _ in range(source.randrange(200)))
        for command in read_script(text).commands:
            assert command.words
            assert command.line >= 1
