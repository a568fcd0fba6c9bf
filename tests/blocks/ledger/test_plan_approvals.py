"""The last answer to an attempt is kept; a no is not turned into a yes."""

from datetime import timedelta
from typing import Any

import pytest
from prefect_aws import AwsCredentials
from pydantic import PrivateAttr

from blocks.ledger.plan_approvals import PlanApprovals, SignedAnswer
from blocks.ledger.table import LedgerTable, Write
from delightful.approval import Decision, Statement
from delightful.errors import Refused
from tests.delightful.samples import START
from tests.flows.fakes.memory import MemoryTable

RELEASE = "api-production-000002"


class MemoryApprovals(PlanApprovals):
    """The real block over a table in memory."""

    _block_type_name = "Memory Approvals"
    _block_type_slug = "memory-approvals"
    _memory: MemoryTable = PrivateAttr(default_factory=MemoryTable)

    def _table(self) -> LedgerTable:
        return self._memory


@pytest.fixture
def approvals() -> MemoryApprovals:
    """Return a table with nothing in it."""
    nobody = AwsCredentials(region_name="us-east-1")
    return MemoryApprovals(credentials=nobody, identity=nobody, table_name="ledger")


def answer(decision: Decision = "approved", plan: str = "ab", **changes: Any) -> SignedAnswer:
    """Return an answer to the attempt's plan."""
    statement = Statement(
        release_id=RELEASE,
        plan_sha256=plan * 32,
        decision=decision,
        given_at=START,
        expires_at=START + timedelta(hours=1),
        **changes,
    )
    return SignedAnswer(statement=statement, headers={"authorization": "x"})


def test_the_last_answer_is_found(approvals: MemoryApprovals) -> None:
    """One item an attempt, beside the attempt's own."""
    assert approvals.find(RELEASE) is None
    approvals.give(answer(reason="first"))
    approvals.give(answer(reason="second"))
    assert approvals.find(RELEASE) == answer(reason="second")
    assert approvals.find("api-production-000003") is None
    assert list(approvals._memory.items) == [("api/production", "answer#000000000002")]


def test_a_no_stays_a_no(approvals: MemoryApprovals) -> None:
    """To the same plan; another plan is another question."""
    approvals.give(answer())
    approvals.give(answer("rejected"))
    with pytest.raises(Refused, match="rejected already"):
        approvals.give(answer())
    approvals.give(answer(plan="cd"))
    assert approvals.find(RELEASE) == answer(plan="cd")


def test_two_who_answer_at_once_do_not_both(
    approvals: MemoryApprovals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second is told."""
    monkeypatch.setattr(approvals._memory, "write", lambda _: False)
    with pytest.raises(Refused, match="somebody else answers"):
        approvals.give(answer())


@pytest.mark.parametrize("record", ["", "{}", "null", '{"statement": {}, "headers": {}}'])
def test_what_is_no_answer_is_none(approvals: MemoryApprovals, record: str) -> None:
    """Whoever may write the table cannot make a wait fail."""
    approvals._memory.write(
        [
            Write(
                stream="api/production",
                item="answer#000000000002",
                attributes={"record": record, "revision": 1},
            )
        ]
    )
    assert approvals.find(RELEASE) is None
    approvals.give(answer())
    assert approvals.find(RELEASE) == answer()
