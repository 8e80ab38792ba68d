"""What helps against a failure of a container that runs here."""

import pytest

from slimdesk.operations.explain_fixes import with_fix
from slimdesk.verify.diagnose import of_end, of_start


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('exec: "serve": executable file not found in $PATH', "Name it by its path"),
        (
            "Bind for 0.0.0.0:8080 failed: port is already allocated",
            "Port 8080 of this machine is taken. Stop",
        ),
        ("failed to bind host port for [::]:81:172.17.0.2:80/tcp: address already in use", "Port 81 of this"),
        ("listen tcp4 0.0.0.0:82: bind: address already in use", "Port 82 of this machine"),
        (
            "cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80'",
            "above 1023",
        ),
        (
            'error gathering device information while adding custom device "/dev/kvm": no such file',
            "/dev/kvm",
        ),
        ('could not select device driver "" with capabilities: [[gpu]]', "no device gpu"),
        ("failed to set up container networking: network shop_default not found", "The network shop_default"),
        (
            "cannot join network namespace of a non running container: container shop-db is exited",
            "what shop-db has",
        ),
        (
            'error mounting "/srv/app.conf" to rootfs at "/etc/app.conf": mount: not a directory: unknown',
            "/srv/app.conf cannot be mounted",
        ),
    ],
)
def test_what_an_engine_says_at_the_start(message, words):
    assert words in with_fix(of_start(message)).message


@pytest.mark.parametrize(
    ("code", "log", "words"),
    [
        (127, (), "It ended with exit code 127: its program, or one that its start script calls"),
        (143, ("bye",), "it was told to end (SIGTERM) and did. Its last line was: bye"),
        (1, ("bad",), "It ended with exit code 1. Its last line was: bad"),
        (139, (), "built for another C library"),
        (1, ("sh: 0: Cannot fork",), "its limit is reached (--pids-limit)"),
        (1, ("OSError: [Errno 98] Address already in use",), "A port is taken inside the container"),
        (1, ("error while loading shared libraries: libz.so.1: x",), "choose a family that has it"),
    ],
)
def test_what_its_end_tells(code, log, words):
    assert words in with_fix(of_end(code, oom=False, log=log), code).message


def test_more_memory_is_given_here_not_in_a_manifest():
    found = with_fix(of_end(137, oom=True, log=()), 137)
    assert "--memory" in found.message
    assert "GOMEMLIMIT" in found.message
