"""Dockerfiles as they come out of articles: with fences, prompts, line numbers and typographic letters.

Each repair is named, so that a person sees what was changed before anything else is said of the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from slimdesk.dockerfile.flags import FLAGS

MAX_PASTED = 1_000_000

_KEYWORDS = "|".join(
    sorted({*FLAGS, "ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "MAINTAINER", "ONBUILD", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"})
)  # fmt: skip
# In one case: "Copy this file" and "From now on" are prose.
_INSTRUCTION = re.compile(rf"[ \t]*(?:{_KEYWORDS}|{_KEYWORDS.lower()})(?:[ \t]|$)")
_FROM = re.compile(
    r"[ \t]*(?:FROM[ \t]+\S|from[ \t]+\S+(?:[ \t]+as[ \t]+\S+)?[ \t]*$|(?:ARG|arg)[ \t]+\S+[ \t]*$)"
)
_FENCE = re.compile(r"[ \t]*(?:```|~~~)[\w+ .-]*$")
_PROMPT = re.compile(
    rf"[ \t]*(?:[$%>]|\w[\w.-]*@[\w.-]+[^\n$#]{{0,80}}[$#])[ \t]+(?=(?:{_KEYWORDS})[ \t])", re.IGNORECASE
)
_CAT = re.compile(
    r"[ \t]*(?:[$#%>][ \t]+)?(?:cat|bat|less|vim?|nano|type)[ \t]+(?:>+[ \t]*)?\S*Dockerfile\S*(?:[ \t]*<<-?[ \t]*[\"']?(\w+)[\"']?)?[ \t]*$"
)
_QUOTES = str.maketrans({
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u2032": "'",
})  # fmt: skip
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")
_DASHES = re.compile("[\u2010-\u2015\u2212](?=-?[A-Za-z])")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,4});")
_TAG = re.compile(r"</?(?:pre|code|span|div|p|br|li|ol|b|i|em|strong)\b[^>\n]{0,200}>")


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of clutter that was taken out; `lines` says how many lines had it."""

    title: str
    lines: int


def clean(text: str) -> tuple[str, tuple[Repair, ...]]:
    """Return the Dockerfile that a pasted text holds, and what was repaired. A text without clutter comes back as it is."""
    repairs: list[Repair] = []
    lines = text[:MAX_PASTED].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for title, repair in _STEPS:
        changed = repair(lines)
        if changed == lines:
            continue
        count = (
            sum(1 for old, new in zip(lines, changed, strict=False) if old != new)
            if len(lines) == len(changed)
            else len(lines) - len(changed)
        )
        repairs.append(Repair(title, max(1, count)))
        lines = changed
    while lines and not lines[-1].strip():
        lines.pop()
    return "".join(f"{line}\n" for line in lines), tuple(repairs)


def looks_like_dockerfile(text: str) -> bool:
    """Whether a text on the clipboard is worth trying: it has a FROM and another instruction."""
    cleaned, _ = clean(text[:MAX_PASTED])
    lines = cleaned.split("\n")
    return (
        any(_FROM.match(line) for line in lines) and sum(1 for line in lines if _INSTRUCTION.match(line)) >= 2
    )


def _tags(lines: list[str]) -> list[str]:
    if sum(1 for line in lines if _TAG.search(line)) < 1 or not any(
        re.search(r"</?(?:pre|code|span)\b", line) for line in lines
    ):
        return lines
    return [_TAG.sub("", line) for line in lines]


def _entities(lines: list[str]) -> list[str]:
    return [html.unescape(line) if _ENTITY.search(line) else line for line in lines]


def _invisible(lines: list[str]) -> list[str]:
    return [_INVISIBLE.sub("", line) for line in lines]


def _spaces(lines: list[str]) -> list[str]:
    return [_SPACES.sub(" ", line) for line in lines]


def _quotes(lines: list[str]) -> list[str]:
    return [line.translate(_QUOTES) for line in lines]


def _dashes(lines: list[str]) -> list[str]:
    """An em dash for two hyphens, an en dash for one, where a flag begins."""
    return [
        re.sub(
            "(?<!\\S)\u2014(?=[A-Za-z])",
            "--",
            _DASHES.sub("-", re.sub("(?<!\\S)[\u2013\u2014](?=[A-Za-z]{2})", "--", line)),
        )
        for line in lines
    ]


def _fences(lines: list[str]) -> list[str]:
    """Only what stands between the first pair of fences, if there is one around a FROM."""
    marks = [at for at, line in enumerate(lines) if _FENCE.match(line)]
    for start, end in zip(marks, [*marks[1:], len(lines)], strict=False):
        inside = lines[start + 1 : end]
        if any(re.match(r"\W*(?:\d+\W+)?FROM\s", line, re.IGNORECASE) for line in inside):
            return inside
    return [line for at, line in enumerate(lines) if at not in marks]


def _cat(lines: list[str]) -> list[str]:
    """`cat > Dockerfile <<EOF` and its end."""
    for at, line in enumerate(lines):
        found = _CAT.match(line)
        if found is None:
            continue
        rest = lines[at + 1 :]
        if found[1]:
            end = next((place for place, one in enumerate(rest) if one.strip() == found[1]), len(rest))
            rest = rest[:end]
        return rest
    return lines


def _prompts(lines: list[str]) -> list[str]:
    # At the front only: looked for anywhere, a long line would be read again for each of its letters.
    return [line[found.end() :] if (found := _PROMPT.match(line)) else line for line in lines]


def _numbers(lines: list[str]) -> list[str]:
    """Line numbers, if all lines that say something have them, in order."""
    told = [line for line in lines if line.strip()]
    numbered = [re.match(r"[ \t]*(\d{1,4})(?:[.:|)\]]|[ \t]|$)", line) for line in told]
    if len(told) < 2 or not all(numbered):
        return lines
    values = [int(found[1]) for found in numbered if found]
    if values != sorted(values) or len(set(values)) != len(values):
        return lines
    return [re.sub(r"^[ \t]*\d{1,4}(?:[.:|)\]]+|(?=[ \t]|$))[ \t]?", "", line) for line in lines]


def _words_around(lines: list[str]) -> list[str]:
    """What stands before the first instruction or comment, and what follows the last, if it is prose."""
    first = next(
        (
            at
            for at, line in enumerate(lines)
            if _FROM.match(line) or re.match(r"#\s*(?:syntax|escape|check)\s*=", line)
        ),
        None,
    )
    if first is None:
        return lines
    head = [line for line in lines[:first] if not line.strip() or line.lstrip().startswith("#")]
    last = max(at for at, line in enumerate(lines) if _INSTRUCTION.match(line))
    end = last
    while end + 1 < len(lines) and (lines[end].rstrip().endswith("\\") or "<<" in lines[last]):
        end += 1
    tail = [line for line in lines[end + 1 :] if not line.strip() or line.lstrip().startswith("#")]
    # A prose line does not begin with the words of a continuation.
    middle = lines[first : end + 1]
    return [*head, *middle, *tail]


def _indented(lines: list[str]) -> list[str]:
    """The indent that all lines share."""
    told = [line for line in lines if line.strip()]
    if not told:
        return lines
    indent = min(len(line) - len(line.lstrip(" \t")) for line in told)
    return [line[indent:] if line.strip() else line for line in lines] if indent else lines


def _trailing(lines: list[str]) -> list[str]:
    """Blanks behind a backslash are legal, but hide it; comments behind an instruction are none."""
    return [re.sub(r"\\[ \t]+$", r"\\", line) for line in lines]


def _comments(lines: list[str]) -> list[str]:
    """A comment behind an instruction is read as part of it: it goes onto a line of its own."""
    found: list[str] = []
    for line in lines:
        match = re.match(
            r"([ \t]*(?:FROM|WORKDIR|USER|EXPOSE|COPY|ADD|CMD|ENTRYPOINT|ENV|ARG|STOPSIGNAL|VOLUME)[ \t].*?\S)[ \t]+(#[ \t].*)$",
            line,
        )
        if match and "'" not in match[1] and match[1].count('"') % 2 == 0:
            found.extend((match[2], match[1]))
        else:
            found.append(line)
    return found


_STEPS: tuple[tuple[str, Callable[[list[str]], list[str]]], ...] = (
    ("HTML tags were taken out", _tags),
    ("HTML entities such as &amp;&amp; became the letters that they stand for", _entities),
    ("Letters that nobody sees were taken out", _invisible),
    ("Non-breaking spaces became plain ones", _spaces),
    ("Typographic quotes became plain ones", _quotes),
    ("The fence around the text was taken off", _fences),
    ("The command that writes the file was taken off", _cat),
    ("Line numbers were taken off", _numbers),
    ("Prompts were taken off", _prompts),
    ("Dashes became hyphens", _dashes),
    ("The indent of all lines was taken off", _indented),
    ("Words around the Dockerfile were left out", _words_around),
    ("Blanks behind a backslash were taken off", _trailing),
    ("Comments behind an instruction got lines of their own: there they would be part of it", _comments),
)
