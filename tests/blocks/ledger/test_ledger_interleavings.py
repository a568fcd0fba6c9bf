"""The ledger's promises over as many interleavings as a night has time for.

`INTERLEAVINGS=10000 STEPS=25 python -m pytest -s tests/blocks/ledger/test_ledger_interleavings.py`
"""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.blocks.ledger.ledger_machine import LedgerMachine

INTERLEAVINGS = int(os.environ.get("INTERLEAVINGS", "10000"))
STEPS = int(os.environ.get("STEPS", "25"))


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_ledger_holds_its_promises_over_many_interleavings() -> None:
    """No stale commit is accepted, no attempt lacks its one end, GOOD is never lost."""
    before = LedgerMachine.runs
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        LedgerMachine,
        settings=settings(
            max_examples=INTERLEAVINGS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    seen = LedgerMachine.runs - before
    sys.stdout.write(f"{seen} interleavings of up to {STEPS} steps: every invariant held\n")
    assert seen >= INTERLEAVINGS
