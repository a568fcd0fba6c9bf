"""What gems say of a Ruby service: framework, stores, workers."""

from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.ruby.project import RubyProject
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

# The one that sits on top comes first: Rails may mount Grape, Grape brings Rack.
FRAMEWORKS: Final = (
    ("rails", "rails"),
    ("railties", "rails"),
    ("hanami", "hanami"),
    ("padrino", "padrino"),
    ("grape", "grape"),
    ("roda", "roda"),
    ("sinatra", "sinatra"),
    ("cuba", "cuba"),
    ("rack", "rack"),
)
DATABASES: Final = {
    "pg": "postgres",
    "sequel_pg": "postgres",
    "postgres-pr": "postgres",
    "activerecord-cockroachdb-adapter": "postgres",
    "activerecord-jdbcpostgresql-adapter": "postgres",
    "jdbc-postgres": "postgres",
    "activerecord-postgis-adapter": "postgres",
    "mysql2": "mysql",
    "activerecord-jdbcmysql-adapter": "mysql",
    "jdbc-mysql": "mysql",
    "trilogy": "mysql",
    "activerecord-trilogy-adapter": "mysql",
    "mongoid": "mongodb",
    "mongo": "mongodb",
    "mongo_mapper": "mongodb",
    "tiny_tds": "sqlserver",
    "activerecord-sqlserver-adapter": "sqlserver",
    "aws-sdk-dynamodb": "dynamodb",
    "dynamoid": "dynamodb",
    "sqlite3": "sqlite",
}
SERVERS: Final = ("puma", "unicorn", "falcon", "thin", "passenger", "iodine")
_NEED_REDIS: Final = (
    "sidekiq",
    "resque",
    "kredis",
    "redis-rails",
    "redis-session-store",
    "redis-actionpack",
    "redis-store",
)
# These two come in wrappers and with extensions, all of which bring them along.
_ON_REDIS: Final = Pattern(r"(?:^|[_-])(?:sidekiq|resque)(?:$|[_-](?!client))")
_QUEUES: Final = (
    "sidekiq",
    "resque",
    "delayed_job_active_record",
    "delayed_job_mongoid",
    "delayed_job",
    "good_job",
    "que",
    "shoryuken",
    "sneakers",
    "karafka",
    "queue_classic",
    "racecar",
)
# What waits for messages or keeps hours, in a process of its own where nothing is served.
_CONSUMERS: Final = (
    *("bunny", "advance", "hutch", "kicks", "rdkafka", "ruby-kafka", "racecar", "karafka"),
    *("govuk_message_queue_consumer", "discordrb", "telegram-bot-ruby", "slack-ruby-bot"),
    *("slack-ruby-client", "cinch", "clockwork", "rufus-scheduler", "aws-sdk-sqs", "shoryuken"),
)
_PORTS: Final = {
    "rails": 3000,
    "hanami": 2300,
    "padrino": 3000,
    "sinatra": 4567,
    "grape": 9292,
    "roda": 9292,
    "cuba": 9292,
    "rack": 9292,
}


def framework_facts(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    """Yield the framework whose gem sits on top."""
    known = [pair for pair in FRAMEWORKS if pair[0] in project.gems]
    for gem, framework in known[:1]:
        if gem == "railties" and project.gemspec is None and not has_application(tree):
            continue
        evidence = project.gems[gem]
        # What a gem brings is for those who use it, an application beside it or not.
        is_brought = evidence.file == project.gemspec
        sure: Confidence = "high" if has_application(tree) and not is_brought else "medium"
        yield Fact("framework", framework, "ruby/gem", sure, evidence)


def served_gem(project: RubyProject) -> Evidence | None:
    """Return the server that a gem brings along with a framework: it is run, not added."""
    if project.gemspec is None:
        return None
    brought = {gem: line for gem, line in project.gems.items() if line.file == project.gemspec}
    is_answering = any(gem in brought for gem, _ in FRAMEWORKS)
    return next((brought[gem] for gem in SERVERS if gem in brought and is_answering), None)


def has_application(tree: SourceTree) -> bool:
    """Say whether the tree holds an application, not only a gem."""
    return "config.ru" in tree or "config/application.rb" in tree or "app.rb" in tree


def default_port_facts(tree: SourceTree, frameworks: Sequence[Fact]) -> Iterator[Fact]:
    """Yield the port on which the framework listens where nothing else is said."""
    for fact in frameworks:
        rackup = fact.value == "sinatra" and "config.ru" in tree and not _is_classic(tree)
        port = 9292 if rackup else _PORTS[str(fact.value)]
        yield Fact("port", port, "ruby/framework-port", "low", fact.evidence)


def _is_classic(tree: SourceTree) -> bool:
    return any(
        "require 'sinatra'" in (tree.text(path) or "")
        for path in tree.top_level
        if path.endswith(".rb")
    )


def store_facts(project: RubyProject) -> Iterator[Fact]:
    """Yield database and cache whose gems run in production."""
    drivers = {gem: line for gem, line in project.gems.items() if gem in DATABASES}
    # A gem's own Gemfile holds what its authors try it with.
    brought = {gem for gem, line in drivers.items() if line.file == project.gemspec}
    flavours = {DATABASES[gem] for gem in brought or drivers}
    # Beside a server's gem the file is for developers, and a table of Amazon's for a part; gems of
    # several servers leave it open.
    likely = flavours - {"sqlite", "dynamodb"} or flavours - {"sqlite"} or flavours
    sure: Confidence = "medium" if len(likely) == 1 else "low"
    for gem, flavour in DATABASES.items():
        if gem in drivers and flavour in likely:
            yield Fact("database", flavour, "ruby/driver", sure, drivers[gem])
    for gem, evidence in project.gems.items():
        if gem in _NEED_REDIS or _ON_REDIS.search(gem):
            yield Fact("cache", "redis", "ruby/needs-redis", "high", evidence)
    for gem, cache in (("redis", "redis"), ("dalli", "memcached")):
        if gem in project.gems:
            yield Fact("cache", cache, "ruby/cache-client", "medium", project.gems[gem])


def worker_facts(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    """Yield what shows that jobs run in a process of their own, or that nothing else does."""
    consumer = project.evidence(*_CONSUMERS)
    is_served = has_application(tree) or any(framework_facts(tree, project))
    queues = [line for gem, line in project.gems.items() if gem in _QUEUES or _ON_REDIS.search(gem)]
    alone = consumer or next(iter(queues), None)
    if alone and not is_served and project.gemspec is None:
        yield Fact("kind", "worker", "ruby/consumer", "medium", alone)
    for evidence in queues:
        yield Fact("worker", True, "ruby/queue", "medium", evidence)
