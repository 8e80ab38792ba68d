"""What a helper tells of a container is read: as it comes, and as somebody would like it to be misread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimdesk.basics.errors import BadInput
from slimdesk.debug import environment, folder, http_probe, limits, mounts, name_check, processes, sockets
from slimdesk.debug.log_levels import level_of
from slimdesk.debug.sections import Script
from slimdesk.debug.survey import Survey

TARGET, HELPER = "a" * 64, "b" * 64
SURVEY = Survey(7, 1, 1, root=True, files="yes", path="/proc/7/root/bin", shell="/bin/sh")


def answer(asked, *parts):
    """The answer that a helper would give: (name, body) pairs after the script's own mark."""
    return b"".join(f"{asked.mark} {name}\n".encode() + body + b"\n" for name, body in parts)


def process_text(pid, name, container, command, ppid=0):
    numbers = " ".join(["0"] * 9 + ["150", "50"] + ["0"] * 6 + ["5000"] + ["0"] * 10)
    return (
        f"{pid} ({name}) S {ppid} {numbers}\n"
        f"Name:\t{name}\nState:\tS (sleeping)\nPPid:\t{ppid}\nUid:\t65532\t65532\t65532\t65532\nGid:\t0\t0\t0\t0\n"
        f"VmRSS:\t    1024 kB\nThreads:\t3\nnonvoluntary_ctxt_switches:\t1\n"
        f"2:memory:/docker/{container}\n0::/../{container}\n"
    ).encode() + command


def read_processes(*parts):
    asked = processes.script()
    return processes.parse(asked, answer(asked, ("uptime", b"100.5"), *parts), TARGET, HELPER)


def test_processes_of_the_target_alone():
    found = read_processes(
        ("7", process_text(7, "sh", HELPER, b"sh\0-s\0")),
        ("1", process_text(1, "app", TARGET, b"/app\0--port\08080\0")),
        ("12", process_text(12, "kthread", "host", b"")),
    )
    (app,) = found
    assert (app.pid, app.command, app.state, app.uid, app.threads) == (
        1,
        "/app --port 8080",
        "sleeping",
        65532,
        3,
    )
    assert (app.memory, app.cpu, app.age) == (1 << 20, 2.0, 50.5)


def test_without_a_control_group_all_but_the_helpers_are_shown():
    found = read_processes(("7", process_text(7, "sh", HELPER, b"")), ("3", process_text(3, "x", "", b"")))
    assert [(one.pid, one.command) for one in found] == [(3, "[x]")]


def test_a_process_that_names_itself_like_an_answer_is_shown_harmlessly():
    name = ") R 1 1\x1b]0;t"
    hostile = process_text(5, name, TARGET, b"x\nabc 99\nName:\tfake\n\0\x1b[2J\0\xff\xfe")
    (found,) = read_processes(("5", hostile))
    assert found.pid == 5
    assert "\x1b" not in found.command + found.name
    assert "\n" not in found.command


def test_a_process_that_went_away_is_left_out():
    assert read_processes(("5", b""), ("6", b"6 (x) S 1\n")) == ()


@given(st.binary(max_size=400))
def test_processes_of_anything(data):
    read_processes(("1", data), ("x", data))


HEAD = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def read_sockets(*parts):
    asked = sockets.script(1)
    return sockets.parse(asked, answer(asked, *parts))


def test_sockets_have_addresses_in_words_and_whose_they_are():
    tcp = HEAD + (
        b"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 65532        0 111 1 0 100\n"
        b"   1: 0200000A:C350 0800000A:1538 01 00000000:00000000 00:00000000 00000000 65532        0 222 1 0 100\n"
    )
    tcp6 = (
        HEAD
        + b"   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0     0        0 333 1\n"
    )
    udp = (
        HEAD
        + b"   0: 0B00007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 444 2 0 0\n"
    )
    fds = (
        b"/proc/9/fd:\ntotal 0\nlrwx------ 1 0 0 64 Nov 21 12:00 3 -> socket:[111]\n"
        b"\n/proc/1/fd:\nlrwx------ 1 0 0 64 Nov 21 12:00 4 -> socket:[111]\nlrwx 5 -> socket:[222]\nl 1 -> /tmp/x -> y\n"
    )
    found = read_sockets(
        ("tcp", tcp), ("tcp6", tcp6), ("udp", udp), ("udp6", b""), ("fds", fds), ("comm 1", b"app")
    )
    assert [(one.port, one.address, one.listening) for one in found] == [
        (53, "127.0.0.11", True), (80, "::", True), (8080, "127.0.0.1", True), (50000, "10.0.0.2", False),
    ]  # fmt: skip
    assert (found[2].pid, found[2].program, found[2].inside_only) == (1, "app", True)
    assert not found[1].inside_only
    assert (found[3].remote, found[3].remote_port, found[3].state) == ("10.0.0.8", 5432, "established")
    assert (found[0].pid, found[0].program) == (None, None)


@given(st.text(max_size=300))
def test_sockets_of_anything(text):
    data = text.encode("utf-8", "replace")
    read_sockets(("tcp", data), ("fds", data), ("comm 1", data), ("comm x", data))


def test_the_environment_masks_what_looks_like_a_secret():
    asked = environment.script(1)
    body = b"PATH=/bin\0DB_PASSWORD=hunter2\0URL=postgres://u:pw@db/x\0API_KEY=\0PWD=/\0SSL_KEY_FILE=/k\0EMPTY\0X=a=b\n\x1b\0"
    found = {one.name: one for one in environment.parse(asked, answer(asked, ("environ", body)))}
    assert {name for name, one in found.items() if one.secret} == {"DB_PASSWORD", "URL"}
    assert found["DB_PASSWORD"].shown() == environment.MASK
    assert found["DB_PASSWORD"].shown(reveal=True) == "hunter2"
    assert found["PATH"].shown() == "/bin"
    assert found["X"].shown() == "a=b\\x0a\\x1b"
    assert "EMPTY" not in found


def test_mounts_with_the_engines_own_last():
    asked = mounts.script(1)
    body = (
        b"1 0 0:1 / / rw,relatime - overlay overlay rw,lowerdir=/x\n"
        b"2 1 0:2 / /proc rw,nosuid - proc proc rw\n"
        b"3 1 8:1 /srv/data\\040set /data ro,relatime master:1 - ext4 /dev/sda1 rw\n"
        b"4 1 8:1 /var/lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"
        b"5 1 0:9 / /tmp rw - tmpfs tmpfs ro,size=64k\n"
        b"broken line\n6 1 0:1 / /x rw overlay\n"
    )
    found = mounts.parse(asked, answer(asked, ("mountinfo", body)))
    assert [(one.path, one.own, one.writable) for one in found] == [
        ("/", False, True), ("/data", False, False), ("/tmp", False, False), ("/etc/hosts", True, True), ("/proc", True, True),
    ]  # fmt: skip
    assert found[1].source == "/dev/sda1:/srv/data set"


LIMITS = (
    b"Limit                     Soft Limit           Hard Limit           Units     \n"
    b"Max open files            1024                 524288               files     \n"
    b"Max cpu time              unlimited            unlimited            seconds   \n"
)


def test_limits_of_both_kinds_of_control_groups():
    asked = limits.script(1)
    second = limits.parse(
        asked,
        answer(
            asked, ("limits", LIMITS), ("memory.max", b"67108864"), ("memory.current", b"1000"), ("memory.events", b"low 0\noom_kill 2"),
            ("cpu.max", b"50000 100000"), ("cpu.stat", b"nr_throttled 3\nthrottled_usec 1500000"), ("pids.max", b"max"),
        ),
    )  # fmt: skip
    assert (second.memory, second.memory_used, second.oom_kills) == (64 << 20, 1000, 2)
    assert (second.cpus, second.throttled, second.pids) == (0.5, 1.5, None)
    assert [(one.name, one.soft, one.hard) for one in second.process] == [
        ("open files", 1024, 524288),
        ("cpu time", None, None),
    ]
    first = limits.parse(
        asked,
        answer(
            asked, ("memory/memory.limit_in_bytes", b"9223372036854771712"), ("memory/memory.usage_in_bytes", b"5"),
            ("cpu/cpu.cfs_quota_us", b"-1"), ("cpu/cpu.cfs_period_us", b"100000"), ("pids/pids.max", b"50"),
        ),
    )  # fmt: skip
    assert (first.memory, first.memory_used, first.cpus, first.pids) == (None, 5, None, 50)
    nothing = limits.parse(asked, b"")
    assert (nothing.memory, nothing.cpus, nothing.process) == (None, None, ())


@given(st.binary(max_size=200))
def test_limits_and_mounts_of_anything(data):
    asked = limits.script(1)
    names = (
        "limits",
        "memory.max",
        "cpu.max",
        "cpu.stat",
        "memory/memory.limit_in_bytes",
        "cpu/cpu.cfs_quota_us",
    )
    limits.parse(asked, answer(asked, *((name, data) for name in names)))
    other = mounts.script(1)
    mounts.parse(other, answer(other, ("mountinfo", data)))


RESOLV = b"# made by the engine\nnameserver 127.0.0.11\nsearch example.net local\noptions ndots:0\n"
HOSTS = b"127.0.0.1\tlocalhost\n172.17.0.2 shop db.internal # comment\n"


def read_name(name, body, ended="1", resolv=RESOLV):
    asked = name_check.script(1, name)
    return name_check.parse(
        asked,
        answer(asked, ("resolv.conf", resolv), ("hosts", HOSTS), ("answer", body), (f"ended {ended}", b"")),
        name,
    )


def test_names_that_resolve_and_where_from():
    busybox = b"Server:\t\t127.0.0.11\nAddress:\t127.0.0.11:53\n\nNon-authoritative answer:\nName:\texample.com\nAddress: 93.184.215.14\n"
    found = read_name("example.com", busybox)
    assert (found.addresses, found.servers, found.search) == (
        ("93.184.215.14",),
        ("127.0.0.11",),
        ("example.net", "local"),
    )
    getent = b"93.184.215.14   STREAM example.com\n93.184.215.14   DGRAM\n2606:2800::1    STREAM\n"
    assert read_name("example.com", getent).addresses == ("93.184.215.14", "2606:2800::1")
    inside = read_name("DB.internal", b"")
    assert (inside.addresses, inside.from_hosts) == (("172.17.0.2",), True)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (
            b"Server: 127.0.0.11\n** server can't find db: NXDOMAIN\n",
            "does not know db. Containers find one another",
        ),
        (b";; connection timed out; no servers could be reached\n", "does not answer"),
        (b"** server can't find db: REFUSED\n", "refuses"),
        (b"Segmentation fault\n", "does not resolve"),
    ],
)
def test_names_that_do_not_resolve_say_why(body, word):
    found = read_name("db", body)
    assert found.addresses == ()
    assert word in found.reason


def test_a_name_server_that_keeps_everybody_waiting():
    asked = name_check.script(1, "db")
    cut = answer(asked, ("resolv.conf", RESOLV), ("hosts", HOSTS), ("answer", b"Server: 127.0.0.11\n"))
    assert "does not answer" in name_check.parse(asked, cut, "db").reason


def test_no_name_server_at_all():
    assert "no name server" in read_name("db", b"", resolv=b"").reason


@pytest.mark.parametrize("name", ["", "-x", "a b", "http://x", "x;id", "a" * 254, "$(id)", "x\n"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(BadInput):
        name_check.script(1, name)


def read_http(body):
    asked = http_probe.script(8080, "/health")
    return http_probe.parse(asked, answer(asked, ("answer", body)))


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"HTTP/1.1 200 OK\r\nX: \x1b[2J\r\n\r\nhi", 200, "It answers: HTTP 200."),
        (b"Connecting to 127.0.0.1\n  HTTP/1.1 503 Service Unavailable\n", 503, "error of its own"),
        (b"HTTP/2 404\r\n", 404, "HTTP 404"),
        (b"nc: 127.0.0.1: Connection refused\n", None, "Nothing listens"),
        (b"curl: (28) Operation timed out\n", None, "in time"),
        (b"curl: (52) Empty reply from server\n", None, "hangs up"),
        (b"", None, "wants HTTPS"),
        (b"SSH-2.0-x\r\n", None, "not answer in HTTP"),
    ],
)
def test_an_http_answer_in_words(body, status, word):
    found = read_http(body)
    assert found.status == status
    assert word in found.reason
    assert not any("\x1b" in line for line in found.head)


@pytest.mark.parametrize(
    ("port", "path"), [(0, "/"), (70000, "/"), (80, "health"), (80, "/a b"), (80, "/'x"), (80, "/\r\nX: y")]
)
def test_what_cannot_be_asked_is_refused(port, path):
    with pytest.raises(BadInput):
        http_probe.script(port, path)


def read_folder(*entries):
    asked = folder.listing(SURVEY, "/etc")
    body = b"".join(f"{asked.mark} entry\n".encode() + entry + b"\n" for entry in entries)
    return folder.parse_listing(asked, f"{asked.mark} begin\n".encode() + body, "/etc")


def test_a_folder_with_odd_names():
    found = read_folder(
        b"81a4 12 0 0 1700000000\n./passwd\n'./passwd'",
        b"41ed 4096 0 65532 1700000000\n./ssl\n'./ssl'",
        b"a1ff 7 0 0 1700000000\n./link\n'./link' -> '../x'",
        b"81a4 1 0 0 1700000000\n./two\nlines\n'./two\nlines'",
        b"81a4 2 0 0 1700000000\n./bare\nname\n./bare\nname",
        b"81a4 3 0 0 1700000000\n./gnu\nname\n'./gnu'$'\\n''name'",
        b"1180 0 0 0 1700000000\n./fifo\n'./fifo'",
        b"nonsense", b"zz 1 2 3 4\n./x\n'./x'",
    )  # fmt: skip
    assert [(one.name, one.kind) for one in found] == [
        ("ssl", "folder"), ("bare\nname", "file"), ("fifo", "other"), ("gnu\nname", "file"), ("link", "link"),
        ("passwd", "file"), ("two\nlines", "file"),
    ]  # fmt: skip
    assert found[4].target == "../x"
    assert (found[5].size, found[5].mode, found[0].gid) == (12, 0o644, 65532)


def test_a_name_that_looks_like_an_entry_makes_none():
    assert len(read_folder(b"81a4 1 0 0 1\n./x\nabc entry\n81a4 9 0 0 1\n./fake\n'./fake'")) == 1


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (b"ls: /x: No such file or directory", "not there"),
        (b"ls: /x: Permission denied", "may not"),
        (b"/x", "no folder"),
    ],
)
def test_a_folder_that_cannot_be_listed(said, word):
    asked = folder.listing(SURVEY, "/x")
    with pytest.raises(BadInput, match=word):
        folder.parse_listing(asked, answer(asked, ("refused", said)), "/x")


def test_a_file_is_read_byte_by_byte():
    asked = folder.reading(SURVEY, "/x", 10)
    data = b"\n\nx\n" + asked.mark.encode() + b" file\n"
    assert folder.parse_reading(asked, f"{asked.mark} file\n".encode() + data, "/x") == data
    with pytest.raises(BadInput, match="it is a folder"):
        folder.parse_reading(asked, answer(asked, ("folder", b"")), "/x")
    with pytest.raises(BadInput):
        folder.parse_reading(asked, b"", "/x")


@pytest.mark.parametrize("path", ["", "etc", "/a\0b"])
def test_a_path_must_be_absolute(path):
    with pytest.raises(BadInput):
        folder.listing(SURVEY, path)


def test_a_path_is_a_word_of_its_own_and_never_a_part_of_the_script():
    hostile = "/'; rm -rf /; '"
    asked = folder.listing(SURVEY, hostile)
    assert hostile in asked.command
    assert all(hostile not in word for word in asked.command if word != hostile)
    outside = folder.listing(Survey(7, 1, 3, root=True, files="dynamic", path="", shell="/bin/sh"), "/etc")
    assert outside.command[:2] == ("sh", "-c")
    assert "/proc/3/root" in outside.command


def test_marks_differ_from_call_to_call():
    assert Script("x").mark != Script("x").mark


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ('{"level":"error","msg":"x"}', "error"), ('{"level":30,"msg":"x"}', "info"), ("time=x level=warn msg=y", "warning"),
        ("2026-11-21 [INFO] started", "info"), ("ERROR: failed", "error"), ("npm ERR! x", "error"), ("I1121 12:00:00.0 x.go] y", "info"),
        ("debug: x", "debug"), ("panic: runtime error", "error"), ("Traceback (most recent call last):", "error"),
        ("nothing about an error here", None), ("", None), ("GET /errors 200", None),
    ],
)  # fmt: skip
def test_how_grave_a_line_is(text, level):
    assert level_of(text) == level
