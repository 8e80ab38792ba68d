"""analyze against the contract: every form of image, hostile configurations, and archives that are cut off or not whole."""

import gzip
import json

import pytest
import zstandard
from unit.cli.contract import SAMPLE_ARCHIVE, ask, closed_to_us
from unit.image.images import Picture, archive, layer, oci_files, old_save, sha, write_folder

LAYERS = [layer([("a/", 0o755), ("a/f", 1000), ("b", 9000)]), layer([("a/.wh.f", 0)])]
HISTORY = [
    {"created_by": "COPY . ."},
    {"created_by": "ENV A=1", "empty_layer": True},
    {"created_by": "RUN rm a/f"},
]
PICTURE = Picture(LAYERS, history=HISTORY)


@pytest.fixture
def saved(tmp_path):
    def save(data, name="app.tar"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return save


FORMS = {
    "docker-archive": lambda: old_save([PICTURE]),
    "oci-archive": lambda: archive(oci_files([PICTURE])),
    "oci and docker": lambda: archive(oci_files([PICTURE], docker=True, attestation=True)),
    "gzip": lambda: gzip.compress(old_save([PICTURE])),
    "zstd": lambda: zstandard.compress(archive(oci_files([PICTURE]))),
    "zstd layers": lambda: archive(oci_files([Picture(LAYERS, history=HISTORY, compression="zstd")])),
}


@pytest.mark.parametrize("fast", [[], ["--fast"]], ids=["whole", "fast"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_keeps_the_contract(capfd, saved, form, fast):
    found = ask(capfd, "analyze", saved(FORMS[form]()), *fast, "--json").json
    assert found["source"] == ("docker-archive" if form in ("docker-archive", "gzip") else found["source"])
    assert found["source"].endswith("-archive")
    assert found["verified"] is (not fast)
    assert [one["index"] for one in found["layers"]] == [0, 1]
    assert [one["diff_id"] for one in found["layers"]] == [sha(one) for one in LAYERS]
    assert [one["created_by"] for one in found["layers"]] == ["COPY . .", "RUN rm a/f"]
    assert [one["entries"] for one in found["layers"]] == [3, 1]
    assert all("live" not in one["sizes"] for one in found["layers"])
    assert (found["packages"], found["gates"]) == ([], [])
    assert found["shadowed"] == found["sizes"]["files"] - found["sizes"]["live"] == 1000


def test_a_layout_folder_and_the_sample(capfd, tmp_path):
    folder = write_folder(tmp_path / "läyout with blanks", oci_files([PICTURE]))
    assert ask(capfd, "analyze", folder, "--json").json["source"] == "oci-layout"
    found = ask(capfd, "analyze", SAMPLE_ARCHIVE, "--json").json
    assert found["source"] == "docker-archive"
    assert found["verified"]
    ask(capfd, "analyze", SAMPLE_ARCHIVE)


def test_an_image_without_files_has_no_score_and_no_share(capfd, saved):
    found = ask(capfd, "analyze", saved(old_save([Picture([])])), "--min-score", "1", "--json")
    assert found.status == 0
    assert (found.json["score"], found.json["layers"]) == (None, [])
    assert found.json["dive"]["user_wasted_percent"] is None


def test_of_several_images_the_first_is_taken_and_the_others_are_named(capfd, saved):
    path = saved(old_save([Picture(LAYERS, name="web:1"), Picture(LAYERS[:1], name="api:2")]))
    found = ask(capfd, "analyze", path, "--json")
    assert (found.json["name"], len(found.json["layers"])) == ("web:1", 2)
    assert "api:2" in found.err
    assert "--ref" in found.err
    assert ask(capfd, "analyze", path, "--ref", "api:2", "--json").json["name"] == "api:2"
    assert "web:1" in ask(capfd, "analyze", path, "--ref", "other").err


def test_of_several_platforms_one_is_chosen(capfd, saved):
    pictures = [
        Picture(LAYERS[:n], platform=("linux", arch, "")) for n, arch in ((1, "s390x"), (2, "riscv64"))
    ]
    path = saved(archive(oci_files(pictures)))
    answer = ask(capfd, "analyze", path)
    assert answer.status == 2
    assert "linux/riscv64" in answer.err
    assert len(ask(capfd, "analyze", path, "--platform", "linux/riscv64", "--json").json["layers"]) == 2
    assert ask(capfd, "analyze", path, "--platform", "riscv64").status == 2


def test_gates_say_no_with_the_answer(capfd, saved):
    config = {"Entrypoint": ["/bin/sh", "-c", "app"], "Labels": {"io.slimdesk.debug": "true"}}
    path = saved(old_save([Picture(LAYERS, history=HISTORY, config=config)]))
    words = [
        "--forbid-debug",
        "--max-files",
        "1",
        "--max-live",
        "1GB",
        "--min-score",
        "0.5",
        "--fail-on",
        "info",
    ]
    found = ask(capfd, "analyze", path, *words, "--json")
    assert found.status == 1
    assert {one["rule"]: one["passed"] for one in found.json["gates"]} == {
        "forbid-debug": False, "max-files": False, "max-live": True, "min-score": True, "fail-on": False,
    }  # fmt: skip
    assert ask(capfd, "analyze", path, *words).out.count("FAILED") == 3


HOSTILE = "\x1b[31m\n\u202e\u2028\ud800" + "é" * 10


@pytest.mark.parametrize("fast", [[], ["--fast"]], ids=["whole", "fast"])
def test_a_hostile_image_reaches_nobody_unescaped(capfd, saved, fast):
    members = [(f"{name}\x1b[31m\n", 10) for name in ("usr/bin/\u202egpj", "etc/passwd", "root/.ssh/id_rsa")]
    picture = Picture(
        [layer(members)], name=f"app{HOSTILE}:1", platform=("linux\x1b", "amd64\n", HOSTILE),
        history=[{"created_by": f"RUN {HOSTILE}"}],
        config={"User": HOSTILE, "Entrypoint": ["/bin/sh", "-c", HOSTILE], "Env": [HOSTILE, 5], "Labels": {HOSTILE: HOSTILE},
                "ExposedPorts": {HOSTILE: {}}, "WorkingDir": HOSTILE, "Cmd": "no list"},
    )  # fmt: skip
    path = saved(old_save([picture]))
    words = ["analyze", path, "--platform", "linux/amd64", *fast]
    assert ask(capfd, *words).status in (0, 2)
    ask(capfd, *words[:2], *fast)


@pytest.mark.parametrize("fast", [[], ["--fast"]], ids=["whole", "fast"])
@pytest.mark.parametrize("form", FORMS)
def test_cut_off_anywhere_it_is_one_sentence(capfd, saved, form, fast):
    whole = FORMS[form]()
    # A tar's end is zeros: what is cut off of them is missed by nobody.
    end = len(whole.rstrip(b"\0"))
    offsets = sorted(
        {0, 1, 2, 3, 4, 100, 257, 511, 512, 513, 1024, *(end * n // 23 for n in range(23)), end - 1}
    )
    for offset in (one for one in offsets if one < end):
        answer = ask(capfd, "analyze", saved(whole[:offset]), *fast, "--json")
        assert answer.status == 2, (form, offset)
        assert "Reading" not in answer.err


def test_the_sample_cut_off_is_one_sentence(capfd, saved):
    whole = SAMPLE_ARCHIVE.read_bytes()
    for offset in (1000, len(whole) // 2, len(whole) - 1):
        assert ask(capfd, "analyze", saved(whole[:offset]), "--json").status == 2


def test_a_manifest_that_names_what_is_not_there(capfd, saved):
    files = oci_files([PICTURE])
    blobs = [name for name, _ in files if name.startswith("blobs/")]
    for missing in blobs:
        path = saved(archive((name, data) for name, data in files if name != missing))
        for fast in ([], ["--fast"]):
            answer = ask(capfd, "analyze", path, *fast, "--json")
            assert answer.status == 2, missing
    manifest = json.dumps(
        [{"Config": "../../etc/passwd", "RepoTags": ["a:1"], "Layers": ["/etc/passwd"]}]
    ).encode()
    assert ask(capfd, "analyze", saved(archive([("manifest.json", manifest)]))).status == 2


@pytest.mark.parametrize(
    "words",
    [
        [""],
        ["/nowhere/app.tar"],
        ["./nowhere"],
        ["{}", "--platform", "x"],
        ["{}", "--ref", ""],
        ["{}", "--max-files", "-1"],
        ["{}", "--max-files", "nan"],
        ["{}", "--min-score", "nan"],
        ["{}", "--fail-on", "bad"],
        ["{}", "--dive-ci", "/nowhere"],
        ["{}", "--dive-ci", "{}"],
        ["{}", "--dive-ci", "."],
        ["{}", "--fast", "--max-download", "1"],
        ["{}", "\x1b[31m"],
        [],
    ],
)
def test_bad_calls_are_one_sentence(capfd, saved, words):
    path = str(saved(old_save([PICTURE])))
    assert ask(capfd, "analyze", *(word.format(path) for word in words), "--json").status == 2


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 10_240, b"#!/bin/sh\n", b"\x1f\x8b", b"PK\3\4", bytes(range(256)) * 9]
)
def test_what_is_no_image_is_one_sentence(capfd, saved, data):
    for fast in ([], ["--fast"]):
        assert ask(capfd, "analyze", saved(data), *fast, "--json").status == 2


def test_a_closed_archive_and_a_closed_layout(capfd, saved):
    data = old_save([PICTURE])
    with closed_to_us() as (folder, nobody):
        (folder / "app.tar").write_bytes(data)
        ask(capfd, "analyze", folder / "app.tar", "--json")
        write_folder(folder / "layout", oci_files([PICTURE]))
        for path in (folder / "app.tar", folder / "layout"):
            path.chmod(0)
        with nobody():
            answers = [
                ask(capfd, "analyze", path, "--json") for path in (folder / "app.tar", folder / "layout")
            ]
    assert [answer.status for answer in answers] == [2, 2]
    assert all("Permission denied" in answer.err for answer in answers)
