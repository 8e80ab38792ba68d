import json
import re
import shlex

from hypothesis import given
from hypothesis import strategies as st

from slimdesk.basics import escaping

HOSTILE = 'a"; RUN rm -rf / \n\r\x1b[31m\u2028\u202e\x9b0m'


def test_nothing_invisible_reaches_a_terminal():
    assert escaping.visible("a\x1b[31mb\nc") == "a\\x1b[31mb\\x0ac"
    assert escaping.visible("\u202egnp.exe") == "\\u202egnp.exe"
    assert escaping.visible("abcdef", 4) == "abc…"


def test_log_lines_lose_their_colours_and_keep_what_a_terminal_shows():
    assert escaping.log_line("\x1b[1;32mok\x1b[0m\n") == "ok"
    assert escaping.log_line("10%\r55%\r100%\n") == "100%"
    assert escaping.log_line("a\tb") == "a    b"
    assert escaping.log_line("\x1b]0;title\x07text") == "text"


@given(st.text())
def test_one_line_stays_one_line(text):
    for result in (escaping.visible(text), escaping.log_line(text), escaping.without_controls(text)):
        assert len(result.splitlines()) <= 1
        assert "\x1b" not in result


@given(st.text())
def test_json_words_come_back_and_are_ascii(text):
    word = escaping.json_word(text)
    assert word.isascii()
    assert json.loads(word) == escaping.without_controls(text)


@given(st.text(min_size=1))
def test_a_shell_reads_back_one_word(text):
    clean = escaping.without_controls(text)
    assert shlex.split(escaping.shell_word(text)) == [clean]


def test_a_dockerfile_value_cannot_end_early_or_expand():
    value = escaping.dockerfile_value('x" RUN $HOME \\ `id`\nRUN evil')
    assert "\n" not in value
    assert value == '"x\\" RUN \\$HOME \\\\ `id`RUN evil"'


@given(st.text())
def test_a_slug_is_a_name_that_docker_takes(text):
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}", escaping.slug(text))


def test_slugs_keep_what_can_be_read():
    assert escaping.slug("@acme/Web App") == "acme-web-app"
    assert escaping.slug("Größe 2") == "grosse-2"
    assert escaping.slug("日本") == "app"
