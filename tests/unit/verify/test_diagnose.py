import pytest

from slimdesk.verify import diagnose


@pytest.mark.parametrize(
    ("message", "kind", "word"),
    [
        (
            'failed to create task: runc create failed: exec: "/bin/sh": stat /bin/sh: no such file or directory',
            "no-shell",
            "JSON",
        ),
        (
            'exec: "/app/server": stat /app/server: no such file or directory: unknown',
            "no-program",
            "/app/server",
        ),
        ('exec: "gunicorn": executable file not found in $PATH: unknown', "no-program", "gunicorn"),
        ("exec /app: exec format error", "wrong-platform", "processor"),
        ('exec: "/server": permission denied: unknown', "not-executable", "/server"),
        ("exec /server: no such file or directory", "no-loader", "/server"),
        ("unable to find user app: no matching entries in passwd file", "no-user", "app"),
        ("driver failed: Bind for 127.0.0.1:80 failed: port is already allocated", "port-in-use", "taken"),
        ('runc create failed: exec: "": executable file not found in $PATH', "no-command", "empty word"),
        ("something new", "not-started", "something new"),
    ],
)
def test_why_it_did_not_start(message, kind, word):
    found = diagnose.of_start(message)
    assert (found.kind, word in found.message) == (kind, True), found.message


@pytest.mark.parametrize(
    ("line", "kind", "word", "image"),
    [
        (
            "/app: error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file",
            "no-library",
            "libssl.so.3",
            True,
        ),
        (
            "ImportError: libpq.so.5: cannot open shared object file: No such file or directory",
            "no-library",
            "libpq.so.5",
            True,
        ),
        (
            "/app: /lib/libc.so.6: version `GLIBC_2.43' not found (required by /app)",
            "old-glibc",
            "GLIBC_2.43",
            True,
        ),
        ("Error relocating /app: __vfprintf_chk: symbol not found", "other-libc", "musl", True),
        ("ModuleNotFoundError: No module named 'uvicorn'", "no-module", "uvicorn", True),
        ("Error: Cannot find module 'express'", "no-module", "express", True),
        ("x509: certificate signed by unknown authority", "no-certificates", "HTTPS", True),
        ("panic: unknown time zone Europe/Vienna", "no-time-zones", "Europe/Vienna", True),
        ("Error: spawn /bin/sh ENOENT", "no-shell", "shell", True),
        ("open /data/app.db: permission denied", "no-permission", "/data/app.db", True),
        (
            "PermissionError: [Errno 13] Permission denied: '/data/app.db'",
            "no-permission",
            "/data/app.db",
            True,
        ),
        ("OSError: [Errno 30] Read-only file system: '/app/cache'", "read-only", "read-only", True),
        ("open /tmp/x: read-only file system", "read-only", "/tmp/x", True),
        (
            'nginx: [emerg] mkdir() "/var/cache/nginx/proxy_temp" failed (30: Read-only file system)',
            "read-only",
            "/var/cache/nginx/proxy_temp",
            True,
        ),
        (
            '1#1: mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)',
            "no-permission",
            "/var/cache/nginx/client_temp",
            True,
        ),
        ("Error: Could not find or load main class com.acme.App", "no-class", "com.acme.App", True),
        ("listen tcp :80: bind: permission denied", "low-port", "80", True),
        ("Error: listen EADDRINUSE: address already in use :::3000", "port-in-use", "3000", False),
        ("FATAL ERROR: JavaScript heap out of memory", "out-of-memory", "memory", False),
    ],
)
def test_what_the_log_tells(line, kind, word, image):
    found = diagnose.of_log(["starting", line, "bye"])
    assert found is not None
    assert (found.kind, found.image) == (kind, image)
    assert word in found.message


def test_memory_crash_and_plain_ends():
    assert diagnose.of_end(137, oom=True, log=()).kind == "out-of-memory"
    assert diagnose.of_end(139, oom=False, log=()).kind == "crashed"
    assert diagnose.of_end(137, oom=False, log=()).kind == "killed"
    ended = diagnose.of_end(2, oom=False, log=("first", "boom", ""))
    assert (ended.kind, ended.image) == ("ended", False)
    assert "exit code 2" in ended.message
    assert "boom" in ended.message
    assert "wrote nothing" in diagnose.of_end(2, oom=False, log=()).message
    assert "engine itself ended" in diagnose.of_end(255, oom=False, log=()).message


def test_an_app_that_listens_inside_alone_is_told_so():
    found = diagnose.of_silence(5000, 30, ("Running on http://127.0.0.1:5000",))
    assert found.kind == "listens-inside"
    assert "0.0.0.0" in found.message
    assert diagnose.of_silence(5000, 30, ("connected to 127.0.0.1:5432",)).kind == "no-answer"


def test_control_characters_of_a_log_stay_out_of_the_words():
    found = diagnose.of_end(1, oom=False, log=("\x1b[31mred\u202e",))
    assert "\x1b" not in found.message
    assert "\u202e" not in found.message


@pytest.mark.parametrize(
    ("line", "kind", "subject"),
    [
        ("FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp']", "no-tmp", ""),
        ("open /tmp/upload-1: no such file or directory", "no-tmp", "/tmp/upload-1"),
        ("Error: ENOENT: no such file or directory, mkdtemp '/tmp/app-XXXXXX'", "no-tmp", "/tmp/app-XXXXXX"),
        ("java.io.IOException: Unable to create tempDir", "no-tmp", ""),
        ("KeyError: 'getpwuid(): uid not found: 65532'", "no-passwd", "65532"),
        ("panic: user: unknown userid 65532", "no-passwd", "65532"),
        ("SystemError [ERR_SYSTEM_ERROR]: uv_os_get_passwd returned ENOENT (no such file)", "no-passwd", ""),
        ("java.lang.InternalError: Fontconfig head is null, check your fonts", "no-fonts", ""),
        ("open /usr/share/fonts/truetype/x.ttf: no such file or directory", "no-fonts", "/usr/share/fonts/truetype/x.ttf"),
        ("panic: unknown time zone Europe/Vienna", "no-time-zones", "Europe/Vienna"),
        ("/app: error while loading shared libraries: libpq.so.5: cannot open", "no-library", "libpq.so.5"),
        ("open /data/app.db: permission denied", "no-permission", "/data/app.db"),
    ],
)  # fmt: skip
def test_what_it_is_about_is_kept_for_whoever_mends_it(line, kind, subject):
    found = diagnose.of_log([line])
    assert (found.kind, found.subject, found.image) == (kind, subject, True)


def test_what_a_subject_holds_is_made_harmless():
    found = diagnose.of_start('exec: "/app\x1b[2Jserver": stat /app: no such file or directory')
    assert "\x1b" not in found.subject
