"""The style sheet: resources/themes/style.qss with the tokens put in.

Widgets ask for a look by dynamic property (`surface`, `kind`, `tone`, `rule`), never by a colour.
"""

from __future__ import annotations

import re
from functools import cache

from slimdesk.basics.resources import resource
from slimdesk.ui.theme.tokens import Tokens, read_tokens


def stylesheet(tokens: Tokens) -> str:
    """Return the style sheet of a theme. Raises KeyError for a token that does not exist."""
    return _written(tokens.name)


@cache
def _written(name: str) -> str:
    tokens = read_tokens("dark" if name == "dark" else "light")
    values = {
        **tokens.colors,
        "theme": tokens.name,
        "icons": resource("icons").as_posix(),
    }
    template = resource("themes/style.qss").read_text(encoding="utf-8")
    return re.sub(r"@([a-z0-9_]+)", lambda match: values[match.group(1)], template)
