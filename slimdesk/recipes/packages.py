"""Packages that an image gets besides: installed where the base has a package manager, copied in where it has none.

A base with apt or apk installs them in the final stage. One without gets a stage `packages` that starts from an image
with the same distribution and copies nothing that the base has already (`recipes.packages_debian`, `recipes.packages_wolfi`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from slimdesk.basics.errors import BadInput, UnavailableFamily
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import listed
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, run, user
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.write import write
from slimdesk.project.model import Component, Evidence
from slimdesk.project.package_names import wrong_package
from slimdesk.recipes.model import Options
from slimdesk.recipes.packages_apk import apk_names
from slimdesk.recipes.packages_debian import debian_stage, plan_stage
from slimdesk.recipes.packages_wolfi import WOLFI, wolfi_stage

STAGE = "packages"
_SHELLS = frozenset({"bash", "dash", "busybox", "busybox-static", "zsh", "mksh", "fish"})


def checked_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names, each once. Raises BadInput for one that no package can have, or too many."""
    found = tuple(dict.fromkeys(names))
    reason = wrong_package(found)
    if reason is not None:
        raise BadInput("The packages cannot be added", reason, "Write for example libpq5")
    return found


def wanted_packages(
    component: Component, base: BaseImage, catalog: Catalog, options: Options, *, baseline: bool = False
) -> dict[str, Evidence | None]:
    """Return the packages that an image on `base` gets, with the places that ask for them.

    Those of the fact runtime_package (what a language found, in Debian's names) go to Debian's bases but not to the
    baseline; those of the fact packages (slimdesk.toml) and of the options go to every one. Raises BadInput.
    """
    found: dict[str, Evidence | None] = {}
    if debian_codename(base, catalog) is not None and not baseline:
        for fact in component.all("runtime_package"):
            found.setdefault(str(fact.value), fact.evidence)
    for fact in component.all("packages"):
        for word in fact.value if isinstance(fact.value, tuple) else (str(fact.value),):
            found.setdefault(word, fact.evidence)
    for name in options.packages:
        found.setdefault(name, None)
    checked_names(found)
    return found


def debian_codename(base: BaseImage, catalog: Catalog) -> str | None:
    """Return the codename of the Debian release that the image is made of, such as trixie; None for all others."""
    debian = catalog.products.get("debian")
    names = {cycle.codename for cycle in debian.cycles} if debian else set()
    return base.codename if base.codename in names else None


def why_not(base: BaseImage, catalog: Catalog) -> str | None:
    """Return why no package can be added to `base`, as a sentence; None if it can."""
    if base.package_manager in ("apt", "apk"):
        return None
    if base.family == "scratch":
        return (
            "scratch has no C library and no package records, so nothing can tell what a package still needs there; "
            "distroless takes Debian packages and starts from 2 MB."
        )
    if base.family == "chiselled":
        return (
            "Chiselled images are cut out of Ubuntu packages and keep no record of them, so Debian's cannot be added; "
            "distroless and slim take packages."
        )
    if _helper(base, catalog) is None:
        return f"No image of the catalogue has the package manager of {base.reference}; slim takes packages."
    return None


def with_packages(
    stages: tuple[Stage, ...],
    base: BaseImage,
    names: Mapping[str, Evidence | None],
    catalog: Catalog,
) -> tuple[tuple[Stage, ...], tuple[Finding, ...]]:
    """Return the stages with the packages in the last one, and what is to be known about them.

    `names` maps packages to the place that asks for each. Raises UnavailableFamily with the reason, BadInput.
    """
    words = checked_names(names)
    if not words:
        return stages, ()
    reason = why_not(base, catalog)
    if reason is not None:
        raise UnavailableFamily(
            f"{base.family} cannot take {listed(words, 3)}", reason, "Choose another family"
        )
    evidence = next((place for place in names.values() if place is not None), None)
    *before, final = stages
    if base.package_manager in ("apt", "apk"):
        return (*before, _installed(final, base, words, evidence)), ()
    helper = _helper(base, catalog)
    if helper is None:
        raise UnavailableFamily(f"{base.family} cannot take {listed(words, 3)}", "", "Choose another family")
    make = wolfi_stage if _is_wolfi(base) else debian_stage
    if _is_wolfi(base):
        words = apk_names(words, wolfi=True)
    added = make(STAGE, helper.reference, base.reference, words, evidence)
    first, *body = final.instructions
    taken = copy(
        f"{listed(words, 3)} and what {'they need' if len(words) > 1 else 'it needs'}, with the package records that scanners read",
        "/packages/",
        "/",
        from_=STAGE,
        evidence=evidence,
    )
    return (*before, added, replace(final, instructions=(first, taken, *body))), _findings(base, words)


def plan_dockerfile(base: BaseImage, names: Iterable[str], catalog: Catalog) -> str | None:
    """Return a Dockerfile whose image, run, prints Debian's records of what `names` would bring to `base`.

    None where only a build can tell: apk tells no sizes before. Raises UnavailableFamily with the reason, BadInput.
    """
    words = checked_names(names)
    reason = why_not(base, catalog)
    if reason is not None:
        raise UnavailableFamily(
            f"{base.family} cannot take {listed(words, 3)}", reason, "Choose another family"
        )
    if base.package_manager == "apt":
        stage = plan_stage(STAGE, base.reference, None, words)
    else:
        helper = _helper(base, catalog)
        if helper is None or helper.package_manager != "apt" or base.package_manager is not None:
            return None
        stage = plan_stage(STAGE, helper.reference, base.reference, words)
    return write(Dockerfile((stage,)))[0]


def _helper(base: BaseImage, catalog: Catalog) -> BaseImage | None:
    """Return the image with the package manager that the base's packages came from."""
    wolfi, codename = _is_wolfi(base), debian_codename(base, catalog)
    if not wolfi and codename is None:
        return None
    return next(
        (
            image
            for image in catalog.images
            if image.role == "builder"
            and STAGE in image.serves
            and (_is_wolfi(image) if wolfi else debian_codename(image, catalog) == codename)
            and (image.end_of_life is None or image.end_of_life > catalog.today)
        ),
        None,
    )


def _is_wolfi(image: BaseImage) -> bool:
    return image.name.startswith(WOLFI)


def _installed(final: Stage, base: BaseImage, words: tuple[str, ...], evidence: Evidence | None) -> Stage:
    """Install in the final stage, before anything of the application: a change of the code keeps that step."""
    reason = f"{listed(words, 3)}: asked for besides what the image has"
    # Without versions (hadolint DL3008, DL3018): the distributions keep only their newest.
    if base.package_manager == "apk":
        commands: tuple[str, ...] = (f"apk add --no-cache {' '.join(apk_names(words, wolfi=False))}",)
    else:
        commands = (
            "apt-get update",
            f"apt-get install -y --no-install-recommends {' '.join(words)}",
            "rm -rf /var/lib/apt/lists/*",
        )
    body: list[Instruction] = [run(reason, *commands, evidence=evidence)]
    if base.user != 0:
        body.insert(0, user(0, 0, "Only root may install; what ships sets its own user below"))
    first, *rest = final.instructions
    if base.user != 0 and not any(one.keyword == "USER" for one in rest):
        body.append(user(base.run_user, base.run_group, "Not root again"))
    return replace(final, instructions=(first, *body, *rest))


def _findings(base: BaseImage, words: tuple[str, ...]) -> tuple[Finding, ...]:
    found = [
        Finding(
            "packages-without-scripts",
            "info",
            f"The install scripts of {listed(words, 3)} and what comes with {'them' if len(words) > 1 else 'it'} do not run: files, "
            "alternatives and the caches of libraries, fonts and icons are there; users and services are not set up.",
            fix="If a program misses such a thing, choose slim, where packages are installed as Debian means it.",
        )
    ]
    if base.libc == "none":
        found.append(
            Finding(
                "packages-bring-libc",
                "info",
                f"{base.reference} has no C library: a package with programs or libraries brings it along, about 13 MB. "
                "One with data alone, such as a font, does not.",
            )
        )
    shells = [word for word in words if word in _SHELLS]
    if shells:
        found.append(
            Finding(
                "packages-bring-shell",
                "warning",
                f"{listed(shells, 3)} puts a shell into an image that had none.",
                fix="For a look inside, take the debug variant; for a start script, choose slim.",
            )
        )
    return tuple(found)
