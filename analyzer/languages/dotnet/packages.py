"""Which stores and which tool for migrations the packages of a .NET project name."""

from collections.abc import Iterator

from analyzer.facts import Fact
from analyzer.languages.dotnet.project import Project
from delightful.recommendation import Confidence

_DRIVERS = (
    ("Npgsql", "postgres"),
    ("Aspire.Npgsql", "postgres"),
    ("Marten", "postgres"),
    ("Microsoft.EntityFrameworkCore.SqlServer", "sqlserver"),
    ("Microsoft.Data.SqlClient", "sqlserver"),
    ("System.Data.SqlClient", "sqlserver"),
    ("AspNetCore.HealthChecks.SqlServer", "sqlserver"),
    ("Pomelo.EntityFrameworkCore.MySql", "mysql"),
    ("MySql", "mysql"),
    ("MySqlConnector", "mysql"),
    ("Aspire.MySqlConnector", "mysql"),
    ("Aspire.Pomelo", "mysql"),
    ("linq2db.MySql", "mysql"),
    ("MongoDB.Driver", "mongodb"),
    ("Aspire.MongoDB", "mongodb"),
    ("MongoDB.Entities", "mongodb"),
    ("Hangfire.Mongo", "mongodb"),
    ("MongoFramework", "mongodb"),
    ("Volo.Abp.EntityFrameworkCore.PostgreSql", "postgres"),
    ("Volo.Abp.EntityFrameworkCore.SqlServer", "sqlserver"),
    ("Volo.Abp.EntityFrameworkCore.MySQL", "mysql"),
    ("Volo.Abp.MongoDB", "mongodb"),
    ("Hangfire.PostgreSql", "postgres"),
    ("linq2db.PostgreSQL", "postgres"),
    ("ServiceStack.OrmLite.PostgreSQL", "postgres"),
    ("Aspire.Microsoft.Data.SqlClient", "sqlserver"),
    ("Aspire.Microsoft.EntityFrameworkCore.SqlServer", "sqlserver"),
    ("Hangfire.SqlServer", "sqlserver"),
    ("linq2db.SqlServer", "sqlserver"),
    ("ServiceStack.OrmLite.SqlServer", "sqlserver"),
    ("ServiceStack.OrmLite.MySql", "mysql"),
    ("AWSSDK.DynamoDBv2", "dynamodb"),
    ("Google.Cloud.Spanner", "spanner"),
    ("Microsoft.EntityFrameworkCore.Sqlite", "sqlite"),
    ("Microsoft.Data.Sqlite", "sqlite"),
    ("System.Data.SQLite", "sqlite"),
    ("SQLitePCLRaw", "sqlite"),
)
# A source puts them to use; others connect by themselves.
_CALLED = "Microsoft.Extensions.Caching.StackExchangeRedis"
_CLIENT = "StackExchange.Redis"
_CACHES = (
    ("Aspire.StackExchange.Redis", "redis"),
    (_CALLED, "redis"),
    (_CLIENT, "redis"),
    ("Volo.Abp.Caching.StackExchangeRedis", "redis"),
    ("EnyimMemcachedCore", "memcached"),
)
# What the packages that open a database have in their names.
_PACKAGE_WORDS = {
    "mongodb": ("mongo",),
    "mysql": ("mysql", "mariadb"),
    "postgres": ("npgsql", "postgre", "marten"),
    "sqlite": ("sqlite",),
    "sqlserver": ("sqlserver", "sqlclient"),
}
_IN_MEMORY = "Microsoft.EntityFrameworkCore.InMemory"
_MAPPER = "EntityFrameworkCore."
# What only watches what a driver does.
_WATCHES = ".OpenTelemetry"
# What only brings the ways to sign in.
_ASIDE = frozenset({"Microsoft.Data.SqlClient.Extensions.Azure"})
_MIGRATION_TOOLS = (
    ("Microsoft.EntityFrameworkCore", "ef-core"),
    ("FluentMigrator", "fluent-migrator"),
    ("dbup", "dbup"),
    ("Evolve", "evolve"),
)


def package_facts(project: Project) -> Iterator[Fact]:
    """Yield the stores whose drivers are installed, and what changes their tables."""
    for field, table in (("database", _DRIVERS), ("cache", _CACHES)):
        found = [
            (flavour, evidence)
            for name, evidence in project.packages.items()
            for package, flavour in table
            if (name == package or name.startswith(f"{package}."))
            and not name.endswith(_WATCHES)
            and name not in _ASIDE
        ]
        alone = len({flavour for flavour, _ in found}) == 1
        # Who maps objects to one database speaks to others at most.
        mapped = {flavour for flavour, evidence in found if _MAPPER in evidence.quote}
        for flavour, evidence in found:
            sure: Confidence = "medium" if alone or {flavour} == mapped else "low"
            is_client = any(name in evidence.quote for name in (_CALLED, _CLIENT))
            is_called = is_client and not evidence.file.startswith("../")
            rule = "dotnet/cache-driver" if is_called else "dotnet/package"
            yield Fact(field, flavour, rule, sure, evidence)
        embedded = next((evidence for flavour, evidence in found if flavour == "sqlite"), None)
        if embedded and not alone:
            # Who brings a store of its own beside a server's driver runs without the server.
            yield Fact(field, "sqlite", "dotnet/embedded-store", "low", embedded)
    for package, tool in _MIGRATION_TOOLS:
        for name, evidence in project.packages.items():
            if name == package or name.startswith(f"{package}."):
                yield Fact("migration_tool", tool, "dotnet/migration-tool", "medium", evidence)
                break


def is_opened(fact: Fact, project: Project) -> bool:
    """Say whether there is a package for what a connection string names.

    Others are left in settings by whoever made them from a template. SQL Server's client once came
    with the framework, so it needs none but where tables are kept in memory.
    """
    words = _PACKAGE_WORDS.get(str(fact.value), ())
    if fact.rule != "dotnet/connection-string" or not words:
        return True
    if fact.value == "sqlserver" and _IN_MEMORY not in project.packages:
        return True
    return any(word in name.lower() for name in project.packages for word in words)
