"""The analysis on a pull request: complete, inert, bounded, linked."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.planned import PlanSummary
from delightful.recommendation import Answer, MigrationRisk, Recommendation
from delightful.release import AppliedStack
from delightful.render.analysis import analysis_card, analysis_marker
from delightful.running import Running, running_of
from tests.delightful.analysis_samples import (
    BLOB,
    COMMIT,
    PAGE,
    cost,
    evidence,
    migration,
    recommendation,
    recommendations,
    running,
)
from tests.delightful.samples import outputs, release


def prose_of(card: str) -> str:
    """Return a card without its code and without its own links, which are checked on the way."""
    prose = re.sub(r"(?<!\\)`[^`\n]*`", "", card)
    for address in re.findall(r"(?<!\\)\]\(([^)]*)\)", prose):
        assert re.fullmatch(re.escape(BLOB) + r"[A-Za-z0-9._~%/-]+#L-?\d+", address), address
        assert "/../" not in address
    return re.sub(r"(?<!\\)\[((?:[^\]\\]|\\.)*)\]\([^)]*\)", r"\1", prose)


@pytest.mark.slow
@given(recommendations(), st.none() | st.just(running(start_command=["a|b`", "@x"])))
def test_no_text_breaks_out_of_the_card(said: Recommendation, now: Running | None) -> None:
    """No mention, issue, image, HTML, formula or foreign link comes of what a repository says."""
    card = analysis_card(said, repository_url=PAGE, running=now, running_cost=cost(30))
    prose = prose_of(card)
    assert set(re.findall(r"<[^>]*>", prose)) <= {
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
    }
    assert prose.count("<details>") == prose.count("</details>")
    assert not re.search(r"[@#](?![\u200b# ])", prose)
    assert not re.search(r"(?<!\\)[\[$]", prose)
    assert not re.search(r"https?://", prose)
    assert not set(card) & set("\x00\x07\x1b\u202e")
    assert "<!--" not in prose
    card.encode("utf-8")


@pytest.mark.slow
@given(recommendations(), st.integers(600, 3_000))
def test_a_card_stays_within_its_limit(said: Recommendation, limit: int) -> None:
    """What does not fit is left out in whole sections, with a note, and the end stays."""
    whole = analysis_card(said, repository_url=PAGE, limit=10**6)
    card = analysis_card(said, repository_url=PAGE, limit=limit)
    prose = prose_of(card)
    assert prose.count("<details>") == prose.count("</details>")
    assert card.split("\n")[-1] == whole.split("\n")[-1]
    if len(whole) <= limit:
        assert card == whole
    else:
        assert "Cut at GitHub's limit" in card


@pytest.mark.slow
def test_a_huge_recommendation_is_within_githubs_limit() -> None:
    """Hundreds of answers with long values make no comment that GitHub refuses."""
    answers = tuple(
        Answer(
            field=f"f{number}",
            value=["`|@" * 200] * 50,
            rule="r",
            confidence="low",
            evidence=tuple(evidence("d/" * 300 + "f", line) for line in range(50)),
        )
        for number in range(300)
    )
    card = analysis_card(recommendation(answers=answers), repository_url=PAGE)
    assert len(card) <= 60_000
    assert "Cut at GitHub's limit" in card


def test_the_card_has_every_part() -> None:
    """What was found with links, what changes, cost and its difference, risk, rollback, keys."""
    card = analysis_card(
        recommendation(migrations=(migration("contract"),)),
        repository_url=PAGE,
        running=running(cpu_units=512),
        running_cost=cost(35.5),
    )
    assert card.startswith("### 🔎 shop at `cccccccccccc`")
    assert f"[app\\.py:1]({BLOB}app.py#L1), " in card
    assert "and 2 more" in card
    assert "| `container_port` | `8080` | `8000` | with terraform" in card
    assert "| `cpu_units` | `512` | `1024` | with terraform" in card
    assert "| `database` | `none` | `postgres db.t4g.small, 20 GiB` | when written" in card
    assert "about 40\\.00 USD a month, at most 90\\.00 USD; \\+4\\.50 USD against" in card
    assert "contract\\: the release that runs now may not work" in card
    assert "| could it be rolled back | not safely" in card
    assert f"[db\\/1\\.sql:3]({BLOB}db/1.sql#L3)" in card
    assert "| port | `8000` | medium |" in card
    assert "`health_check.path`" in card
    assert "2026\\-10\\-02" in card
    assert "NAT gateways" in card
    assert card.endswith("Next: `delightful analyze --explain FIELD --service shop`")


def test_files_of_a_monorepo_are_linked_from_its_root() -> None:
    """A service in a subfolder links into it, and to files above it where they lie."""
    answers = (
        Answer(
            field="port",
            value=1,
            rule="r",
            confidence="high",
            evidence=(evidence("a b/(x)#1.py"), evidence("../compose.yml", 4), evidence("../../x")),
        ),
    )
    card = analysis_card(recommendation(folder="services", answers=answers), repository_url=PAGE)
    assert f"({BLOB}services/a%20b/%28x%29%231.py#L1)" in card
    assert f"({BLOB}compose.yml#L4)" in card
    assert "\\.\\.\\/x:1" in card


@pytest.mark.parametrize(
    ("page", "commit"),
    [(PAGE, "main"), ("javascript:alert(1)", COMMIT), ("https://github.com/a/b/../c", COMMIT)],
)
def test_without_a_page_or_commit_nothing_is_linked(page: str, commit: str) -> None:
    """An address is made only of a page and a commit that are such."""
    card = analysis_card(recommendation(commit=commit), repository_url=page)
    assert "](" not in card


@pytest.mark.parametrize(
    ("migrations", "now", "says"),
    [
        (None, None, "no earlier release to go back to"),
        (None, running(), "of changed migrations nothing is known"),
        ((), running(), "yes"),
        (("expand",), running(), "yes"),
        (("expand", "unknown"), running(), "unknown"),
        (("unknown", "contract"), running(), "not safely"),
        (("contract", "irreversible", "expand"), running(), "no\\: the tasks come back"),
    ],
)
def test_the_worst_migration_decides_about_a_rollback(
    migrations: tuple[MigrationRisk, ...] | None, now: Running | None, says: str
) -> None:
    """One migration that takes data away is enough: a rollback does not bring it back."""
    changed = None if migrations is None else tuple(map(migration, migrations))
    card = analysis_card(recommendation(migrations=changed), repository_url=PAGE, running=now)
    row = next(line for line in card.split("\n") if line.startswith("| could it be rolled back"))
    assert says in row


def test_nothing_to_compare_with_and_nothing_to_change_are_told_apart() -> None:
    """Without a release that runs it says so, and with the same settings that nothing changes."""
    assert "no release of it is known to run" in analysis_card(
        recommendation(), repository_url=PAGE
    )
    same = running(
        container_port=8000,
        cpu_units=1024,
        memory_mib=2048,
        database={"engine": "postgres"},
        database_settings={"instance_class": "db.t4g.small"},
    )
    card = analysis_card(recommendation(), repository_url=PAGE, running=same)
    assert "nothing against shop" in card


def test_a_library_has_a_card_without_size_and_cost() -> None:
    """Where there is nothing to run the card says what was found and stops there."""
    said = recommendation(sizing=None, cost=None, variables={})
    card = analysis_card(said, repository_url=PAGE, running=running())
    assert "Why this size" not in card
    assert "What it costs" not in card


def test_a_marker_is_one_service_s() -> None:
    """Two services of a repository keep a comment each."""
    assert analysis_marker("shop") != analysis_marker("shop-admin")


def test_what_runs_is_read_from_a_release_without_its_variables() -> None:
    """Sizes and stores are taken over; environment variables never are."""
    stack = AppliedStack(
        variables={
            "cpu_units": 512,
            "memory_mib": 1024,
            "scaling": {"min_count": 2, "max_count": 8, "cpu_percent": 50, "memory_percent": None},
            "environment_variables": {"KEY": "a value that is nobody's business"},
            "secrets": {"TOKEN": "arn"},
        },
        variables_sha256="0" * 64,
        plan=PlanSummary(),
        state_lineage="l",
        state_serial=1,
        outputs=outputs(),
    )
    now = running_of(release(3).with_parts(stack=stack))
    assert now is not None
    assert now.settings.memory_mib == 1024
    assert (now.settings.min_count, now.settings.max_count) == (2, 8)
    assert now.settings.cpu_percent == 50
    assert "business" not in now.model_dump_json()
    assert running_of(release(3).with_parts(stack=None)) is None
