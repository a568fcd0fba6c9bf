"""A plan for people: what it destroys first, then what it touches, costs and changes.

Names come from Terraform's own addresses and schemas; values only where the summary has them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from delightful.plan_types import HOLDS_DATA, SERVES_TRAFFIC, SHARED
from delightful.planned import AttributeChange, CostChange, Danger, PlanSummary, ResourceChange
from delightful.render.markdown import code, folded, inert, table
from delightful.text import escaped

_MARKS = {"create": "+", "update": "~", "delete": "-", "replace": "!"}
_RADIUS = (
    ("serves traffic", SERVES_TRAFFIC),
    ("holds data", HOLDS_DATA),
    ("is shared with others", SHARED),
)
# GitHub cuts a comment and a check run's summary at 65,535 characters.
PLAN_CHARACTERS = 60_000
# Rows of each table; fewer where the card is too long for GitHub.
_ROWS = (200, 60, 20, 5)
_NAMED = 3
_ATTRIBUTES = 8


def plan_card(
    summary: PlanSummary,
    title: str,
    *,
    notes: Sequence[str] = (),
    limit: int = PLAN_CHARACTERS,
) -> str:
    """Return the plan as Markdown; `title` and `notes` are text and come out inert."""
    for rows in _ROWS:
        parts = _parts(summary, title, notes, rows)
        card = "\n\n".join(part for part in parts if part)
        if len(card) <= limit:
            return card
    return f"### {inert(title)}\n\n{_counts(summary)}: too much to be shown here."


def plan_text(summary: PlanSummary) -> str:
    """Return the changes of a plan, one a line, under a line that counts them."""
    lines = [f"plan: {_counts(summary)}"]
    lines += [_danger_text(danger) for danger in summary.dangers]
    lines += [_change_text(change) for change in summary.changes]
    if summary.cost is not None:
        lines.append(f"cost: {cost_words(summary.cost)}")
    return "\n".join(lines)


def cost_words(cost: CostChange) -> str:
    """Return what a plan adds to a month's bill, in words."""
    difference = cost.difference_usd
    if difference is None:
        missing = ", ".join(escaped(one) for one in cost.unknown[:_NAMED])
        return f"unknown a month ({missing or 'no price is known'})"
    return (
        f"{difference:+.2f} USD a month (from {cost.before_usd:.2f} to {cost.after_usd:.2f}, "
        f"list prices of {cost.prices_as_of}, without what depends on traffic)"
    )


def _parts(summary: PlanSummary, title: str, notes: Sequence[str], rows: int) -> Iterator[str]:
    yield f"### {inert(title)}"
    yield "\n".join(f"> {inert(note, limit=400)}" for note in notes)
    if summary.is_empty:
        yield "No resource changes."
        return
    yield f"**{_counts(summary)}**"
    yield _dangers(summary, rows)
    yield "\n".join(f"- {line}" for line in _blast_radius(summary))
    if summary.cost is not None:
        yield f"Cost: {inert(cost_words(summary.cost), limit=600)}"
    lost = [one for one in summary.changes if one.action in ("delete", "replace")]
    yield _changes("Deleted and replaced", lost, rows)
    rest = [one for one in summary.changes if one.action not in ("delete", "replace")]
    listed = _changes("", rest, rows)
    yield folded(f"Created and updated: {len(rest)}", listed) if rest else ""


def _counts(summary: PlanSummary) -> str:
    counts = Counter(str(change.action) for change in summary.changes)
    return ", ".join(f"{counts[one]} to {one}" for one in _MARKS if counts[one]) or "outputs only"


def _dangers(summary: PlanSummary, rows: int) -> str:
    if not summary.dangers:
        return "Nothing in it destroys data, cuts traffic or opens anything."
    shown = [
        (inert(one.kind), code(one.address), inert(one.what, limit=300))
        for one in summary.dangers[:rows]
    ]
    listed = table(("danger", "resource", "what it does"), shown)
    return f"⚠️ **{len(summary.dangers)} dangerous:**\n\n{listed}{_rest(summary.dangers, rows)}"


def _blast_radius(summary: PlanSummary) -> Iterator[str]:
    for words, types in _RADIUS:
        touched = [one for one in summary.changes if one.type in types]
        named = ", ".join(f"{code(one.address)} ({one.action})" for one in touched[:_NAMED])
        more = f" and {len(touched) - _NAMED} more" if len(touched) > _NAMED else ""
        yield f"What {words}: {named or 'not touched'}{more}"


def _changes(title: str, changes: Sequence[ResourceChange], rows: int) -> str:
    if not changes:
        return ""
    shown = [(one.action, code(one.address), _what_changes(one)) for one in changes[:rows]]
    listed = table(("action", "resource", "what changes"), shown)
    heading = f"#### {title}\n\n" if title else ""
    return f"{heading}{listed}{_rest(changes, rows)}"


def _rest(everything: Sequence[object], rows: int) -> str:
    return f"\n\n… and {len(everything) - rows} more" if len(everything) > rows else ""


def _what_changes(change: ResourceChange) -> str:
    forced = ", ".join(change.forced_by[:_NAMED])
    names = [one for one in change.attributes if _is_told(one) or one.name not in change.forced_by]
    told = [f"forced by {forced}"] if forced else []
    told += [_attribute_text(one) for one in names[:_ATTRIBUTES]]
    return inert(", ".join(told) + (" …" if len(names) > _ATTRIBUTES else ""), limit=800)


def _is_told(attribute: AttributeChange) -> bool:
    return attribute.before is not None or attribute.after is not None


def _attribute_text(attribute: AttributeChange) -> str:
    name = escaped(attribute.name, limit=60)
    if not _is_told(attribute):
        return name
    return f"{name}: {attribute.before or 'none'} → {attribute.after or 'none'}"


def _change_text(change: ResourceChange) -> str:
    told = ", ".join(_attribute_text(one) for one in change.attributes[:_ATTRIBUTES])
    forced = ", ".join(escaped(name, limit=60) for name in change.forced_by[:_NAMED])
    why = f" (forced by {forced})" if forced else ""
    return f"  {_MARKS[change.action]} {escaped(change.address)}{why}{f': {told}' if told else ''}"


def _danger_text(danger: Danger) -> str:
    return f"  DANGER {danger.kind}: {escaped(danger.address)}: {escaped(danger.what, limit=300)}"
