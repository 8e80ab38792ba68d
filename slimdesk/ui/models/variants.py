"""The rows of the Variants page: the reference first, then every family, each with what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from slimdesk.basics.job import Job, JobState
from slimdesk.basics.units import (
    UNKNOWN,
    format_bytes,
    format_change,
    format_exact,
    format_factor,
    format_seconds,
    plural,
)
from slimdesk.catalog.model import FAMILIES, BaseImage
from slimdesk.image.model import Image
from slimdesk.operations.checks import Told
from slimdesk.operations.families import FamilyTable
from slimdesk.operations.ranking import TITLES, Ranked
from slimdesk.operations.variant_checks import Checked, unchecked
from slimdesk.operations.variant_text import VariantText
from slimdesk.recipes.fixes_model import Mend
from slimdesk.scan.scanned import Scanned, ranked
from slimdesk.ui.models.packages import by_type
from slimdesk.ui.models.roles import SizeBar
from slimdesk.ui.models.rows import Column
from slimdesk.ui.models.scans import cell_tip, cell_words
from slimdesk.ui.theme.tokens import Token
from slimdesk.verify.diagnose import in_short
from slimdesk.verify.model import Verification
from slimdesk.workspace.results import VariantId, VariantResults
from slimdesk.workspace.settings import SizeKind

# One alone has no place among others.
LEAST_RANKED = 2
SIZE_WORDS: dict[SizeKind, str] = {
    "download": "download",
    "unpacked": "unpacked",
    "files": "files",
    "live": "live",
}
SIZE_TIPS: dict[SizeKind, str] = {
    "download": "Compressed layers, as a registry sends them",
    "unpacked": "Uncompressed layer archives",
    "files": "All files of all layers, as dive and syft count",
    "live": "Files that a container sees, hard links once",
}


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One row. `size` and `reference_size` are the current size in bytes; None = not measured.

    `picked` is the image that the person measures against, in the reference's row; `reference_older` is True where what
    the reference was built from has changed since; `largest` is the largest size that is shown. `ranked` is its place among
    `contenders` measured ones. `proving`: the image is built and measured already, only the proof is still to come.
    `fix` is the change that should mend it, `fixed` what the last one came to, in a few words.
    `scan` is what a scanner said of the image; `counts_rank` whether counts may put all variants in an order.
    """

    variant: VariantId
    title: str
    available: bool
    reason: str
    needs: tuple[str, ...] = ()
    recommended: bool = False
    ticked: bool = False
    base: BaseImage | None = None
    base_name: str = ""
    text: VariantText | None = None
    checked: Checked | None = None
    results: VariantResults = field(default_factory=VariantResults)
    size: int | None = None
    base_bytes: int | None = None
    reference_size: int | None = None
    reference_title: str = ""
    size_kind: SizeKind = "files"
    reference_older: bool = False
    largest: int | None = None
    picked: str | None = None
    job: Job | None = None
    ranked: Ranked | None = None
    contenders: int = 0
    proving: bool = False
    fix: Mend | None = None
    fixed: str = ""
    scan: Scanned | None = None
    counts_rank: bool = False

    @property
    def reference(self) -> bool:
        """Whether the others are measured against it."""
        return self.variant.reference

    @property
    def told(self) -> tuple[Told, ...]:
        """What the checks found: of all checkers once they were asked, of our own rules before."""
        if self.checked is not None:
            return self.checked.told
        return unchecked(self.text) if self.text is not None else ()

    @property
    def image(self) -> Image | None:
        """The measured image."""
        return self.results.analysis.value if self.results.analysis else None

    @property
    def verification(self) -> Verification | None:
        """The verdict."""
        return self.results.verification.value if self.results.verification else None

    @property
    def busy(self) -> bool:
        """Whether it is being built, measured or verified, or waits for that."""
        return self.job is not None and not self.job.state.ended

    @property
    def failed(self) -> str:
        """Why the last build failed, in a sentence; empty if it did not."""
        build = self.results.build
        if build is not None and build.value.error is not None:
            error = build.value.error
            return f"{error.step}: {error.message}" if error.step else error.message
        if self.job is not None and self.job.state is JobState.FAILED and build is None:
            return str(self.job.error)
        return ""

    @property
    def spans(self) -> bool:
        """Whether a sentence stands where the figures would."""
        measured = self.size is not None
        return (
            not self.available
            or (self.busy and not (self.proving and measured))
            or (bool(self.failed) and not measured)
        )


def short_name(reference: str) -> str:
    """Return an image's name without its registry: …/static-debian13:nonroot."""
    head, _, rest = reference.partition("/")
    if rest and ("." in head or ":" in head):
        last = rest.rsplit("/", 1)[-1]
        return f"…/{last}" if "/" in rest else f"{head}/{rest}" if len(reference) < 28 else f"…/{rest}"
    return reference


def variant_rows(
    table: FamilyTable,
    reference: VariantId,
    *,
    ticks: tuple[str, ...],
    results: Callable[[VariantId], VariantResults],
    text_of: Callable[[str], VariantText | None],
    job_of: Callable[[VariantId], Job | None],
    variant_of: Callable[[str], VariantId],
    size_kind: SizeKind,
    picked: str | None = None,
    checked_of: Callable[[str], Checked | None] = lambda _family: None,
    ranking: tuple[Ranked, ...] = (),
    proving: Callable[[VariantId], bool] = lambda _variant: False,
    scan_of: Callable[[Image | None], Scanned | None] = lambda _image: None,
    fix_of: Callable[[str], tuple[Mend | None, str]] = lambda _family: (None, ""),
) -> list[VariantRow]:
    """Return the rows in the order of the page. The recommended family is starred.

    `picked` is the image that the reference is, where it is not built from a Dockerfile; `ranking` holds the measured ones.
    """
    places = {one.family: one for one in ranking}

    def row(variant: VariantId, title: str, **values: object) -> VariantRow:
        known = results(variant)
        image = known.analysis.value if known.analysis else None
        made = text_of(variant.family)
        base = made.base if made else None
        size = getattr(image.sizes, size_kind) if image else None
        fix, fixed = fix_of(variant.family)
        basic = {
            "ticked": variant.family in ticks,
            "base": base,
            "base_name": made.base_name if made else "",
            "text": made,
            "checked": checked_of(variant.family) if made else None,
            "results": known,
            "size": size,
            "base_bytes": base_bytes(image, size_kind),
            "size_kind": size_kind,
            "job": job_of(variant),
            "ranked": places.get(variant.family),
            "contenders": len(ranking),
            "proving": proving(variant),
            "scan": scan_of(image),
            "fix": fix,
            "fixed": fixed,
        }
        return VariantRow(variant, title, **{"available": True, "reason": "", **basic, **values})  # type: ignore[arg-type]

    title = reference.family
    own = {"reason": REFERENCE_REASONS[title]}
    if picked is not None:
        own = {
            "reason": f"The image {picked}, picked by you: what all others are measured against",
            "base_name": picked,
        }
    first = row(reference, title, picked=picked, **own)
    shared = {
        "reference_size": first.size,
        "reference_title": title,
        "reference_older": bool(first.results.changes),
    }
    rows = [replace(first, **shared)]  # type: ignore[arg-type]
    for family in FAMILIES:
        fit = table.fit(family)
        rows.append(
            row(
                variant_of(family),
                family,
                available=fit.available,
                reason=fit.reason,
                needs=fit.needs,
                recommended=fit.available and family == table.recommended,
                ticked=fit.available and family in ticks,
                base_name=fit.base.reference if fit.base else "",
                **shared,
            )
        )
    largest = max((one.size for one in rows if one.size is not None), default=None)
    ranks = ranked([one.scan for one in rows if one.image is not None])
    return [replace(one, largest=largest, counts_rank=ranks) for one in rows]


RUNS_WIDTH = 174
# Room for a count with how much of the image it is about.
SCAN_WIDTH = 204

REFERENCE_REASONS = {
    "yours": "The project's own Dockerfile: what all others are measured against",
    "baseline": "One stage, as root, as tutorials write it: what all others are measured against",
}


def base_bytes(image: Image | None, size_kind: SizeKind) -> int | None:
    """Return the bytes that the base image's layers hold; None where the base is not known or the kind has none."""
    if image is None or image.base_layers is None:
        return None
    kind = "files" if size_kind == "live" else size_kind
    parts = [getattr(layer.sizes, kind) for layer in image.layers if layer.base]
    return None if any(part is None for part in parts) else sum(parts)


def size_bar(row: VariantRow) -> SizeBar | None:
    """Return the bar on the full track of the reference; of the largest where that is not measured, of itself if it is larger."""
    if row.size is None:
        return None
    full = max(row.size, row.reference_size or row.largest or row.size)
    base = min(row.base_bytes, row.size) if row.base_bytes is not None else None
    own = row.size - (base or 0)
    return SizeBar(own, full, base, label=format_bytes(row.size), strong=row.recommended)


def sentence(row: VariantRow) -> str:
    """Return what stands across the columns where there are no figures."""
    if not row.available:
        return f"Not available: {row.reason}"
    if row.job is not None and not row.job.state.ended:
        if row.job.state is JobState.QUEUED:
            return "Waiting for a free builder. Not measured yet."
        known = "Not measured yet." if row.size is None else "The figures of the last build are kept."
        return f"{(row.job.current.step or 'Starting').rstrip('.')}. {known}"
    return f"Failed: {row.failed}" if row.failed else ""


def verdict_word(row: VariantRow) -> tuple[str, str, str, Token]:
    """Return word, detail, icon and tone of "Still runs"."""
    found = row.verification
    if row.busy and row.proving:
        step = (row.job.current.step if row.job else "").rstrip(".")
        return "Verifying", step if step != "Verifying" else "", "spinner-gap", "accent_text"
    if row.failed and row.size is None:
        return "Build failed", "", "x-circle-fill", "bad"
    if found is None:
        return UNKNOWN if row.size is None else "Not verified", "", "minus-circle", "text3"
    if found.verdict == "runs":
        detail = format_seconds(found.first_answer if found.first_answer is not None else found.seconds)
        said = (detail, "emulated" if found.emulated else "", row.fixed)
        return "Runs", ", ".join(part for part in said if part), "check-circle-fill", "good"
    if found.verdict == "fails":
        word = f"Exits {found.exit_code}" if found.exit_code else "Fails"
        why = in_short(found.fault) if found.fault is not None else found.reason
        return word, ", ".join(part for part in (why, row.fixed) if part), "x-circle-fill", "bad"
    return "Not proven", why_not_proven(found), "question-fill", "warn"


def why_not_proven(found: Verification) -> str:
    """Return the reason without the words that stand before it anyway."""
    return found.reason.removeprefix("Not proven: ")


def columns(
    size_kind: SizeKind, reference_title: str, *, measured: bool = True
) -> tuple[Column[VariantRow], ...]:
    """Return the table's columns; their heads name the size and the reference, `measured` or not."""
    word = SIZE_WORDS[size_kind]
    full = reference_title if measured else "the largest"
    against = "than the baseline" if reference_title == "baseline" else "than yours"

    def known(value: Callable[[VariantRow], str]) -> Callable[[VariantRow], str]:
        return lambda row: "" if row.spans else value(row)

    def smaller(row: VariantRow) -> str:
        if row.reference:
            return "1×" if row.size is not None else UNKNOWN
        return format_factor(row.size, row.reference_size).replace(" smaller", "")

    def factor(row: VariantRow) -> float | None:
        return row.reference_size / row.size if row.size and row.reference_size else None

    def layers(row: VariantRow) -> str:
        return str(len(row.image.layers)) if row.image else UNKNOWN

    def packages(row: VariantRow) -> str:
        count = package_count(row.image)
        return UNKNOWN if count is None else str(count)

    def place(row: VariantRow) -> str:
        return UNKNOWN if row.ranked is None or row.contenders < LEAST_RANKED else str(row.ranked.place)

    def findings(row: VariantRow) -> str:
        return str(len(row.told)) if row.text else UNKNOWN

    def worst(row: VariantRow) -> tuple[str, Token] | None:
        found = {one.finding.severity for one in row.told} if not row.spans else set()
        if "error" in found:
            return "x-circle", "bad"
        return ("warning", "warn") if "warning" in found else None

    def still_runs(row: VariantRow) -> str:
        return verdict_word(row)[0]

    return (
        Column("family", "Family", lambda row: row.title, width=188, font="strong", second=family_words, cell_tip=_family_tip,
               tip="The kind of base image; a star marks the recommended one"),
        Column("base", "Base image", lambda row: short_name(row.base_name) or UNKNOWN, width=198, font="mono", cell_tip=lambda row: row.base_name,
               tip="What the last stage starts from; the registry is left out where it is long"),
        Column("size", f"{word.capitalize()} size, full bar = {full}", lambda row: sentence(row) if row.spans else "" if row.size is not None else _not_measured(row),
               sort=lambda row: row.size, width=220, grows=True, bar=lambda row: None if row.spans else size_bar(row),
               picture=_sentence_picture, cell_tip=_size_tip, tone=lambda row: "text2" if row.size is None else None,
               tip=f"{SIZE_TIPS[size_kind]}. Grey is what the base image brought, blue is your own"),
        Column("smaller", "Smaller", known(smaller), sort=factor, right=True, width=78, font=lambda row: "strong" if row.recommended and row.size is not None else "body",
               cell_tip=comparison, tip=f"How many times smaller {against}"),
        Column("saved", "Saved", known(lambda row: "" if row.reference else format_change(row.size, row.reference_size)), sort=factor, right=True, width=74,
               cell_tip=comparison, tip=f"How much less {against}"),
        Column("place", "Rank", known(place), sort=lambda row: -row.ranked.place if row.ranked else None, right=True, width=50, cell_tip=rank_tip,
               font=lambda row: "strong" if row.ranked is not None and row.ranked.place == 1 else "body",
               tip="The place by what counts to you; what is not proven to run never stands above what is"),
        Column("runs", "Still runs", known(still_runs), width=RUNS_WIDTH, picture=lambda row: None if row.spans or still_runs(row) == UNKNOWN else verdict_word(row)[2:],
               second=known(lambda row: verdict_word(row)[1]), cell_tip=_runs_tip,
               tone=lambda row: verdict_word(row)[3] if verdict_word(row)[3] in ("bad", "warn", "text3") else None,
               tip="Started as production would: it stays up and answers, or ends as expected. Time to the first answer"),
        Column("shell", "Shell", known(lambda row: UNKNOWN if row.base is None else "yes" if row.base.shell or row.variant.debug else "no"), width=54,
               tip="Whether the image has a shell: handy for you and for an attacker"),
        Column("user", "User", known(user_word), right=True, width=66, tip="The user that the program runs as"),
        Column("layers", "Layers", known(layers), sort=lambda row: len(row.image.layers) if row.image else None, right=True, width=66, tip="Layers that hold files"),
        Column("packages", "Packages", known(packages), sort=lambda row: package_count(row.image), right=True, width=84,
               cell_tip=lambda row: by_type(row.image.packages or ()) if row.image else "", tip="Packages in the image: those of the distribution and of languages"),
        Column("cve", "CVE", known(lambda row: UNKNOWN if row.image is None else cell_words(row.scan)), sort=_fault_count, width=SCAN_WIDTH, picture=_faults_picture,
               tone=lambda row: None if row.scan is not None and row.scan.scan is not None else "text3", cell_tip=lambda row: cell_tip(row.scan) if row.image is not None else "",
               tip="Known vulnerabilities, with how much of the image the scanner sees; ordered only where it sees as much of each"),
        Column("findings", "Findings", known(findings), right=True, width=80, picture=worst, tip="What the checks of the Dockerfile say"),
        Column("build", "Build", known(lambda row: format_seconds(build_seconds(row))), sort=build_seconds, right=True, width=66, tip="Time of the last build"),
    )  # fmt: skip


def family_words(row: VariantRow) -> str:
    """Return what is said beside the family's name: reference, debug, older."""
    words = ["reference"] if row.reference else []
    if row.variant.debug and row.available:
        words.append("debug")
    if row.results.changes:
        words.append("older")
    return " ".join(words)


def build_seconds(row: VariantRow) -> float | None:
    """Return how long the last build took; None for what was not built here."""
    return row.results.build.value.seconds if row.results.build and row.picked is None else None


def comparison(row: VariantRow) -> str:
    """Return the factor with its reference, the size by name and the exact bytes; empty where there is none."""
    if row.reference or row.size is None or row.reference_size is None:
        return ""
    older = "an older build of " if row.reference_older else ""
    whom = "the baseline" if row.reference_title == "baseline" else "yours"
    return (
        f"{format_factor(row.size, row.reference_size)} than {older}{whom}: "
        f"{format_exact(row.reference_size)} → {format_exact(row.size)} {SIZE_WORDS[row.size_kind]}"
    )


def rank_tip(row: VariantRow) -> str:
    """Return how the place comes about: the arithmetic, and each criterion's own; empty where it has none."""
    if row.ranked is None:
        return ""
    parts = [f"{TITLES[part.criterion]} {part.value:.2f} = {part.how}" for part in row.ranked.parts]
    return "\n".join([f"Score = {row.ranked.arithmetic}", *parts])


def package_count(image: Image | None) -> int | None:
    """Return how many packages an image holds; None where they were not read."""
    return None if image is None or image.packages is None else len(image.packages)


def user_word(row: VariantRow) -> str:
    """Return root, a number, or a dash."""
    if row.image is not None:
        user = row.image.config.user.split(":")[0]
        return "root" if user in ("", "0", "root") else user
    if row.text is None:
        return UNKNOWN
    stages = row.text.dockerfile.stages
    below = [one for one in stages if one.name == stages[-1].base]
    shipped = (*below, stages[-1])
    users = [one.arguments[0] for made in shipped for one in made.instructions if one.keyword == "USER"]
    user = users[-1].split(":")[0] if users else str(row.base.user if row.base else 0)
    return "root" if user in ("0", "root") else user


def _runs_tip(row: VariantRow) -> str:
    reason = row.verification.reason if row.verification else ""
    offer = f"{row.fix.title}: {row.fix.reason}" if row.fix is not None else ""
    return "\n".join(part for part in (reason, row.fixed.capitalize(), offer) if part)


def _fault_count(row: VariantRow) -> int | None:
    """Return the count where counts may put the variants in an order."""
    scan = row.scan.scan if row.scan is not None and row.counts_rank else None
    return None if scan is None else len(scan.vulnerabilities)


def _faults_picture(row: VariantRow) -> tuple[str, Token] | None:
    scan = row.scan.scan if row.scan is not None and not row.spans else None
    if scan is None or not (scan.counts["critical"] or scan.counts["high"]):
        return None
    return "warning", "bad"


def _family_tip(row: VariantRow) -> str:
    parts = [row.reason]
    if row.results.changes:
        parts.append(f"An older result: {', '.join(row.results.changes)} changed since")
    parts += [f"Needs: {need}" for need in row.needs]
    if row.base is not None and row.base.note:
        parts.append(row.base.note)
    if row.base is not None and row.base.end_of_life:
        parts.append(f"Supported until {row.base.end_of_life.isoformat()}")
    return "\n".join(parts)


def _size_tip(row: VariantRow) -> str:
    if row.spans:
        return sentence(row)
    if row.image is None:
        return "Not measured: it is not built yet"
    sizes = row.image.sizes
    lines = [
        f"{word.capitalize()}: {format_exact(getattr(sizes, kind))}" for kind, word in SIZE_WORDS.items()
    ]
    if row.base_bytes is not None:
        lines.append(f"Of the base image: {format_exact(row.base_bytes)}")
    lines.append(f"{plural(len(row.image.layers), 'layer')}, shadowed {format_exact(row.image.shadowed)}")
    return "\n".join(lines)


def _not_measured(row: VariantRow) -> str:
    """What must be done before it can be built stands in place of that it was not: both are wider than the column."""
    return f"needs {row.needs[0]}" if row.needs else "not measured"


def _sentence_picture(row: VariantRow) -> tuple[str, Token] | None:
    if not row.available:
        return "prohibit", "text3"
    if row.busy:
        return "spinner-gap", "accent_text"
    return ("x-circle-fill", "bad") if row.spans else None
