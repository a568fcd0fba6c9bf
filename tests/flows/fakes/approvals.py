"""Approvals whose signatures say who signed."""

from typing import TYPE_CHECKING

from pydantic import PrivateAttr

from blocks.ledger.plan_approvals import PlanApprovals, SignedAnswer
from blocks.ledger.table import LedgerTable
from delightful.errors import Refused
from tests.flows.fakes.memory import MemoryTable

if TYPE_CHECKING:
    from tests.flows.fakes.cloud import FakeCloud


class FakeApprovals(PlanApprovals):
    """The real answers over a table in memory; who signed is told by the signature itself."""

    _block_type_name = "Fake Approvals"
    _block_type_slug = "fake-approvals"
    _cloud: "FakeCloud" = PrivateAttr()
    _memory: MemoryTable = PrivateAttr()

    def caller(self) -> str:
        return self._cloud.runner

    def find(self, release_id: str) -> SignedAnswer | None:
        self._cloud.while_waiting(release_id)
        return super().find(release_id)

    def proven(self, answer: SignedAnswer) -> str:
        if "by" not in answer.headers:
            raise Refused("E_APPROVAL", "nobody signed it", hint="sign it")
        return answer.headers["by"]

    def _table(self) -> LedgerTable:
        return self._memory
