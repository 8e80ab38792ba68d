"""What of a folder is sent to the engine, as an archive and file by file."""

import io
import os
import sys
import tarfile

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.dockerfile.ignore import Ignore
from slimdesk.engine import filesync
from slimdesk.engine.context import entries
from slimdesk.engine.context_tar import context_tar, private_folder
from slimdesk.engine.filesync import DATA, ERR, FIN, REQ, STAT, Folder, Transfer, metadata
from slimdesk.engine.wire import fields, put_number

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def fill(root, **files):
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def paths(root, ignored=""):
    return [entry.path for entry in entries(root, Ignore.parse(ignored))]


def test_every_folder_comes_before_what_it_holds_in_the_order_of_bytes(tmp_path):
    for name in ("a.txt", "a/b", "a/é", "B", "a-/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    # fsutil compares paths byte by byte with / as the lowest.
    found = paths(tmp_path)
    assert found == sorted(found, key=lambda path: [part.encode() for part in path.split("/")])
    assert found.index("a/é") < found.index("a-")


def test_dockerignore_decides_and_an_exception_brings_its_folders_back(tmp_path):
    fill(tmp_path, keep="x", logs__a="x", logs__deep__b="x", logs__deep__c="x", node_modules__m__index="x")
    assert paths(tmp_path, "logs\nnode_modules\n!logs/deep/b") == ["keep", "logs", "logs/deep", "logs/deep/b"]
    assert paths(tmp_path, "*") == []
    assert paths(tmp_path, "") == [
        "keep", "logs", "logs/a", "logs/deep", "logs/deep/b", "logs/deep/c",
        "node_modules", "node_modules/m", "node_modules/m/index",
    ]  # fmt: skip


@posix
def test_links_stay_links_and_special_files_stay_out(tmp_path):
    fill(tmp_path, real="x")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "dangling").symlink_to("/nowhere")
    os.mkfifo(tmp_path / "pipe")
    found = {entry.path: (entry.kind, entry.target) for entry in entries(tmp_path, Ignore.parse(""))}
    assert found == {
        "real": ("file", ""),
        "link": ("link", "real"),
        "loop": ("link", "."),
        "dangling": ("link", "/nowhere"),
    }


def test_a_folder_that_is_none_is_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="is not a folder"):
        list(entries(tmp_path / "no", Ignore.parse("")))


@posix
def test_what_may_not_be_read_is_a_sentence_unless_it_is_left_out(tmp_path, monkeypatch):
    fill(tmp_path, a="x", secret__key="x")
    scan = os.scandir

    def guarded(path):
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(BadInput, match=r"secret cannot be sent.*\.dockerignore"):
        paths(tmp_path)
    assert paths(tmp_path, "secret") == ["a"]
    assert paths(tmp_path, "secret\n!secret/key") == ["a"]


@posix
def test_the_archive_is_one_that_tarfile_reads(tmp_path):
    weird = "weird \n name"
    fill(tmp_path, **{"plain.txt": "hello", weird: "x"})
    long = "l" * 120
    (tmp_path / long).mkdir()
    (tmp_path / long / ("f" * 120)).write_text("deep")
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("plain.txt")
    (tmp_path / os.fsdecode(b"latin-\xe9")).write_text("x")
    sent = []
    pieces = list(context_tar(tmp_path, Ignore.parse(""), {".x/Dockerfile": b"FROM scratch\n"}, sent.append))
    data = b"".join(pieces)
    assert sent[-1] == len(data)
    with tarfile.open(fileobj=io.BytesIO(data), encoding="utf-8", errors="surrogateescape") as archive:
        members = {member.name: member for member in archive}
        assert archive.extractfile(members[".x/Dockerfile"]).read() == b"FROM scratch\n"
        assert archive.extractfile(members["plain.txt"]).read() == b"hello"
        assert archive.extractfile(members[f"{long}/{'f' * 120}"]).read() == b"deep"
    assert next(iter(members)) == ".x/Dockerfile"
    assert {weird, os.fsdecode(b"latin-\xe9")} <= set(members)
    assert members["run.sh"].mode == 0o755
    assert members["link"].linkname == "plain.txt"
    assert {(member.uid, member.gid, member.mtime) for member in members.values()} == {(0, 0, 499_162_500)}
    assert data[257:265] == b"ustar  \0"


def test_the_name_of_our_folder_never_meets_one_of_the_project(tmp_path):
    first = private_folder(tmp_path)
    (tmp_path / first).mkdir()
    assert private_folder(tmp_path) != first


def test_a_file_that_becomes_shorter_while_it_is_sent_is_a_sentence(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "big").write_bytes(b"x" * 5_000_000)
    stream = context_tar(tmp_path, Ignore.parse(""), {})
    next(stream)
    os.truncate(tmp_path / "big", 10)
    with pytest.raises(BadInput, match=r"changed while it was being sent.*big became shorter"):
        list(stream)


def drain(transfer):
    packets = []
    while (packet := transfer.next_packet()) is not None:
        packets.append(packet)
    return packets


def ask(number):
    return put_number(1, REQ) + put_number(3, number)


def stat_of(packet):
    (body,) = (value for number, value in fields(packet) if number == 2)
    return dict(fields(body))


def test_the_protocol_of_a_transfer(tmp_path):
    fill(tmp_path, a="hello", d__b="x" * 300_000)
    sent = []
    transfer = Transfer(Folder({}, tmp_path, Ignore.parse("")), [], sent.append)
    packets = drain(transfer)
    assert [stat_of(packet)[1].decode() for packet in packets[:-1]] == ["a", "d", "d/b"]
    assert packets[-1] == b""
    assert stat_of(packets[1])[2] == (1 << 31) | (tmp_path / "d").stat().st_mode & 0o777
    assert stat_of(packets[0])[6] == (tmp_path / "a").stat().st_mtime_ns
    transfer.take(ask(2))
    transfer.take(ask(0))
    contents = {}
    ended = []
    for packet in drain(transfer):
        kind, identity, _ = metadata(packet)
        data = dict(fields(packet)).get(4)
        assert kind == DATA
        if data is None:
            ended.append(identity)
        else:
            contents[identity] = contents.get(identity, b"") + data
    assert contents == {0: b"hello", 2: b"x" * 300_000}
    assert ended == [2, 0]
    assert sum(sent) == 300_005
    transfer.take(put_number(1, FIN))
    assert transfer.ended


@posix
@pytest.mark.parametrize("where", ["memory", "disk"])
def test_an_empty_file_ends_once(tmp_path, where):
    # BuildKit forgets a file at the first DATA without bytes and takes a second for one that nobody asked for.
    fill(tmp_path, a="")
    folder = Folder({"a": b""}) if where == "memory" else Folder({}, tmp_path, Ignore.parse(""))
    transfer = Transfer(folder, [], lambda _: None)
    drain(transfer)
    transfer.take(ask(0))
    assert [metadata(packet)[:2] for packet in drain(transfer)] == [(DATA, 0)]


def test_a_file_that_changes_under_a_transfer_ends_it_with_the_reason(tmp_path):
    fill(tmp_path, a="hello")
    transfer = Transfer(Folder({}, tmp_path, Ignore.parse("")), [], lambda _: None)
    drain(transfer)
    (tmp_path / "a").write_text("")
    transfer.take(ask(0))
    kind, _, said = metadata(drain(transfer)[-1])
    assert kind == ERR
    assert "changed while it was being sent" in said
    assert transfer.problem is not None


def test_a_file_that_vanishes_under_a_transfer_is_a_sentence(tmp_path):
    fill(tmp_path, a="hello")
    transfer = Transfer(Folder({}, tmp_path, Ignore.parse("")), [], lambda _: None)
    drain(transfer)
    (tmp_path / "a").unlink()
    transfer.take(ask(0))
    assert metadata(drain(transfer)[-1])[0] == ERR
    assert "a cannot be sent" in str(transfer.problem)


def test_a_number_that_nobody_gave_is_refused(tmp_path):
    transfer = Transfer(Folder({"Dockerfile": b"FROM scratch"}), [], lambda _: None)
    drain(transfer)
    transfer.take(ask(7))
    drain(transfer)
    assert transfer.problem is not None


def followed(root, *follow):
    return [
        entry.path for entry in Folder({".dockerignore": b"x"}, root, Ignore.parse("")).entries(list(follow))
    ]


@posix
def test_only_what_the_dockerfile_copies_is_told(tmp_path):
    fill(tmp_path, go__mod="x", src__a__b="x", src__c="x", data__huge="x")
    assert followed(tmp_path, "src/a") == ["src", "src/a", "src/a/b"]
    assert followed(tmp_path, "/go/mod", "nowhere") == ["go", "go/mod"]
    everything = followed(tmp_path)
    assert followed(tmp_path, "src/*") == everything
    assert followed(tmp_path, ".") == everything
    assert followed(tmp_path, ".dockerignore") == [".dockerignore"]


@posix
def test_links_on_the_way_are_followed_and_none_leads_out(tmp_path):
    fill(tmp_path, real__a="x", other="x")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "up").symlink_to("../../etc")
    assert followed(tmp_path, "link/a") == ["link", "real", "real/a"]
    assert followed(tmp_path, "up/passwd") == ["up"]
    (tmp_path / "self").symlink_to("self")
    assert followed(tmp_path, "self/x") == ["self"]


def test_two_texts_of_one_length_have_different_times():
    first, second = (next(iter(Folder({"Dockerfile": text}).entries([]))) for text in (b"FROM a", b"FROM b"))
    assert first.size == second.size
    assert first.changed_ns != second.changed_ns


def test_a_kind_is_a_word_of_the_protocol():
    assert (STAT, REQ, DATA, FIN, ERR) == (0, 1, 2, 3, 4)
    assert filesync.farewell() == put_number(1, FIN)
