"""The card of an analysis on a pull request: a fixed template in which foreign text is inert."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from delightful.recommendation import Answer, Cost, Evidence, Recommendation
from delightful.render.analysis_words import (
    OVERRULED_BY,
    changes,
    cost_text,
    migration_text,
    prices_text,
    rollback_text,
    size_shown,
    usd,
    value_text,
)
from delightful.render.markdown import code, folded, inert, table
from delightful.running import Running

# GitHub cuts a comment at 65,536 characters; the marker in front takes some.
ANALYSIS_CHARACTERS: Final = 60_000
_CUT: Final = "*Cut at GitHub's limit: `delightful analyze` shows all of it.*"
_MOST_LINES: Final = 3
_MOST_MIGRATIONS: Final = 50
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_REPOSITORY: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?/[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
_OWN_FIELDS: Final = frozenset({"cpu_units", "memory_mib"})


def analysis_marker(service: str) -> str:
    """Return the marker by which a service's comment is found again."""
    return f"analysis-{service}"


def analysis_card(
    recommendation: Recommendation,
    *,
    repository_url: str,
    running: Running | None = None,
    running_cost: Cost | None = None,
    limit: int = ANALYSIS_CHARACTERS,
) -> str:
    """Return what was found, what it changes and costs, and how to overrule it.

    `repository_url` is the repository's page, such as https://github.com/owner/name; lines link
    into the analyzed commit there. What does not fit into `limit` characters is left out from the
    end, with a note.
    """
    card = _Card(recommendation, repository_url, running, running_cost)
    return _within(limit, [part for part in card.parts() if part], card.last())


class _Card:
    def __init__(
        self,
        recommendation: Recommendation,
        repository_url: str,
        running: Running | None,
        running_cost: Cost | None,
    ) -> None:
        self._said = recommendation
        self._running = running
        self._running_cost = running_cost
        is_linked = _REPOSITORY.fullmatch(repository_url) and _COMMIT.fullmatch(
            recommendation.commit
        )
        self._blob = f"{repository_url}/blob/{recommendation.commit}" if is_linked else None

    def parts(self) -> Iterator[str]:
        yield self._title()
        yield self._summary()
        yield self._changes()
        yield self._migrations()
        yield self._answers()
        yield self._size()
        yield self._cost()
        yield self._notes()

    def last(self) -> str:
        command = f"delightful analyze --explain FIELD --service {self._said.service}"
        return f"A line of {code('.delightful.yaml')} wins over each answer. Next: {code(command)}"

    def _title(self) -> str:
        return f"### 🔎 {inert(self._said.service)} at {code(self._said.commit[:12])}"

    def _summary(self) -> str:
        said, cost = self._said, self._said.cost
        rows = [("what it is", inert(_what(said)))]
        if cost is not None:
            rows.append(("cost", inert(cost_text(cost, self._running_cost))))
        rows.append(("migrations", inert(migration_text(said))))
        rows.append(("could it be rolled back", inert(rollback_text(said, self._running))))
        return table(("", ""), rows)

    def _changes(self) -> str:
        if self._running is None:
            return "**What changes:** nothing to compare with: no release of it is known to run."
        found = changes(self._said, self._running)
        release = inert(self._running.release_id)
        if not found:
            return f"**What changes:** nothing against {release}, which runs."
        rows = [
            (code(one.name), code(one.runs), code(one.recommended), inert(one.takes_effect))
            for one in found
        ]
        header = ("setting", "runs", "recommended", "takes effect")
        return f"**What changes** against {release}:\n\n{table(header, rows)}"

    def _migrations(self) -> str:
        migrations = self._said.migrations or ()
        rows = [
            (inert(one.risk), inert(one.reason), self._where((one.evidence,)))
            for one in migrations[:_MOST_MIGRATIONS]
        ]
        if not rows:
            return ""
        title = f"Changed migrations: {len(migrations)}"
        return folded(title, table(("risk", "why", "where"), rows))

    def _answers(self) -> str:
        rows = [
            (
                inert(answer.field),
                code(value_text(answer), limit=160),
                inert(answer.confidence) if answer.value is not None else "",
                self._where(answer.evidence),
                code(OVERRULED_BY[answer.field]) if answer.field in OVERRULED_BY else "",
            )
            for answer in self._said.answers
            if self._said.sizing is None or answer.field not in _OWN_FIELDS
        ]
        header = ("found", "value", "confidence", "where", "overruled by")
        return folded("What was found, and how to overrule it", table(header, rows))

    def _size(self) -> str:
        sizing = self._said.sizing
        if sizing is None:
            return ""
        values = size_shown(sizing)
        rows = [
            (
                inert(reason.field),
                code(values[reason.field]) if reason.field in values else "",
                inert(reason.text, limit=600),
                self._where(reason.evidence),
                inert(reason.overrule),
            )
            for reason in sizing.reasons
        ]
        header = ("setting", "value", "why", "where", "overruled by")
        return folded("Why this size", table(header, rows))

    def _cost(self) -> str:
        cost = self._said.cost
        if cost is None:
            return ""
        rows = [
            (
                inert(line.what),
                f"{line.quantity:,.2f} {inert(line.unit)}",
                inert(f"{line.unit_usd:g} USD"),
                inert(usd(line.monthly_usd)),
            )
            for line in cost.lines
        ]
        lists = [
            inert(prices_text(cost), limit=400),
            "Taken for granted:\n" + _bullets(cost.assumptions),
            "Not counted:\n" + _bullets(cost.not_counted),
        ]
        costs = table(("what", "how much", "each", "a month"), rows)
        return folded("What it costs", "\n\n".join([costs, *lists]))

    def _notes(self) -> str:
        return _bullets(self._said.notes[:20])

    def _where(self, evidence: Sequence[Evidence]) -> str:
        places = list(dict.fromkeys((one.file, one.line) for one in evidence))
        shown = [self._link(file, line) for file, line in places[:_MOST_LINES]]
        more = [f"and {len(places) - _MOST_LINES} more"] if len(places) > _MOST_LINES else []
        return ", ".join([*shown, *more])

    def _link(self, file: str, line: int) -> str:
        path = posixpath.normpath(posixpath.join(self._said.folder, file))
        name = f"{inert(path, limit=100)}:{line}"
        if self._blob is None or path.startswith(("..", "/")):
            return name
        return f"[{name}]({self._blob}/{quote(path, errors='replace')}#L{line})"


def _what(recommendation: Recommendation) -> str:
    words = [_known(recommendation.answer(field)) for field in ("kind", "language", "framework")]
    return ", ".join(word for word in words if word) or "unknown"


def _known(answer: Answer | None) -> str:
    return value_text(answer) if answer is not None and answer.value is not None else ""


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {inert(line, limit=300)}" for line in lines)


def _within(limit: int, parts: Sequence[str], last: str) -> str:
    kept = list(parts)
    ending = [last]
    while len(kept) > 1 and len("\n\n".join([*kept, *ending])) > limit:
        kept.pop()
        ending = [_CUT, last]
    return "\n\n".join([*kept, *ending])
