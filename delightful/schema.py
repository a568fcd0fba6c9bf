"""What a recommendation says of migrations, as a release keeps it."""

from typing import Final

from delightful.recommendation import WORST_RISKS_FIRST, Recommendation, worst_risk
from delightful.release import SchemaChange

# A release is one item of a table, which holds 400 KB.
_MOST_KEPT: Final = 20


def schema_change(recommendation: Recommendation, since: str | None) -> SchemaChange:
    """Return what the release does to the schema; `since` is the commit it was compared with."""
    changed = recommendation.migrations or ()
    tool = recommendation.answer("migration_tool")
    return SchemaChange(
        tool=str(tool.value) if tool and tool.value is not None else None,
        heads=recommendation.migration_heads,
        since=since,
        judgement=worst_risk(changed),
        changed_count=len(changed),
        changed=tuple(sorted(changed, key=lambda one: WORST_RISKS_FIRST.index(one.risk)))[
            :_MOST_KEPT
        ],
    )
