"""A stage that adds Wolfi packages for a Chainguard image without apk: only what the base has not.

apk installs over a copy of the base, whose own database says what is there; what differs afterwards is kept. `--root`,
`--keys-dir`, `--repositories-file` and `--no-scripts`: apk(8) of apk-tools. wolfi-base has busybox alone for the rest.
"""

from __future__ import annotations

from slimdesk.dockerfile.compose import run, stage
from slimdesk.dockerfile.model import Stage
from slimdesk.project.model import Evidence

WOLFI = "cgr.dev/chainguard/"


def wolfi_stage(
    name: str, helper: str, base: str, packages: tuple[str, ...], evidence: Evidence | None
) -> Stage:
    """Return the stage `name` on wolfi-base that leaves what the packages bring, to be copied over `base`, in /packages.

    `packages` are checked names.
    """
    mounted = (f"type=bind,from={base},target=/base",)
    install = run(
        "Installs over a copy of the base, whose own records say what is there already",
        "mkdir -p /whole /packages",
        "cp -a /base/. /whole/",
        "apk add --no-cache --no-scripts --root /whole --keys-dir /etc/apk/keys"
        f" --repositories-file /etc/apk/repositories {' '.join(packages)}",
        mounts=mounted,
        evidence=evidence,
    )
    keep = run(
        "Keeps the files and links that are new or changed, apk's records among them",
        *(
            command
            for folder, listing in (("/base", "/before"), ("/whole", "/after"))
            for command in (
                f"find {folder} -type f -exec sha256sum '{{}}' + > {listing}",
                f"find {folder} -type l >> {listing}",
                f"sed -i 's#{folder}/##' {listing}",
            )
        ),
        "grep -vxFf /before /after > /changed",
        "sed -i 's/^[0-9a-f]\\{64\\}  //' /changed",
        "tar -C /whole -cf /changed.tar -T /changed",
        "tar -C /packages -xf /changed.tar",
        mounts=mounted,
    )
    return stage(
        name,
        helper,
        "Wolfi with apk: the base is made of the same packages and has no package manager",
        (install, keep),
        evidence=evidence,
    )
