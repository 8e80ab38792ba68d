"""From the cause of a failed start to the change of the Dockerfile."""

import dockerfile as buildkit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimdesk.dockerfile.hadolint import run_hadolint
from slimdesk.dockerfile.parse import parse
from slimdesk.operations.catalog import catalog_for
from slimdesk.recipes.fixes import _BY_CAUSE, general_mend, mend_of, with_mend_reasons
from slimdesk.recipes.fixes_packages import package_of

CATALOG = catalog_for(None)
STATIC = "gcr.io/distroless/static-debian13:nonroot"
BUILD = "FROM golang:1.27-trixie AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/app .\n"
USER = "65532:65532"


def base(reference):
    return next((one for one in CATALOG.images if one.reference == reference), None)


def written(
    final="scratch", *, body='COPY --from=build /out/app /app\nUSER 65532:65532\nENTRYPOINT ["/app"]\n'
):
    return f"{BUILD}\nFROM {final} AS final\n{body}"


def mended(kind, subject="", text=None, *, final="scratch", user=USER, target="final", **more):
    text = text or written(final)
    return mend_of((kind, subject), text, target, CATALOG, base=base(final), user=user, **more)


@pytest.mark.parametrize(
    ("kind", "subject", "line"),
    [
        ("no-tmp", "", "COPY --from=build --chown=65532:65532 /mnt /tmp"),
        ("no-certificates", "", "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/"),
        ("no-time-zones", "Europe/Vienna", 'ENV ZONEINFO="/usr/share/zoneinfo.zip"'),
        ("no-passwd", "65532", f"COPY --from={STATIC} /etc/passwd /etc/group /etc/"),
        ("no-library", "libown.so.2", "COPY --from=build /usr/local/lib/libown?so.2 /usr/lib/libown?so.2"),
        ("no-fonts", "", "COPY --from=gcr.io/distroless/java-base-debian13:nonroot /usr/share/fonts /usr/share/fonts"),
        ("no-permission", "/data/app.db", "COPY --from=build --chown=65532:65532 /mnt /data"),
        ("no-program", "/server/app", 'ENTRYPOINT ["/app"]'),
    ],
)  # fmt: skip
def test_each_cause_of_an_empty_image_has_its_line_with_its_reason(kind, subject, line):
    text = written()
    if kind == "no-program":
        text = text.replace('ENTRYPOINT ["/app"]', f'ENTRYPOINT ["{subject}"]')
    found = mended(kind, subject, text)
    assert found is not None
    assert line in "\n".join(found.lines)
    assert f"# Fix: {found.reason}\n" in found.text
    assert len(found.lines) <= 2
    buildkit.parse_string(found.text)
    first = next(one for one in parse(found.text).stages[1].instructions if one.keyword in found.lines[0])
    assert with_mend_reasons(parse(found.text), found.text).stage("final") is not None
    assert first.line


def test_the_reason_stands_beside_the_line_when_it_is_read_again():
    found = mended("no-tmp")
    told = with_mend_reasons(parse(found.text), found.text)
    reasons = [one.reason for one in told.stages[1].instructions if one.reason]
    assert reasons == [found.reason]


def test_what_is_put_in_stands_below_the_files_so_that_the_steps_above_stay_cached():
    lines = mended("no-certificates").text.splitlines()
    assert lines.index("COPY --from=build /out/app /app") < lines.index("USER 65532:65532")
    assert lines[lines.index("COPY --from=build /out/app /app") + 1].startswith("# Fix: ")


def test_a_build_stage_that_nobody_knows_is_not_taken_for_what_it_may_lack():
    text = written().replace("golang:1.27-trixie", "example.org/builder:1")
    assert mended("no-certificates", text=text).lines == (
        f"COPY --from={STATIC} /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
    )
    assert mended("no-tmp", text=text).lines == (
        f"COPY --from={STATIC} --chown=65532:65532 /home/nonroot /tmp",
    )


def test_images_come_through_the_mirrors():
    text = written().replace("golang:1.27-trixie", "example.org/builder:1")
    found = mended("no-certificates", text=text, reference=lambda name: f"mirror.example.org/{name}")
    assert found.lines[0].startswith(f"COPY --from=mirror.example.org/{STATIC} ")


def test_a_stage_that_comes_through_a_mirror_or_is_pinned_is_known():
    text = written().replace(
        "golang:1.27-trixie", f"mirror.example.org/hub/golang:1.27-trixie@sha256:{'0' * 64}"
    )
    assert "--from=build" in mended("no-certificates", text=text).lines[0]


@pytest.mark.parametrize("kind", ["no-tmp", "no-certificates", "no-time-zones", "no-passwd"])
def test_what_the_base_has_is_not_added_again(kind):
    assert mended(kind, "65532", final=STATIC) is None


def test_a_base_with_packages_gets_the_package_as_root_and_the_user_again():
    found = mended("no-library", "libpq.so.5", final="debian:trixie-slim")
    assert "apt-get install -y --no-install-recommends libpq5" in found.text
    text = found.text
    assert text.index("apt-get") < text.index("COPY --from=build /out/app")


def test_a_base_without_packages_gets_a_stage_that_unpacks_them():
    found = mended("no-library", "libpq.so.5", final=STATIC)
    parsed = parse(found.text)
    assert [stage.name for stage in parsed.stages] == ["build", "packages", "final"]
    assert "COPY --from=packages /packages/ /" in found.text
    buildkit.parse_string(found.text)


def test_a_folder_is_made_before_what_is_copied_into_it():
    text = written(
        body='WORKDIR /srv/app\nCOPY --from=build /out/app /srv/app/run\nUSER 65532\nENTRYPOINT ["/srv/app/run"]\n'
    )
    found = mended("no-permission", "/srv/app/cache.db", text, user="65532")
    lines = found.text.splitlines()
    made = lines.index("COPY --from=build --chown=65532:65532 /mnt /srv/app")
    assert made < lines.index("WORKDIR /srv/app")


def test_a_copied_file_that_is_written_to_gets_its_owner():
    text = written(body='COPY start.db /data/start.db\nUSER 1000:1000\nENTRYPOINT ["/app"]\n')
    found = mended("no-permission", "/data/start.db", text, user="1000:1000")
    assert found.lines == ("COPY --chown=1000:1000 start.db /data/start.db",)


def test_with_a_shell_the_folder_is_made_by_a_command_of_root():
    text = written(
        "debian:trixie-slim", body='USER 1000\nCOPY --from=build /out/app /app\nENTRYPOINT ["/app"]\n'
    )
    found = mend_of(
        ("no-permission", "/data/x.db"), text, "final", CATALOG, base=base("debian:trixie-slim"), user="1000"
    )
    at = found.text.index("chown -R 1000:1000 /data")
    assert found.text.rindex("USER 0:0", 0, at) > found.text.index("USER 1000")
    assert found.text.index("USER 1000", at) > at


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/", "/usr/bin/x", "relative", "/data/../etc/x", "/proc/1/x", "/a\\b/c"]
)
def test_what_nobody_should_open_to_a_user_stays_closed(path):
    assert mended("no-permission", path) is None


def test_root_needs_no_owner_and_a_name_cannot_be_one():
    assert mended("no-permission", "/data/x", user="0") is None
    assert mended("no-permission", "/data/x", user="app") is None
    assert mended("no-tmp", user="0").lines == ("COPY --from=build /mnt /tmp",)


def test_shell_form_becomes_a_list_of_words():
    text = written(body="COPY --from=build /out/app /app\nENTRYPOINT exec /app --port 80\nCMD serve\n")
    found = mended("no-shell", "sh", text)
    assert found.lines == ('ENTRYPOINT ["/app", "--port", "80"]', 'CMD ["serve"]')


@pytest.mark.parametrize("words", ["/app $PORT", "cd / && /app", "/app 'a b'", "/app > /log"])
def test_what_only_a_shell_understands_is_not_rewritten(words):
    assert (
        mended("no-shell", "sh", written(body=f"COPY --from=build /out/app /app\nENTRYPOINT {words}\n"))
        is None
    )


def test_a_program_that_was_copied_nowhere_or_twice_is_not_guessed():
    assert (
        mended(
            "no-program", "/other", written(body='COPY --from=build /out/app /app\nENTRYPOINT ["/other"]\n')
        )
        is None
    )
    text = written(body='COPY a/run /a/run\nCOPY b/run /b/run\nENTRYPOINT ["/run"]\n')
    assert mended("no-program", "/run", text) is None


def test_a_program_is_found_below_the_folder_that_it_was_copied_into():
    text = written(body='WORKDIR /app\nCOPY --from=build /out/server ./\nENTRYPOINT ["/server"]\n')
    assert mended("no-program", "/server", text).lines == ('ENTRYPOINT ["/app/server"]',)


def test_what_may_not_be_executed_gets_the_permission_where_it_is_copied():
    text = written(body='COPY run.sh /run.sh\nENTRYPOINT ["/run.sh"]\n')
    assert mended("not-executable", "/run.sh", text).lines == ("COPY --chmod=0755 run.sh /run.sh",)


def test_a_user_that_is_not_known_becomes_a_number():
    text = written(body='COPY --from=build /out/app /app\nUSER app\nENTRYPOINT ["/app"]\n')
    assert mended("no-user", "app", text, user="app").lines == ("USER 65532:65532",)


def test_another_number_than_the_known_ones_gets_an_entry_of_its_own():
    text = written(body='COPY --from=build /out/app /app\nUSER 1234\nENTRYPOINT ["/app"]\n')
    found = mended("no-passwd", "1234", text, user="1234")
    assert "app:x:1234:1234:app:/tmp:/sbin/nologin" in found.text
    assert parse(found.text).stages[1].instructions[2].heredocs


def test_a_debug_stage_is_mended_in_what_it_stands_on():
    text = f"{written()}\nFROM final AS debug\nCOPY --from=busybox:1-musl /bin/busybox /bin/sh\n"
    found = mended("no-tmp", text=text, target="debug")
    assert found.text.index("/mnt /tmp") < found.text.index("AS debug")


def test_without_a_dockerfile_the_general_line_is_told():
    assert general_mend(("no-certificates", ""), CATALOG).lines == (
        f"COPY --from={STATIC} /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
    )
    assert (
        general_mend(("no-tmp", ""), CATALOG, user="1000")
        .lines[0]
        .endswith("--chown=1000:1000 /home/nonroot /tmp")
    )
    assert general_mend(("no-program", "/x"), CATALOG) is None
    assert general_mend(("ended", ""), CATALOG) is None
    assert general_mend(("no-tmp", ""), CATALOG, base=STATIC) is None


def test_a_text_that_is_no_dockerfile_has_no_mend():
    assert mended("no-tmp", text="FROM\n") is None
    assert mended("no-tmp", text="RUN x\n") is None


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("libpq.so.5", "libpq5"),
        ("libssl.so.3", "libssl3t64"),
        ("libsqlite3.so.0", "libsqlite3-0"),
        ("libcurl.so.4", "libcurl4t64"),
        ("libfmt.so.10", "libfmt10"),
        ("libown.so.1", None),
        ("nonsense", None),
    ],
)
def test_the_package_of_a_library(name, package):
    assert package_of(name) == package


@given(st.sampled_from(sorted(_BY_CAUSE)), st.text(max_size=60))
def test_whatever_a_log_says_the_result_is_a_dockerfile_with_the_same_stages(kind, subject):
    found = mended(kind, subject)
    if found is not None:
        names = [stage.name for stage in parse(found.text).stages]
        assert [name for name in names if name != "packages"] == ["build", "final"]


@pytest.mark.parametrize(("final", "code"), [("debian:trixie-slim", "DL3008"), ("alpine:3.24", "DL3018")])
def test_packages_say_why_they_are_not_pinned_and_keep_the_reason(final, code):
    found = mended("no-fonts", final=final)
    lines = found.text.splitlines()
    at = lines.index(f"# hadolint ignore={code}")
    assert lines[at - 1] == f"# Fix: {found.reason}"
    told = with_mend_reasons(parse(found.text), found.text)
    assert found.reason in [one.reason for one in told.stages[1].instructions if one.keyword == "RUN"]


@pytest.mark.parametrize(
    "final",
    ["scratch", "debian:trixie-slim", "alpine:3.24", STATIC, "gcr.io/distroless/base-nossl-debian13:nonroot"],
)
@pytest.mark.parametrize("cause", [("no-tmp", ""), ("no-certificates", ""), ("no-time-zones", "UTC"), ("no-passwd", "65532"),
    ("no-library", "libpq.so.5"), ("no-library", "libown.so.2"), ("no-fonts", ""), ("no-permission", "/data/app.db")])  # fmt: skip
def test_hadolint_has_nothing_to_say_about_a_fix(cause, final):
    found = mended(*cause, final=final)
    if found is not None:
        told = run_hadolint(found.text)
        if told.findings is None:
            pytest.skip(told.reason)
        assert told.findings == ()
