"""What becomes of a call into an image when a family serves it: it works, it fails, or something else does the same.

`breaks` is the rule for one call and one base image; `verdicts` asks it for every call of a component. The replacements
are in `needs_replace`, the commands as an image knows them in `needs_commands`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from slimdesk.basics.escaping import visible
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.project.model import Call, Component
from slimdesk.project.shell import BUILTINS, SHELLS
from slimdesk.recipes.join import host_of
from slimdesk.recipes.model import Fit, Options
from slimdesk.recipes.needs_commands import VENV, Inside, starts_a_program
from slimdesk.recipes.needs_replace import exec_form, replacement, subject
from slimdesk.recipes.registry import recipe_for

# More than any family is ranked behind another for reasons of its own.
FAILING = 200
MAX_TEXT = 1_500
_FOR_DEVELOPMENT = (
    "Leave it out for the image that ships, which starts the program itself; "
    "for development keep it in compose.override.yaml, with an image of the build stage (target: build)"
)
Answer = Literal["works", "replace", "fails"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a call in one family. `program` is what the image lacks, None where it lacks nothing.

    `replacement` says what to write instead, as a sentence or a snippet; None where it works as it is, or nothing helps.
    """

    call: Call
    family: Family
    answer: Answer
    program: str | None
    sentence: str
    replacement: str | None = None


def verdicts(
    component: Component, fit: Fit, calls: Iterable[Call], packages: tuple[str, ...] = ()
) -> tuple[Verdict, ...]:
    """Return what becomes of each call of the component in a family that is available.

    `packages` are those that the image gets besides.
    """
    base = fit.base
    if not fit.available or base is None:
        return ()
    own = [
        call for call in calls if call.component in (component.name, *(part.name for part in component.parts))
    ]
    argv = entrypoint_of(component, fit) if own else ()
    found = (breaks(call, component, base, fit.family, argv=argv, packages=packages) for call in own)
    return tuple(_harmless(one) for one in found)


def _harmless(verdict: Verdict) -> Verdict:
    """Return the verdict with texts of the project's files in one line each, and not without end."""
    instead = None if verdict.replacement is None else visible(verdict.replacement, MAX_TEXT)
    return replace(verdict, sentence=visible(verdict.sentence, MAX_TEXT), replacement=instead)


def entrypoint_of(component: Component, fit: Fit) -> tuple[str, ...]:
    """Return the words of the ENTRYPOINT that the recipe writes for a family; empty if it writes none."""
    recipe = recipe_for(component.profile)
    if recipe is None or not fit.available:
        return ()
    last = recipe.plan(host_of(component), fit, Options()).stages[-1]
    found = [one.arguments for one in last.instructions if one.keyword == "ENTRYPOINT" and one.form == "exec"]
    return found[-1] if found else ()


def breaks(
    call: Call,
    component: Component,
    base: BaseImage,
    family: Family,
    *,
    argv: tuple[str, ...] = (),
    packages: tuple[str, ...] = (),
) -> Verdict:
    """Say what becomes of a call when `base` serves the component; `argv` is the ENTRYPOINT that the image gets, `packages` what is added to it."""
    inside = Inside(component, base, argv, packages)
    if call.kind == "arguments":
        return _arguments(call, component, inside, family)
    if (call.kind == "process" or call.source == "dockerfile") and _is_replaced(call, inside):
        sentence = f"{subject(call)} becomes the image's ENTRYPOINT, without a shell."
        return Verdict(call, family, "works", None, sentence)
    if "development" in call.tasks and call.kind in ("entrypoint", "process"):
        sentence = f"{subject(call)} is one for development; what it needs is in no image that ships."
        return Verdict(call, family, "replace", None, sentence, _FOR_DEVELOPMENT)
    missing = missing_programs(call, inside)
    if not missing:
        moved = inside.moved(call)
        if moved is None:
            return Verdict(call, family, "works", None, f"{subject(call)} works: {_there(call, base)}.")
        sentence = f"{subject(call)} starts {moved.program}, which is {moved.why}."
        return Verdict(call, family, "replace", moved.program, sentence, moved.instead)
    if inside.has_shell and all(inside.in_environment(name) for name in missing):
        are = "is" if len(missing) == 1 else "are"
        sentence = f"{subject(call)} starts {_named(missing)}, which {are} in {VENV} and not on PATH."
        return Verdict(call, family, "replace", missing[0], sentence, replacement(call, inside, missing))
    program = missing[0]
    sentence = f"{subject(call)} needs {_named(missing)}, which {base.reference} does not hold."
    instead = replacement(call, inside, missing)
    return Verdict(call, family, "replace" if instead else "fails", program, sentence, instead)


def missing_programs(call: Call, inside: Inside) -> tuple[str, ...]:
    """Return the programs that the call needs and the image cannot start, the shell first."""
    if call.script is None and call.words:
        # Without a shell between, the first word is looked up as it stands.
        word = inside.first_word(call)
        if word is not None and inside.starts(word):
            return tuple(
                name for name in call.programs if name != word.rsplit("/", 1)[-1] and not inside.starts(name)
            )
    return tuple(
        name
        for name in call.programs
        if name not in BUILTINS and not inside.starts(name) and not inside.is_own(name)
    )


def _arguments(call: Call, component: Component, inside: Inside, family: Family) -> Verdict:
    """Words that are handed to the image's ENTRYPOINT, which SlimDesk always writes."""
    if not inside.argv or not starts_a_program(call, component, inside):
        sentence = f"{subject(call)} hands its words to the program, as before."
        return Verdict(call, family, "works", None, sentence)
    if inside.is_own_start(call):
        sentence = f"{subject(call)} repeats what the image's ENTRYPOINT starts: its words would be handed to it as arguments."
        return Verdict(call, family, "replace", None, sentence, _left_out(call))
    as_start = breaks(
        replace(call, kind="entrypoint"),
        component,
        inside.base,
        family,
        argv=inside.argv,
        packages=inside.packages,
    )
    if "development" in call.tasks:
        return replace(as_start, call=call)
    key = {"compose": "entrypoint", "kubernetes": "command"}.get(call.source, "--entrypoint")
    sentence = f"{subject(call)} starts another program than the image's ENTRYPOINT, which would get its words as arguments."
    if as_start.answer == "fails":
        return Verdict(call, family, "fails", as_start.program, f"{sentence} {as_start.sentence}")
    instead = as_start.replacement or f"{key}: {exec_form(call.words)}"
    if as_start.replacement is None and key == "--entrypoint":
        instead = f"--entrypoint {call.words[0]}, and the other words behind the image's name"
    return Verdict(call, family, "replace", as_start.program, sentence, instead)


def _left_out(call: Call) -> str:
    name = {"compose": "command", "kubernetes": "args"}.get(call.source, "the words behind the image's name")
    return f"Leave {name} out: the image starts the program itself"


def _is_replaced(call: Call, inside: Inside) -> bool:
    """Whether a start does no more than start a program, where SlimDesk writes the start anew."""
    if call.file is not None or call.kind not in ("entrypoint", "process"):
        return False
    # $PORT of a Procfile: the program is known to SlimDesk with its port.
    if call.source == "procfile":
        return not call.tasks and inside.is_own_start(call) and set(call.variables) <= {"PORT"}
    bare = set(call.tasks) <= {"manager", "development"} and set(call.variables) <= {"PORT"}
    return bare and not set(call.features) & {"sequence", "pipe", "substitution", "control"}


def _there(call: Call, base: BaseImage) -> str:
    names = [name for name in call.programs if name not in SHELLS] or list(call.programs)
    if not names:
        return "it needs no program"
    held = "is" if len(names) == 1 else "are"
    return f"{', '.join(names[:4])} {held} in {base.reference}"


def _named(missing: tuple[str, ...]) -> str:
    words = ["a shell" if name == "sh" else name for name in missing[:4]]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def with_calls(
    component: Component, found: tuple[Fit, ...], calls: Iterable[Call], packages: tuple[str, ...] = ()
) -> tuple[Fit, ...]:
    """Return the fits with the calls taken into account: a family behind which one fails ranks behind those that keep all.

    A call with a replacement changes no rank: the advice names it.
    """
    calls = tuple(calls)
    return tuple(_with_failures(fit, verdicts(component, fit, calls, packages)) for fit in found)


def _with_failures(fit: Fit, answers: tuple[Verdict, ...]) -> Fit:
    failing = [one for one in answers if one.answer == "fails"]
    if not failing:
        return fit
    reason = f"{fit.reason} But: {failing[0].sentence}"
    return replace(fit, rank=fit.rank + FAILING, reason=reason)
