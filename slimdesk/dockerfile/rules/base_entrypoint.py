"""CMD that repeats the program which the base image's own ENTRYPOINT already starts."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import json_words
from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.images import program
from slimdesk.dockerfile.view import View

RULE = "base-entrypoint"


def check(view: View) -> Iterator[Finding]:
    """An error, for instance, for CMD java -jar app.jar on an image that starts java -jar by itself."""
    final = view.final
    command = final.last("CMD")
    inherited = final.facts.entrypoint
    if command is None or command.form != "exec" or inherited is None or final.last("ENTRYPOINT") is not None:
        return
    own, theirs = program(command.arguments), program(inherited)
    if own and (own == theirs or (own.startswith("python") and theirs.startswith("python"))):
        message = (
            f"The base image starts {' '.join(inherited)} and CMD is added to it: "
            f"{' '.join((*inherited, *command.arguments))}"
        )
        yield Finding(
            RULE, "error", message, line=command.line, fix=f"ENTRYPOINT {json_words(command.arguments)}"
        )
