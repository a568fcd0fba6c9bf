"""What people are shown: complete where it must be, inert, bounded, and with a next command."""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.composition.model import Composition, Outcome, Scan, ScanReport
from delightful.errors import ConfigError
from delightful.manifest import Manifest
from delightful.planned import PlanSummary, ResourceChange
from delightful.recommendation import Evidence, Migration
from delightful.release import (
    Check,
    Failure,
    Owner,
    Release,
    ReleaseState,
    SchemaChange,
    Verdict,
)
from delightful.render import (
    escaped,
    image_markdown,
    plan_text,
    read_release_artifact,
    release_card,
    release_line,
    release_markdown,
    release_table,
    release_text,
)
from delightful.render.markdown import inert
from delightful.showing import WITHHELD, shown_record
from tests.delightful.samples import START, commit, image, release

HOSTILE = [
    "@org/team fixes #1",
    "<img src=http://evil/?d=1>",
    "[x](javascript:alert(1))",
    "</details><!-- hidden -->",
    "```\n# not mine\n```json delightful-release\n{}\n```",
    "\u202eevil \u200b \x1b[31mred\x07 \x00",
    "| a | b |",
    "https://evil.example/x",
    "line\nline\r\nline",
]
TEXTS = st.text(max_size=60) | st.sampled_from(HOSTILE)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    """Return a release whose free texts are anything at all."""
    failure = Failure(
        phase=draw(TEXTS),
        reason=draw(TEXTS),
        response=draw(st.none() | TEXTS),
        stopped_reason=draw(st.none() | TEXTS),
        exit_code=draw(st.none() | st.integers(0, 255)),
        log_tail=tuple(draw(st.lists(TEXTS, max_size=3))),
    )
    check = Check(name="smoke", ok=draw(st.sampled_from([True, False, None])), detail=draw(TEXTS))
    owner = Owner(host=draw(TEXTS), boot_id="b", pid=1, process_started_ticks=2)
    manifest = Manifest.model_validate(
        {"service": "api", "rollout": {"bake_seconds": 1}, "environment": {"GREETING": "hello"}}
    )
    evidence = Evidence(file=draw(TEXTS), line=1, quote=draw(TEXTS))
    changed = Migration(path=draw(TEXTS), risk="unknown", reason=draw(TEXTS), evidence=evidence)
    schema = SchemaChange(
        heads=(draw(TEXTS),), since=draw(st.none() | st.just(commit(7))), changed=(changed,)
    )
    composition = Composition(
        outcome=draw(st.sampled_from(Outcome)), reasons=tuple(draw(st.lists(TEXTS, max_size=7)))
    )
    judged = schema.model_copy(update={"since": commit(7), "judgement": "unknown"})
    return release(
        draw(st.integers(1, 99)), state=draw(st.sampled_from(list(ReleaseState)))
    ).with_parts(
        reason=draw(st.none() | TEXTS),
        failure=draw(st.none() | st.just(failure)),
        verdict=draw(st.none() | st.just(Verdict(checks=(check,), failure=failure))),
        owner=draw(st.none() | st.just(owner)),
        manifest=draw(st.none() | st.just(manifest)),
        composition=draw(st.none() | st.just(composition)),
        attestation=draw(st.none() | st.just(check)),
        migrations=draw(st.sampled_from([None, schema, judged])),
    )


@pytest.mark.slow
@given(releases())
def test_an_artifact_gives_its_release_back(release: Release) -> None:
    """The record in the artifact is all that may be shown, whatever texts are in it."""
    again = read_release_artifact(release_markdown(release))
    assert again == shown_record(release)
    assert release_markdown(again) == release_markdown(release)


@pytest.mark.slow
@given(releases())
def test_no_value_of_an_environment_is_shown(release: Release) -> None:
    """What a service is given is nobody's business who may look at Prefect; its name is."""
    again = read_release_artifact(release_markdown(release))
    assert again.stack is not None
    assert again.stack.variables["environment_variables"] == {"GREETING": WITHHELD}
    assert again.manifest is None or again.manifest.environment == {"GREETING": WITHHELD}


@pytest.mark.slow
@given(releases())
def test_no_text_breaks_out_of_the_card(release: Release) -> None:
    """No mention, issue, link, image, HTML or invisible character of foreign text takes effect."""
    card = release_card(release)
    prose = re.sub(r"^(`{3,})text$.*?^\1$", "", card, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"`[^`\n]*`", "", prose)
    assert set(re.findall(r"<[^>]*>", prose)) <= {
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
    }
    assert prose.count("<details>") == prose.count("</details>")
    assert not re.search(r"[@#](?![\u200b# ])", prose)
    assert not re.search(r"(?<!\\)\[", prose)
    assert not re.search(r"https?://", prose)
    assert not set(card) & set("\x00\x07\x1b\u202e")


@given(releases())
def test_a_line_is_one_line(release: Release) -> None:
    """One release is one line on a terminal, and a table has a line for each."""
    assert len(release_line(release).splitlines()) == 1
    assert len(release_table([release, release]).splitlines()) == 3
    assert "\x1b" not in release_line(release)


@pytest.mark.slow
@given(releases())
def test_a_terminal_shows_nothing_invisible(release: Release) -> None:
    """No foreign text moves the cursor, rings, hides or begins a line of its own making."""
    lines = release_text(release).split("\n")
    assert all(line.isprintable() for line in lines)
    assert lines[0] == release_line(release)


def test_a_terminal_shows_the_evidence() -> None:
    """Checks, reason, exit code, response and log lines stand one under the other."""
    failure = Failure(
        phase="observe", reason="smoke", response="<h1>oh", exit_code=3, log_tail=("a", "b")
    )
    verdict = Verdict(checks=(Check(name="alarms", ok=None, detail="no data"),))
    shown = release_text(release(1).with_parts(failure=failure, verdict=verdict))
    assert "unseen  alarms: no data" in shown
    assert "exit code 3\nresponse:\n    <h1>oh\nlast log lines:\n    a\n    b" in shown


@given(st.text(max_size=400))
def test_escaped_text_is_visible_and_short(text: str) -> None:
    """Shown text has no invisible character and no more than the limit."""
    shown = escaped(text, limit=50)
    assert len(shown) <= 50
    assert shown.isprintable()


def test_escaping_keeps_what_is_readable() -> None:
    """Letters of any script stay; controls and direction marks are spelled out; ends are cut."""
    assert escaped("Grüße 你好") == "Grüße 你好"
    assert escaped("a\u202e\x1b\n") == "a\\u202e\\u001b\\u000a"
    assert escaped("a" * 100, limit=5) == "aaaa…"


def test_inert_text_reads_the_same() -> None:
    """Escapes vanish when Markdown is rendered: the reader sees what was written."""
    assert inert("a_b *c*") == r"a\_b \*c\*"
    assert inert("<b>@me") == "&lt;b&gt;@\u200bme"


def test_the_card_of_a_failure_shows_its_evidence_folded() -> None:
    """Reason first, then exit code, response and last log lines to unfold, then what to do."""
    failed = release(3, state=ReleaseState.ROLLED_BACK).with_parts(
        failure=Failure(
            phase="codedeploy",
            reason="smoke: status 500",
            response="Traceback",
            stopped_reason="Essential container exited",
            exit_code=1,
            log_tail=("first", "last"),
        )
    )
    card = release_card(failed)
    assert "**Failed in codedeploy:** smoke\\: status 500" in card
    assert "exit code 1" in card
    assert card.index("<summary>Response") < card.index("<summary>Last log lines")
    assert card.endswith("Next: `delightful show api-sandbox-000003 --environment sandbox`")


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (
            ReleaseState.GOOD,
            "delightful rollback previous --reason WHY --service api --environment sandbox",
        ),
        (
            ReleaseState.LIVE,
            f"delightful deploy --commit {commit(1)} --service api --environment sandbox",
        ),
        (ReleaseState.ROLLBACK_FAILED, "delightful status --service api --environment sandbox"),
        (ReleaseState.FAILED, "delightful show api-sandbox-000001 --environment sandbox"),
    ],
)
def test_every_card_ends_with_the_next_command(state: ReleaseState, command: str) -> None:
    """Whoever reads a card can copy what to run next."""
    assert release_card(release(1, state=state)).splitlines()[-1] == f"Next: `{command}`"


def test_what_was_shown_whole_is_not_shown_again() -> None:
    """On a terminal a release that failed is told whole; what serves is the next question."""
    last = release_text(release(1, state=ReleaseState.FAILED)).splitlines()[-1]
    assert last == "next: delightful status --service api --environment sandbox"
    good = release_text(release(1, state=ReleaseState.GOOD)).splitlines()[-1]
    assert good.startswith("next: delightful rollback previous --reason WHY --service api")


def test_a_card_fits_a_comment() -> None:
    """However much was logged and planned, the card stays within what a comment holds."""
    changes = tuple(
        ResourceChange(address=f"aws_x.{'y' * 300}[{n}]", type="aws_x", action="create")
        for n in range(2000)
    )
    large = release(1, state=ReleaseState.FAILED)
    assert large.stack is not None
    large = large.with_parts(
        stack=large.stack.model_copy(update={"plan": PlanSummary(changes=changes)}),
        failure=Failure(phase="x", reason="r" * 10_000, log_tail=("l" * 1000,) * 100),
    )
    assert len(release_card(large)) <= 60_000
    assert release_card(large, limit=2_000).endswith(
        "Next: `delightful show api-sandbox-000001 --environment sandbox`"
    )
    assert len(release_card(large, limit=2_000)) <= 2_000
    assert read_release_artifact(release_markdown(large)) == shown_record(large)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: "", "no record"),
        (lambda text: text + "more", "no record"),
        (lambda text: text.replace('"sequence":1', '"sequence":"x"'), "sequence"),
        (lambda text: text.replace('"sequence":1', '"sequence":1,"sequence":2'), "given twice"),
        (lambda text: text.replace('"sequence":1', '"sequence":NaN'), "not a finite"),
        (lambda text: text.replace('"sequence":1', '"sequence":1,"other":2'), "other"),
        (lambda text: text.replace('"schema_version":1', '"schema_version":0'), "schema_version"),
        (lambda text: text.replace('{"schema', '["schema'), "artifact:1:"),
    ],
)
def test_refuses_artifacts_that_somebody_changed(change, says: str) -> None:  # type: ignore[no-untyped-def]
    """F28: a record that is missing, not at the end, malformed or of another version is refused."""
    with pytest.raises(ConfigError, match=re.escape(says)) as caught:
        read_release_artifact(change(release_markdown(release(1))))
    assert caught.value.code == "E_ARTIFACT"
    assert "\n" not in str(caught.value)


def test_a_table_aligns_its_columns() -> None:
    """Columns begin at the same place in every row, newest release as it was given first."""
    rows = release_table([release(12), release(1, state=ReleaseState.PENDING)]).splitlines()
    assert rows[0].index("STATE") == rows[1].index("GOOD") == rows[2].index("PENDING")
    assert "in progress" in rows[2]
    assert release_table([]) == "no releases yet"


def test_the_record_is_plain_json() -> None:
    """Other tools find the record by its fence and read it with any JSON reader."""
    found = re.search(r"```json delightful-release\n(.*)\n```", release_markdown(release(1)))
    assert found
    assert json.loads(found[1])["release_id"] == "api-sandbox-000001"
    assert datetime.fromisoformat(json.loads(found[1])["transitions"][0]["at"]).tzinfo == UTC


def test_a_plan_tells_how_much_before_it_tells_what() -> None:
    """The first line counts by action; each change has its line, a replacement its own mark."""
    changes = (
        ResourceChange(address="aws_a.x", type="aws_a", action="create"),
        ResourceChange(address="aws_a.y", type="aws_a", action="create"),
        ResourceChange(address="aws_b.z", type="aws_b", action="replace"),
    )
    assert plan_text(PlanSummary(changes=changes)).splitlines() == [
        "plan: 2 to create, 1 to replace",
        "  + aws_a.x",
        "  + aws_a.y",
        "  ! aws_b.z",
    ]
    assert plan_text(PlanSummary()) == "plan: outputs only"


@given(TEXTS)
def test_an_image_shows_what_was_not_scanned(reason: str) -> None:
    """Each scanner has its row, "not scanned" with the reason, and foreign text stays inert."""
    report = ScanReport(scanner="pip-audit", subject="requirements.txt", unseen=reason)
    scan = Scan(at=START, reports=(report,))
    shown = image_markdown("api", image().model_copy(update={"scan": scan}))
    prose = re.sub(r"`[^`\n]*`", "", shown).removeprefix("# Image of api")
    assert "not scanned" in prose
    assert not re.search(r"[@#](?![\u200b# ])", prose)
    assert not re.search(r"https?://", prose)
