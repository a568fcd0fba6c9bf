"""What a changed migration does to the release that ran before it.

Expand: the earlier release works with the schema as it will be. Contract: it may not (a rename, a
column that must be filled, another type). Irreversible: data is gone, and no way back brings it.
Only the way up is read; where no known operation is found the risk is unknown, never "expand".
Terms: https://martinfowler.com/bliki/ParallelChange.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.facts import first_line, quoted_match
from analyzer.migration_heads import migration_folder
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import WORST_RISKS_FIRST, Migration, MigrationRisk

# Where the way down begins, in the forms of the tools that keep both in one file.
_DOWN: Final = Pattern(
    r"^[ \t]*(?:--[ \t]*\+goose[ \t]+down|--[ \t]*migrate:down|--[ \t]*!down|--[ \t]*rollback|"
    r"def downgrade\(|def down\b|(?:export )?(?:async )?function down\(|"
    r"(?:exports|module\.exports)\.down\b|(?:public )?(?:async )?down\(|down:|"
    r"public function down\(|protected override void Down\(|<rollback>)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class _Operation:
    """What one form of statement does, in SQL or in a tool's own words."""

    pattern: Pattern[str]
    risk: MigrationRisk
    reason: str


def _operation(risk: MigrationRisk, reason: str, *forms: str) -> _Operation:
    return _Operation(Pattern("|".join(forms), re.IGNORECASE), risk, reason)


_NO_DEFAULT: Final = r"(?![^;\n)]{0,200}\b(?:default|server_default|defaultValue))"

_OPERATIONS: Final = (
    _operation(
        "irreversible",
        "drops a table or a column: what is in it is gone",
        r"\bdrop\s+(?:table|column|schema|database|materialized\s+view)\b",
        r"\balter\s+table\s+\S{1,100}\s+drop\s+(?!constraint|index|default|primary|foreign|not)\w",
        r"\bop\.drop_(?:table|column)\(|\bmigrations\.(?:RemoveField|DeleteModel)\(",
        r"\b(?:drop_table|remove_column|remove_columns|drop_join_table|remove_reference)\b",
        r"->drop(?:Column|Morphs|Timestamps|SoftDeletes)?\(|\bSchema::drop(?:IfExists)?\(",
        r"\.(?:dropTable|dropTableIfExists|dropColumns?|removeColumn|DropTable|DropColumn)\(",
        r"\bdrop(?:_if_exists)?[ (]+table\b|^\s*remove[ (]+:\w",
        r"<(?:dropTable|dropColumn)\b|\b(?:dropTable|dropColumn)\s*:",
    ),
    _operation(
        "irreversible",
        "deletes rows",
        r"\btruncate\s+(?:table\s+)?\w|\bdelete\s+from\s+\w|<delete\b|\.delete_all\b",
    ),
    _operation(
        "irreversible",
        "says itself that it cannot be undone",
        r"\bIrreversibleMigration\b|\bIrreversibleError\b|\bEcto\.MigrationError\b",
    ),
    _operation(
        "contract",
        "renames what the earlier release asks for by its old name",
        r"\brename\s+(?:column|to|table)\b|\balter\s+table\s+\S{1,100}\s+rename\b|\bsp_rename\b",
        r"\bop\.rename_table\(|\bnew_column_name\s*=|\bmigrations\.Rename(?:Field|Model)\(",
        r"\b(?:rename_column|rename_table)\b|->renameColumn\(|\bSchema::rename\(",
        r"\.(?:renameColumn|renameTable|RenameColumn|RenameTable)\(|^\s*rename[ (]+table\b",
        r"<(?:renameColumn|renameTable)\b|\b(?:renameColumn|renameTable)\s*:",
    ),
    _operation(
        "contract",
        "changes a column's type or what it may hold",
        r"\balter\s+(?:column\s+)?\S{1,100}\s+(?:set\s+data\s+)?type\b|\bmodify\s+(?:column\s+)?\w",
        r"\bset\s+not\s+null\b|\bop\.alter_column\(|\bmigrations\.AlterField\(",
        r"\b(?:change_column|change_column_null)\b|->change\(\)",
        r"\.(?:changeColumn|alterTable\([^)]{0,80}\.alter|AlterColumn(?:<\w{1,40}>)?)\(|\.alter\(\)",
        r"^\s*modify[ (]+:\w|<(?:modifyDataType|addNotNullConstraint)\b",
        r"\b(?:modifyDataType|addNotNullConstraint)\s*:",
    ),
    _operation(
        "contract",
        "adds a column that must be filled, which the earlier release does not do",
        rf"\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?[\w\"`]+\s+\w[^;,\n]{{0,80}}not\s+null{_NO_DEFAULT}",
        rf"\badd_column\b[^\n]{{0,200}}null:\s*false{_NO_DEFAULT}",
        rf"\bop\.add_column\([^\n]{{0,300}}nullable\s*=\s*False{_NO_DEFAULT}",
    ),
    _operation(
        "contract",
        "adds a constraint that the earlier release's rows may break",
        r"\badd\s+constraint\b(?![^;]{0,300}\bnot\s+valid)|\bop\.create_(?:unique|check)_constraint\(",
        r"\bmigrations\.AddConstraint\(|<addUniqueConstraint\b|\badd_check_constraint\b",
    ),
    _operation(
        "unknown",
        "runs code or changes rows: what that does is not read here",
        r"\bmigrations\.Run(?:Python|SQL)\(|\bupdate\s+\w+\s+set\b|\bop\.execute\(|<sql\b",
        r"\.(?:update_all|find_each)\b|\bDB::(?:table|statement|update)\(",
    ),
    _operation(
        "expand",
        "adds what the earlier release does not know of",
        r"\bcreate\s+(?:or\s+replace\s+)?(?:unique\s+)?(?:table|index|view|sequence|type|extension|"
        r"function|trigger|schema|materialized)\b|\badd\s+column\b|\binsert\s+into\b|\bcomment\s+on\b",
        r"\balter\s+table\s+\S{1,100}\s+add\b|\balter\s+type\s+\S{1,100}\s+add\s+value\b",
        r"\bdrop\s+(?:index|view|trigger|function|default)\b",
        r"\bop\.(?:create_table|add_column|create_index|drop_index|bulk_insert)\(",
        r"\bmigrations\.(?:CreateModel|AddField|AddIndex|RemoveIndex|AlterModelOptions)\(",
        r"\b(?:create_table|add_column|add_index|add_reference|add_timestamps|remove_index)\b",
        r"\bSchema::(?:create|table)\(|\.(?:createTable|addColumn|addIndex|createIndex|table)\(",
        r"\.(?:CreateTable|AddColumn<\w{1,40}>|CreateIndex|InsertData)\(",
        r"^\s*create[ (]+(?:table|index|unique_index)|^\s*alter[ (]+table|^\s*add[ (]+:\w",
        r"<(?:createTable|addColumn|createIndex|insert)\b|\b(?:createTable|addColumn|createIndex)\s*:",
    ),
)


def judged_migrations(tree: SourceTree, changed: Iterable[str]) -> tuple[Migration, ...]:
    """Return each migration among the changed paths with its risk, in the order of their paths.

    `changed` are paths of the service's folder; what was removed is not in the tree and left out.
    """
    paths = sorted(path for path in set(changed) if migration_folder(path))
    return tuple(_judged(path, text) for path in paths if (text := tree.text(path)) is not None)


def _judged(path: str, text: str) -> Migration:
    found = sorted(_found(path, text), key=lambda one: WORST_RISKS_FIRST.index(one.risk))
    if found:
        return found[0]
    return Migration(
        path=path,
        risk="unknown",
        reason="holds no operation that is known here",
        evidence=first_line(path, text),
    )


def _found(path: str, text: str) -> Iterator[Migration]:
    down = _DOWN.search(text)
    up = text[: down.start()] if down else text
    for operation in _OPERATIONS:
        match = operation.pattern.search(_without_comments(up))
        if match:
            yield Migration(
                path=path,
                risk=operation.risk,
                reason=operation.reason,
                evidence=quoted_match(path, text, match),
            )


def _without_comments(text: str) -> str:
    # Blanked, not cut: places and lines stay those of the file.
    return re.sub(r"(?:--|#|//)[^\n]*", lambda match: " " * len(match[0]), text)
