"""A release records what its migrations do to the release that was good before it."""

from pathlib import Path

import pytest

from delightful.release import Release, SchemaChange
from delightful.render import release_card, release_text
from flows.deploy import deploy
from flows.rollback import rollback
from tests.flows.conftest import MANIFEST
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.materials.test_source_tree import git

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("told_plainly")]


class Repository:
    """A git repository of one service; each commit adds a file and may be deployed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        git(folder, "init", "--quiet")
        self.history: list[str] = []

    def commit(self, name: str, text: str) -> str:
        """Add a file and return the commit."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", name)
        self.history.insert(0, git(self.folder, "rev-parse", "HEAD"))
        return self.history[0]

    def deployed(self, *, source: str | None = None, dry_run: bool = False) -> Release:
        """Deploy the last commit."""
        return deploy(
            service="api",
            environment="sandbox",
            commit=self.history[0],
            source=source or str(self.folder),
            history=self.history,
            dry_run=dry_run,
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a repository whose service has one migration."""
    made = Repository(tmp_path)
    made.commit(".delightful.yaml", MANIFEST)
    made.commit("server.py", "print('hello')\n")
    made.commit("migrations/1_first.sql", "CREATE TABLE a (id int);\n")
    return made


def schema_of(release: Release) -> SchemaChange:
    """Return what a release says of its migrations; it says something."""
    assert release.migrations is not None
    return release.migrations


def test_the_first_release_is_compared_with_nothing(
    cloud: FakeCloud, repository: Repository
) -> None:
    """It names the schema that it belongs to and judges nothing."""
    release = repository.deployed()
    assert schema_of(release) == SchemaChange(heads=("migrations/1_first.sql",))
    assert "not compared: migrations/1_first.sql" in release_text(release)


def test_what_changed_since_the_good_release_is_judged(
    cloud: FakeCloud, repository: Repository
) -> None:
    """All commits since GOOD count, the worst risk is the judgement, and the card shows it."""
    good = repository.deployed()
    repository.commit("migrations/2_more.sql", "ALTER TABLE a ADD COLUMN b text;\n")
    repository.commit("migrations/3_less.sql", "ALTER TABLE a DROP COLUMN b;\n")
    release = repository.deployed()
    schema = schema_of(release)
    assert (schema.since, schema.judgement) == (good.commit, "irreversible")
    assert [one.path for one in schema.changed] == [
        "migrations/3_less.sql",
        "migrations/2_more.sql",
    ]
    assert schema.heads == ("migrations/3_less.sql",)
    assert cloud.ledger("api").get(release.release_id).migrations == schema
    said = f"irreversible: 2 changed since {good.commit[:12]}, migrations/3_less.sql drops a table"
    assert said in release_text(release)
    assert "| migrations | irreversible" in release_card(release)


def test_a_failed_release_is_no_ground_for_comparison(
    cloud: FakeCloud, repository: Repository
) -> None:
    """What a release that never was good has changed is judged again with the next one."""
    good = repository.deployed()
    cloud.wrong.add(repository.commit("migrations/2_less.sql", "DROP TABLE a;\n"))
    with pytest.raises(Exception, match="status 500"):
        repository.deployed()
    repository.commit("server.py", "print('mended')\n")
    schema = schema_of(repository.deployed())
    assert (schema.since, schema.judgement) == (good.commit, "irreversible")


def test_nothing_changed_is_told_as_such(cloud: FakeCloud, repository: Repository) -> None:
    """Compared, and no migration among what differs: no risk."""
    good = repository.deployed()
    repository.commit("server.py", "print('other')\n")
    release = repository.deployed(dry_run=True)
    assert (schema_of(release).since, schema_of(release).judgement) == (good.commit, None)
    assert f"none changed since {good.commit[:12]}" in release_text(release)


def test_a_source_without_history_is_compared_with_nothing(
    cloud: FakeCloud, repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A plain folder knows no earlier commit: that is told, and nothing fails."""
    repository.deployed()
    plain = tmp_path_factory.mktemp("plain")
    (plain / ".delightful.yaml").write_text(MANIFEST)
    repository.commit("migrations/2_less.sql", "DROP TABLE a;\n")
    schema = schema_of(repository.deployed(source=str(plain)))
    assert (schema.since, schema.judgement) == (None, None)


def test_a_rollback_migrates_nothing(cloud: FakeCloud, repository: Repository) -> None:
    """Its record says nothing of migrations; those of the release that it left stay with that."""
    repository.deployed()
    repository.commit("migrations/2_more.sql", "CREATE TABLE b (id int);\n")
    left = repository.deployed()
    back = rollback(service="api", environment="sandbox")
    assert back.migrations is None
    assert schema_of(cloud.ledger("api").get(left.release_id)).judgement == "expand"
