"""`slimdesk compare`: archives and analyses of earlier, limits of growth, Markdown and CSV that nothing can break out of."""

import csv
import io
import json

import pytest
from markdown_it import MarkdownIt
from unit.cli.contract import ask
from unit.image.images import Picture, layer, member, old_save, program

HOSTILE = "x`|<script>alert(1)</script>](http://evil)@team#1\n|a|**b**"


@pytest.fixture
def save(tmp_path):
    def saved(name, *members, config=None, tag="app:1"):
        path = tmp_path / name
        path.write_bytes(old_save([Picture([layer(list(members))], name=tag, config=config or {})]))
        return path

    return saved


@pytest.fixture
def analysed(tmp_path, capfd):
    def written(path, *words):
        answer = ask(capfd, "analyze", path, "--json", *words)
        target = tmp_path / f"{path.stem}.json"
        target.write_text(answer.out)
        return target

    return written


def test_the_answer_names_what_differs(save, capfd):
    one = save(
        "a.tar",
        program("bin/sh", b"x" * 300),
        ("etc/conf", 10),
        config={"Env": ["A=1", "DB_PASSWORD=hunter2"]},
    )
    two = save(
        "b.tar", ("etc/conf", 20), ("app/new", 7), config={"User": "1000", "Env": ["A=2"]}, tag="app:2"
    )
    answer = ask(capfd, "compare", one, two, "--json")
    assert answer.status == 0
    assert [image["name"] for image in answer.json["images"]] == ["app:1", "app:2"]
    (found,) = answer.json["differences"]
    assert found["image"] == "app:2"
    assert found["removed"] == [{"path": "/bin/sh", "size": 300}]
    assert found["added"] == [{"path": "/app/new", "size": 7}]
    assert found["changed"] == [{"path": "/etc/conf", "size_before": 10, "size_after": 20}]
    assert found["moved"] == []
    assert {(one["field"], one["key"], one["before"], one["after"]) for one in found["config"]} == {
        ("user", None, None, "1000"), ("environment", "A", "1", "2"), ("environment", "DB_PASSWORD", "(hidden)", None),
    }  # fmt: skip
    assert "hunter2" not in answer.out
    rows = {row["key"]: row["values"] for row in answer.json["figures"]}
    assert rows["shells"] == ["sh", "none"]
    assert rows["live"] == [310, 27]


def test_words_say_it_too(save, capfd):
    one, two = save("a.tar", ("usr/share/doc/x", 5000)), save("b.tar", ("app/y", 50), tag="app:2")
    answer = ask(capfd, "compare", one, two)
    assert "A  app:1" in answer.out
    assert "1 file removed, 1 file added" in answer.out
    assert "Docs, locales" in answer.out


def test_more_than_two_are_held_against_the_first(save, capfd):
    files = [save(f"{number}.tar", ("x", number), tag=f"app:{number}") for number in (5, 6, 7)]
    answer = ask(capfd, "compare", *files, "--json")
    assert [one["image"] for one in answer.json["differences"]] == ["app:6", "app:7"]
    assert all(one["against"] == "app:5" for one in answer.json["differences"])


@pytest.mark.parametrize("count", [1, 7])
def test_it_takes_two_to_six(save, capfd, count):
    path = save("a.tar", ("x", 1))
    answer = ask(capfd, "compare", *[path] * count)
    assert answer.status == 2
    assert "2 to 6" in answer.err


def test_an_image_with_itself_differs_in_nothing(save, capfd):
    path = save("a.tar", ("x", 1))
    answer = ask(capfd, "compare", path, path, "--max-growth", "0%", "--json")
    assert answer.status == 0
    (found,) = answer.json["differences"]
    assert (
        found["added"] == found["removed"] == found["changed"] == found["packages"] == found["config"] == []
    )
    assert [image["name"] for image in answer.json["images"]] == ["app:1", "app:1 (2)"]


def test_images_of_one_size_are_as_large(save, capfd):
    path = save("a.tar", ("x", 1))
    assert "as large (0.0" in ask(capfd, "compare", path, path).out
    assert "As large (0.0" in ask(capfd, "compare", path, path, "--format", "md").out


def test_growth_from_nothing_is_no_share(save, capfd):
    answer = ask(capfd, "compare", save("none.tar"), save("a.tar", ("x", 1)), "--max-growth", "2%")
    assert answer.status == 1
    assert "grew from nothing to 1" in answer.err
    assert "a size such as 5MB" in answer.err


def test_images_of_one_name_are_told_apart_by_their_files(save, capfd):
    paths = [save("old.tar", ("x", 1)), save("new.tar", ("x", 2))]
    answer = ask(capfd, "compare", *paths, "--json")
    assert [image["name"] for image in answer.json["images"]] == ["app:1 (old.tar)", "app:1 (new.tar)"]


# Growth


def test_growth_beyond_the_limit_is_no_with_what_grew_most(save, capfd):
    one = save("a.tar", *[(f"f{number}", 1000) for number in range(9)])
    two = save("b.tar", *[(f"f{number}", 1000 + number) for number in range(9)], tag="app:2")
    answer = ask(capfd, "compare", one, two, "--max-growth", "0.1%", "--json")
    assert answer.status == 1
    (found,) = answer.json["differences"]
    assert found["gates"] == [{"rule": "max-growth", "limit": 0.001, "value": 36 / 9000, "passed": False}]
    assert [row["path"] for row in found["grown_paths"]] == ["/f8", "/f7", "/f6", "/f5", "/f4"]
    assert "/f8" in answer.err
    assert "more than the 0.1" in answer.err
    assert ask(capfd, "compare", one, two, "--max-growth", "1%").status == 0
    assert ask(capfd, "compare", one, two, "--max-growth-files", "36B").status == 0
    assert ask(capfd, "compare", one, two, "--max-growth-files", "35B").status == 1
    assert ask(capfd, "compare", two, one, "--max-growth", "0%", "--max-growth-live", "0MB").status == 0


@pytest.mark.parametrize("limit", ["-2%", "much", "nan%", "inf%", "", "2%%"])
def test_a_limit_that_is_none_is_a_bad_call(save, capfd, limit):
    path = save("a.tar", ("x", 1))
    assert ask(capfd, "compare", path, path, "--max-growth", limit).status == 2


def test_growth_from_nothing_cannot_be_a_share(save, capfd):
    one, two = save("a.tar"), save("b.tar", ("x", 1))
    assert ask(capfd, "compare", one, two, "--max-growth", "1000%").status == 1
    assert ask(capfd, "compare", one, two, "--max-growth", "1MB").status == 0
    assert ask(capfd, "compare", one, one, "--max-growth", "0%").status == 0


# Analyses of earlier


def test_an_analysis_of_earlier_takes_the_place_of_an_image(save, analysed, capfd):
    one, two = (
        save("a.tar", program("x", b"1234"), ("l", "->x"), ("h", "=x"), config={"User": "7"}),
        save("b.tar", ("x", 9), tag="b:2"),
    )
    before = analysed(one, "--files")
    whole = ask(capfd, "compare", one, two, "--json").json["differences"][0]
    kept = ask(capfd, "compare", before, two, "--json")
    assert kept.json["differences"][0] == whole
    assert kept.err == ""
    assert ask(capfd, "compare", before, before, "--json").json["differences"][0]["changed"] == []


def test_without_files_the_sizes_are_compared_all_the_same(save, analysed, capfd):
    one, two = analysed(save("a.tar", ("x", 1000))), analysed(save("b.tar", ("x", 3000)))
    answer = ask(capfd, "compare", one, two, "--max-growth", "10%", "--json")
    assert answer.status == 1
    (found,) = answer.json["differences"]
    assert not found["files_known"]
    assert found["added"] == found["grown_paths"] == []
    assert "files are not known" in answer.err
    assert "analyze --json --files" in answer.err
    rows = {row["key"]: row["values"] for row in answer.json["figures"]}
    assert rows["files"] == [1000, 3000]
    assert rows["entries"] == rows["set-uid"] == rows["shells"] == [None, None]


def test_packages_that_were_not_read_are_not_called_removed(save, analysed, capfd):
    path = save("a.tar", ("x", 1))
    answer = ask(capfd, "compare", analysed(path, "--fast"), path, "--json")
    assert not answer.json["differences"][0]["packages_known"]
    assert "packages" in answer.err


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2}, {"sizes": None}, {"sizes": {"unpacked": -1, "files": 1}}, {"layers": 7}, {"packages": [{"name": 3}]},
        {"files": [[]]}, {"files": [{"path": "/x", "kind": "door", "size": 1}]}, {"files": [{"path": 1, "kind": "file", "size": 1}]},
        {"files": [{"path": "/x", "kind": "file", "size": 1, "layer": 9}]}, {"findings": [{}]}, {"source": "moon"},
        {"files": [{"path": "/x", "kind": "file", "size": 1 << 70}]}, {"config": []}, {"score": "x"},
        {"files": [{"path": "/x", "kind": "file", "size": 1, "uid": 1 << 40}]},
    ],
)  # fmt: skip
def test_a_file_that_is_no_analysis_is_refused_with_a_sentence(save, analysed, capfd, change):
    path = analysed(save("a.tar", ("x", 1)), "--files")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    answer = ask(capfd, "compare", path, path)
    assert answer.status == 2
    assert "analyze" in answer.err


@pytest.mark.parametrize("text", ["{", "{" * 100_000, '{"a": NaN}', "{}"])
def test_what_is_no_json_is_refused_with_a_sentence(save, tmp_path, capfd, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    assert ask(capfd, "compare", path, save("a.tar", ("x", 1))).status == 2


# Markdown and CSV


def test_markdown_is_one_line_while_limits_are_kept(save, capfd):
    one, two = save("a.tar", ("x", 1000)), save("b.tar", ("x", 1003), tag="app:2")
    kept = ask(capfd, "compare", one, two, "--format", "md", "--max-growth", "2%")
    assert kept.status == 0
    assert kept.out.count("\n") == 1
    failed = ask(capfd, "compare", one, two, "--format", "md", "--max-growth", "0.1%")
    assert failed.status == 1
    assert "Paths that grew most" in failed.out
    assert "`/x`" in failed.out


def test_nothing_in_an_image_becomes_markup(save, capfd):
    one = save("a.tar", (HOSTILE, 10), tag=None)
    two = save(
        "b.tar", (HOSTILE, 5000), (HOSTILE + "2", 9), tag="a<b>|c:1",
        config={"Env": [f"A={HOSTILE}", "B=``| x"], "Labels": {HOSTILE: HOSTILE}, "User": HOSTILE},
    )  # fmt: skip
    answer = ask(capfd, "compare", one, two, "--format", "md", "--max-growth", "1%")
    tokens = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").parse(answer.out)
    kinds = {token.type for token in tokens} | {
        inner.type for token in tokens for inner in token.children or ()
    }
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "strong_open", "em_open", "fence"}
    spans = [
        inner.content for token in tokens for inner in token.children or () if inner.type == "code_inline"
    ]
    assert any("<script>" in span for span in spans), "it is shown, as text"
    texts = "".join(
        inner.content for token in tokens for inner in token.children or () if inner.type == "text"
    )
    assert "@team" not in texts


def test_a_spreadsheet_takes_nothing_for_a_formula(save, capfd):
    one, two = save("a.tar", ("=cmd", 1)), save("b.tar", ("x", 1), tag="=HYPERLINK(1)")
    answer = ask(capfd, "compare", one, two, "--format", "csv")
    rows = list(csv.reader(io.StringIO(answer.out)))
    assert rows[0][:4] == ["before", "after", "change", "path"]
    assert [row[2] for row in rows[1:]] == ["removed", "added"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_other_platforms_are_said(save, tmp_path, capfd):
    one = save("a.tar", ("x", 1))
    two = tmp_path / "b.tar"
    two.write_bytes(
        old_save([Picture([layer([member("x", 2)])], name="b:1", platform=("linux", "arm64", ""))])
    )
    words = ("--platform", "linux/arm64")
    assert ask(capfd, "compare", one, two, *words).status == 2
    before, after = (tmp_path / f"{name}.json" for name in "ab")
    before.write_text(ask(capfd, "analyze", one, "--json", "--files").out)
    after.write_text(ask(capfd, "analyze", two, "--json", "--files", *words).out)
    assert "different platforms" in ask(capfd, "compare", before, after).err
