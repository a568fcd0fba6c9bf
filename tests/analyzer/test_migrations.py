"""A changed migration is judged by what its way up does, in SQL and in the tools' own words."""

import pytest

from analyzer import SourceTree, analyze
from analyzer.migration_heads import migration_folder, migration_heads
from analyzer.migrations import judged_migrations
from delightful.recommendation import worst_risk

JUDGED = {
    "db/migrations/1_a.up.sql": ("CREATE TABLE a (id int);\n", "expand"),
    "migrations/2.sql": ("ALTER TABLE a ADD COLUMN b text;\n", "expand"),
    "migrations/3.sql": ("ALTER TABLE a ADD COLUMN b text NOT NULL;\n", "contract"),
    "migrations/4.sql": ("ALTER TABLE a ADD COLUMN b text NOT NULL DEFAULT '';\n", "expand"),
    "migrations/5.sql": ("-- DROP TABLE in words only\nCREATE INDEX i ON a (b);\n", "expand"),
    "migrations/6.sql": ("ALTER TABLE a RENAME COLUMN b TO c;\n", "contract"),
    "migrations/7.sql": ("ALTER TABLE a DROP COLUMN b;\n", "irreversible"),
    "migrations/8.sql": ("ALTER TABLE a DROP CONSTRAINT b;\nCREATE TABLE c ();\n", "expand"),
    "migrations/9.sql": ("DELETE FROM a WHERE b < 3;\n", "irreversible"),
    "migrations/goose.sql": (
        "-- +goose Up\nCREATE TABLE a();\n-- +goose Down\nDROP TABLE a;\n",
        "expand",
    ),
    "migrations/odd.sql": ("SELECT 1;\n", "unknown"),
    "alembic/versions/a.py": (
        "def upgrade():\n    op.add_column('a', sa.Column('b', sa.Text(), nullable=False))\n\n\n"
        "def downgrade():\n    op.drop_column('a', 'b')\n",
        "contract",
    ),
    "shop/migrations/0002_x.py": (
        "migrations.RemoveField(model_name='a', name='b')\n",
        "irreversible",
    ),
    "shop/migrations/0003_x.py": ("migrations.AddField('a', 'b', models.TextField())\n", "expand"),
    "shop/migrations/0004_x.py": ("migrations.RunPython(forwards)\n", "unknown"),
    "db/migrate/1_a.rb": ("def change\n  remove_column :a, :b, :string\nend\n", "irreversible"),
    "db/migrate/2_a.rb": (
        "def up\n  add_column :a, :b, :string\nend\n\ndef down\n  remove_column :a, :b\nend\n",
        "expand",
    ),
    "database/migrations/a.php": (
        "public function up() {\n  Schema::table('a', fn ($t) => $t->renameColumn('b', 'c'));\n}\n"
        "public function down() {\n  Schema::dropIfExists('a');\n}\n",
        "contract",
    ),
    "migrations/a.js": (
        "exports.up = (k) => k.schema.createTable('a', (t) => t.increments());\n"
        "exports.down = (k) => k.schema.dropTable('a');\n",
        "expand",
    ),
    "src/migrations/1-a.ts": (
        "  public async up(q: QueryRunner) { await q.query(`ALTER TABLE a DROP COLUMN b`); }\n"
        "  public async down(q: QueryRunner) { await q.query(`ALTER TABLE a ADD b int`); }\n",
        "irreversible",
    ),
    "Migrations/2020_A.cs": (
        'protected override void Up(MigrationBuilder m)\n{\n m.AlterColumn<string>(name: "b");\n}\n'
        'protected override void Down(MigrationBuilder m)\n{\n m.DropTable(name: "a");\n}\n',
        "contract",
    ),
    "priv/repo/migrations/1_a.exs": (
        "def change do\n  create table(:a) do\n    add :b, :string\n  end\nend\n",
        "expand",
    ),
    "src/main/resources/db/changelog/1.xml": (
        "<changeSet><dropColumn tableName='a'/></changeSet>\n",
        "irreversible",
    ),
}


@pytest.mark.parametrize("path", JUDGED)
def test_a_migration_is_judged_by_its_way_up(path: str) -> None:
    """Comments and the way down do not count; the line that decides is quoted."""
    text, risk = JUDGED[path]
    tree = SourceTree.of_files({path: text})
    (migration,) = judged_migrations(tree, [path])
    assert migration.risk == risk
    quoted = text.split("\n")[migration.evidence.line - 1]
    assert migration.evidence.quote in quoted


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shop/migrations/__init__.py", False),
        ("alembic/env.py", False),
        ("db/schema.rb", False),
        ("Migrations/ShopModelSnapshot.cs", False),
        ("migrations/1_a.down.sql", False),
        ("src/app.py", False),
        ("prisma/migrations/2020_a/migration.sql", True),
    ],
)
def test_only_steps_of_a_schema_are_migrations(path: str, expected: bool) -> None:
    """Package markers, snapshots and the way down alone are none."""
    assert (migration_folder(path) is not None) is expected


def test_only_changed_migrations_are_judged() -> None:
    """Old ones have run already, removed ones are gone; without a comparison there are none."""
    tree = SourceTree.of_files({path: text for path, (text, _) in JUDGED.items()})
    changed = ["migrations/6.sql", "migrations/7.sql", "migrations/gone.sql", "src/app.py"]
    said = analyze(tree, None, service="shop", commit="0" * 40, changed=changed)
    assert said.migrations is not None
    assert [one.path for one in said.migrations] == changed[:2]
    assert worst_risk(said.migrations) == "irreversible"
    assert analyze(tree, None, service="shop", commit="0" * 40).migrations is None


def alembic(revision: str, below: str) -> str:
    """Return a migration as Alembic writes it."""
    return f'revision: str = "{revision}"\ndown_revision: Union[str, None] = {below}\n'


@pytest.mark.parametrize(
    ("files", "heads"),
    [
        ({"db/migrations/V2__b.sql": "", "db/migrations/V10__a.sql": ""}, ["V10__a.sql"]),
        ({"db/migrations/9_a.up.sql": "", "db/migrations/10_a.down.sql": ""}, ["9_a.up.sql"]),
        (
            {
                "db/migrations/ffff_first.py": alembic("ffff", "None"),
                "db/migrations/aaaa_last.py": alembic("aaaa", '"ffff"'),
            },
            ["aaaa_last.py"],
        ),
        (
            {
                "db/migrations/1/migration.sql": "",
                "db/migrations/2/migration.sql": "",
                "tests/migrations/3.sql": "",
            },
            ["2/migration.sql"],
        ),
        ({"src/change.py": ""}, []),
    ],
)
def test_the_newest_migration_is_the_head(files: dict[str, str], heads: list[str]) -> None:
    """Numbers count as numbers, a chain ends at what no other builds on, tests have none."""
    found = migration_heads(SourceTree.of_files(files))
    assert list(found) == [f"db/migrations/{head}" for head in heads]


def test_each_folder_has_a_head() -> None:
    """Two applications of one service migrate each for itself."""
    files = {
        "a/migrations/0001_x.py": "",
        "a/migrations/0002_x.py": "",
        "b/migrations/0001_y.py": "",
    }
    found = migration_heads(SourceTree.of_files(files))
    assert found == ("a/migrations/0002_x.py", "b/migrations/0001_y.py")
