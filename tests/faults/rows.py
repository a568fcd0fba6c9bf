"""One row: what is injected, what is run and expected, then the invariants, twice."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from delightful.release import Release
from rehearsal.traffic import Traffic, traffic_of
from tests.end_to_end.stage import until
from tests.faults import voices
from tests.faults.bench import Bench, Ended
from tests.faults.invariants import Span, judged
from tests.faults.table import PROPERTY, keep

Record = Callable[[str, object], None]
SETTLE_SECONDS = 0.5


@dataclass
class Happened:
    """What a row did and saw.

    `release` is what was asked for, `again` the same request once more; `ended` is how the command
    ended that is to tell the truth. `bad_commits` may answer wrongly.
    """

    what: str
    ended: Ended | None = None
    release: Release | None = None
    again: tuple[str, ...] | None = None
    bad_commits: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """One row of the table: `until_recovery` are the invariants that the fault itself breaks."""

    name: str
    injected: str
    run: Callable[[Bench], Happened]
    until_recovery: Mapping[str, str] = field(default_factory=dict)
    in_ci: bool = False

    def __str__(self) -> str:
        return self.name


class Rows:
    """The rows of one file, in order."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def row(
        self, name: str, injected: str, *, ci: bool = False, **until_recovery: str
    ) -> Callable[[Callable[[Bench], Happened]], Callable[[Bench], Happened]]:
        """Make a function a row; `I2="why"` names an invariant that only recovery can mend."""

        def added(run: Callable[[Bench], Happened]) -> Callable[[Bench], Happened]:
            self.rows.append(Row(name, injected, run, until_recovery, ci))
            return run

        return added

    def parameters(self) -> list[Any]:
        """Return what pytest runs, representative ones marked for CI."""
        mark = pytest.mark.faults_ci
        return [
            pytest.param(one, id=one.name, marks=[mark] if one.in_ci else []) for one in self.rows
        ]


def run_row(bench: Bench, row: Row, record: Record) -> None:
    """Run a row, ask for the invariants, recover once, ask again, and compare what was said."""
    began, good = time.time(), bench.ready()
    line: dict[str, Any] = {"row": row.name, "injected": row.injected, "what": "broke off"}
    line["passed"] = False
    try:
        with Seen(bench, good) as seen:
            happened = row.run(bench)
            line["what"] = happened.what
            _judge(bench, row, happened, seen, line)
        _demand(line, row)
        line["passed"] = True
    finally:
        line["seconds"] = round(time.time() - began, 1)
        record(PROPERTY, line)
        keep(line)


class Seen(AbstractContextManager["Seen"]):
    """The prober beside a row, and where the state stood when it began."""

    def __init__(self, bench: Bench, good: Release) -> None:
        assert good.stack is not None
        self.good, self._stack = good, ExitStack()
        self._prober = bench.prober(good.stack.outputs.url)
        self.began = time.time()

    def __enter__(self) -> "Seen":
        self._stack.enter_context(self._prober)
        until(self._prober.samples, "the first answer")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def traffic(self, bad: frozenset[str], since: float | None = None) -> Traffic:
        """Return what was seen, without the answers of commits that were meant to be bad."""
        samples = [one for one in self._prober.samples() if one.commit not in bad]
        return traffic_of(samples, start=since or self.began, end=time.time(), expected=200)

    def serving(self) -> set[str]:
        """Return the commits that answer now."""
        since = time.time()
        until(lambda: self.traffic(frozenset(), since).requests >= 5, "answers", seconds=10)
        return set(self.traffic(frozenset(), since).commits)

    def span(self, bad: frozenset[str], *, is_recovered: bool) -> Span:
        """Return what the invariants are judged by."""
        assert self.good.stack is not None
        return Span(
            good=self.good,
            began=self.began,
            serial=self.good.stack.state_serial,
            lineage=self.good.stack.state_lineage,
            traffic=self.traffic(bad),
            is_recovered=is_recovered,
        )


def _judge(bench: Bench, row: Row, happened: Happened, seen: Seen, line: dict[str, Any]) -> None:
    bad = happened.bad_commits
    after = judged(bench, seen.span(bad, is_recovered=False), again=None)
    line |= {"after": after.word(), "broken after": after.broken}
    line |= _truth(bench, happened, seen, "truth after")
    recovered = bench.recover()
    if recovered.code != 0:
        line["recovery"] = f"{recovered.code} {recovered.last_line[:300]}"
    line |= _truth(bench, happened, seen, "truth")
    mended = judged(bench, seen.span(bad, is_recovered=True), again=lambda: _again(bench, happened))
    line |= {"recovered": mended.word(), "broken recovered": mended.broken}


def _again(bench: Bench, happened: Happened) -> Ended:
    """Ask once more for what has succeeded, else for the recovery."""
    release, again = happened.release, happened.again
    if release is None or again is None or bench.stage.good().release_id != release.release_id:
        return bench.recover()
    bench.thaw()
    return bench.run(*again)


def _truth(bench: Bench, happened: Happened, seen: Seen, name: str) -> dict[str, Any]:
    if happened.release is None:
        return {}
    release = bench.stage.ledger().get(happened.release.release_id)
    serving = seen.serving()
    saw: voices.Said = voices.NEW if release.commit in serving else voices.OLD
    # The command that was run first has nothing to say of how a recovery ended.
    ended = happened.ended if name == "truth after" else None
    said = voices.voices(bench, release, ended)
    agreeing, speaking, wrong = voices.truth(said, saw if len(serving) == 1 else None)
    return {name: [agreeing, speaking], f"{name} wrong": wrong}


def _demand(line: dict[str, Any], row: Row) -> None:
    """Fail where an invariant does not hold that should."""
    after = {
        name: why for name, why in line["broken after"].items() if name not in row.until_recovery
    }
    assert after == {}, f"right after {row.name}: {after}"
    assert "recovery" not in line, f"the recovery of {row.name}: {line['recovery']}"
    assert line["broken recovered"] == {}, f"recovered from {row.name}: {line['broken recovered']}"
    for name in ("truth after", "truth"):
        assert not line.get(f"{name} wrong"), f"{name} of {row.name}: {line[f'{name} wrong']}"
