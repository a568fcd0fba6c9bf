"""A recommendation for a terminal: answers, size and cost; or one field with its proof."""

from collections.abc import Iterator, Sequence

from delightful.errors import ConfigError
from delightful.recommendation import (
    Answer,
    Cost,
    Evidence,
    Reason,
    Recommendation,
    ServiceFolder,
    Sizing,
)
from delightful.render.analysis_words import (
    OVERRULED_BY,
    cost_text,
    migration_text,
    prices_text,
    size_shown,
    usd,
    value_text,
)
from delightful.text import escaped

_VALUE_WIDTH = 32
_LONG = 400


def analysis_text(recommendation: Recommendation) -> str:
    """Return the recommendation for a terminal, one answer a line."""
    parts = [
        [escaped(recommendation.service), *map(_answer_line, recommendation.answers)],
        list(_service_lines(recommendation.services)),
        list(_size_lines(recommendation.sizing)),
        list(_cost_lines(recommendation.cost)),
        [f"migrations: {migration_text(recommendation)}"],
        [f"note: {escaped(note, limit=_LONG)}" for note in recommendation.notes],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def explained_text(recommendation: Recommendation, field: str) -> str:
    """Return one field's value, confidence, rule, the lines behind it and how to overrule it.

    Raises:
        ConfigError: E_FIELD, there is no such field.
    """
    answer = recommendation.answer(field)
    reason = recommendation.sizing.reason(field) if recommendation.sizing else None
    if field == "cost" and recommendation.cost is not None:
        return "\n".join(_whole_cost(recommendation.cost))
    if answer is None and reason is None:
        raise _unknown_field(recommendation, field)
    lines = [*_explained_answer(answer), *_explained_reason(recommendation, reason)]
    if reason is None:
        lines.append(_overruled(field))
    # The lines behind an answer and behind its size are often the same.
    return "\n".join(dict.fromkeys(lines))


def _answer_line(answer: Answer) -> str:
    where = answer.evidence[0] if answer.evidence else None
    source = f"{escaped(where.file)}:{where.line}" if where else escaped(answer.rule)
    value = escaped(value_text(answer), limit=60)
    return f"  {escaped(answer.field):<22} {value:<{_VALUE_WIDTH}} {answer.confidence:<7} {source}"


def _service_lines(services: Sequence[ServiceFolder]) -> Iterator[str]:
    """Yield the folders that hold services, where there is more than the one that was read."""
    if all(not service.folder for service in services):
        return
    yield "services in this repository, each analyzed with --folder"
    for service in services:
        where = f"{escaped(service.evidence.file)}:{service.evidence.line}"
        yield f"  {escaped(service.folder, limit=120) or '.':<46} {where}"


def _size_lines(sizing: Sizing | None) -> Iterator[str]:
    if sizing is None:
        return
    yield "size"
    values = size_shown(sizing)
    for reason in sizing.reasons:
        value = values.get(reason.field, "")
        where = ", ".join(_places(reason.evidence)[:2])
        yield f"  {escaped(reason.field):<22} {value:<{_VALUE_WIDTH}} {where}".rstrip()


def _cost_lines(cost: Cost | None) -> Iterator[str]:
    if cost is not None:
        yield f"cost: {cost_text(cost, None)}"
        yield f"  {escaped(prices_text(cost), limit=_LONG)}"


def _whole_cost(cost: Cost) -> Iterator[str]:
    yield f"cost = {cost_text(cost, None)}"
    for line in cost.lines:
        quantity = f"{line.quantity:,.2f} {line.unit} at {line.unit_usd:g} USD"
        yield f"  {usd(line.monthly_usd):>14}  {escaped(line.what)}: {escaped(quantity)}"
    yield f"  {escaped(prices_text(cost), limit=_LONG)}"
    yield from (f"  taken for granted: {escaped(one, limit=_LONG)}" for one in cost.assumptions)
    yield from (f"  not counted: {escaped(one, limit=_LONG)}" for one in cost.not_counted)


def _explained_answer(answer: Answer | None) -> Iterator[str]:
    if answer is None:
        return
    value = escaped(value_text(answer), limit=_LONG)
    yield f"{escaped(answer.field)} = {value}  ({answer.confidence}, rule {escaped(answer.rule)})"
    yield from _quotes(answer.evidence)
    if not answer.evidence:
        yield "  no line of the service says so"


def _explained_reason(recommendation: Recommendation, reason: Reason | None) -> Iterator[str]:
    if reason is None or recommendation.sizing is None:
        return
    if recommendation.answer(reason.field) is None or reason.field in ("database", "cache"):
        value = size_shown(recommendation.sizing).get(reason.field, "")
        yield f"size of {escaped(reason.field)} = {value}".removesuffix(" = ")
    yield f"  {escaped(reason.text, limit=_LONG)}"
    yield from _quotes(reason.evidence)
    yield f"  to overrule: {escaped(reason.overrule)}"


def _quotes(evidence: Sequence[Evidence]) -> Iterator[str]:
    for one in evidence:
        yield f"  {escaped(one.file)}:{one.line}: {escaped(one.quote.strip(), limit=200)}"


def _places(evidence: Sequence[Evidence]) -> list[str]:
    return list(dict.fromkeys(f"{escaped(one.file)}:{one.line}" for one in evidence))


def _overruled(field: str) -> str:
    key = OVERRULED_BY.get(field)
    if key is None:
        return "  nothing is set by it, so there is nothing to overrule"
    return f"  to overrule: {key} in .delightful.yaml"


def _unknown_field(recommendation: Recommendation, field: str) -> ConfigError:
    sizing = recommendation.sizing
    fields = [answer.field for answer in recommendation.answers]
    fields += [reason.field for reason in (sizing.reasons if sizing else ())]
    fields += ["cost"] if recommendation.cost else []
    known = ", ".join(dict.fromkeys(fields))
    return ConfigError(
        "E_FIELD", f"the analyzer has no field {escaped(field)}", hint=f"name one of: {known}"
    )
