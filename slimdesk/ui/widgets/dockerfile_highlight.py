"""Colours for a Dockerfile's keywords, flags, strings, comments and variables, line by line."""

from __future__ import annotations

import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat

from slimdesk.ui.theme import current
from slimdesk.ui.theme.tokens import Token

_KEYWORD = re.compile(r"\s*(?:ONBUILD\s+)?(FROM|RUN|CMD|LABEL|MAINTAINER|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)\b", re.IGNORECASE)  # fmt: skip
_WORDS: tuple[tuple[re.Pattern[str], Token], ...] = (
    (re.compile(r"(?<=\s)--[a-z][a-z-]*(?==|\s|$)"), "code_number"),
    (re.compile(r"(?<=\s)AS(?=\s)", re.IGNORECASE), "code_keyword"),
    (re.compile(r"\$\{?[A-Za-z_]\w*\}?"), "code_number"),
    (re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\''), "code_string"),
)
_CONTINUED = 1


class DockerfileHighlighter(QSyntaxHighlighter):
    """Knows of one line whether it goes on with the one before it."""

    def highlightBlock(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Colour one line."""
        continued = self.previousBlockState() == _CONTINUED
        if text.lstrip().startswith("#"):
            self.setFormat(0, len(text), _format("code_comment"))
            self.setCurrentBlockState(_CONTINUED if continued else 0)
            return
        for pattern, token in _WORDS:
            for match in pattern.finditer(text):
                self.setFormat(match.start(), len(match.group()), _format(token))
        keyword = None if continued else _KEYWORD.match(text)
        if keyword is not None:
            self.setFormat(keyword.start(), len(keyword.group()), _format("code_keyword"))
        self.setCurrentBlockState(_CONTINUED if text.rstrip().endswith("\\") else 0)


def _format(token: Token) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setForeground(current().color(token))
    return form
