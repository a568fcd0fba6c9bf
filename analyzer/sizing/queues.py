"""Libraries that hand work to a queue, by what keeps the queue: one table an ecosystem."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, quoted
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

# Where the jobs wait: in the cache, in the service's own database, or in a broker of its own.
_PYTHON: Final = {
    "celery": "redis",
    "rq": "redis",
    "django-rq": "redis",
    "arq": "redis",
    "dramatiq": "redis",
    "huey": "redis",
    "taskiq": "redis",
    "procrastinate": "database",
    "django-q2": "database",
    "pika": "broker",
    "aio-pika": "broker",
    "kombu": "broker",
    "aiokafka": "broker",
    "confluent-kafka": "broker",
}
_NODE: Final = {
    "bull": "redis",
    "bullmq": "redis",
    "bee-queue": "redis",
    "@nestjs/bull": "redis",
    "@nestjs/bullmq": "redis",
    "pg-boss": "database",
    "graphile-worker": "database",
    "agenda": "database",
    "amqplib": "broker",
    "kafkajs": "broker",
}
_RUBY: Final = {
    "sidekiq": "redis",
    "resque": "redis",
    "delayed_job": "database",
    "delayed_job_active_record": "database",
    "good_job": "database",
    "solid_queue": "database",
    "que": "database",
    "sneakers": "broker",
    "bunny": "broker",
}
_GO: Final = {
    "github.com/hibiken/asynq": "redis",
    "github.com/riverqueue/river": "database",
    "github.com/rabbitmq/amqp091-go": "broker",
    "github.com/segmentio/kafka-go": "broker",
    "github.com/IBM/sarama": "broker",
}
_JVM: Final = {
    "spring-boot-starter-amqp": "broker",
    "spring-kafka": "broker",
    "spring-rabbit": "broker",
    "kafka-clients": "broker",
    "jobrunr": "database",
}
_PHP: Final = {
    "laravel/horizon": "redis",
    "symfony/messenger": "broker",
    "php-amqplib/php-amqplib": "broker",
}
_ELIXIR: Final = {"oban": "database", "exq": "redis", "broadway": "broker"}
_RUST: Final = {"apalis": "redis", "lapin": "broker", "rdkafka": "broker"}
_DOTNET: Final = {
    "Hangfire": "database",
    "MassTransit": "broker",
    "RabbitMQ.Client": "broker",
    "Confluent.Kafka": "broker",
}
_TABLES: Final = {
    "requirements.txt": _PYTHON,
    "pyproject.toml": _PYTHON,
    "Pipfile": _PYTHON,
    "package.json": _NODE,
    "Gemfile": _RUBY,
    "go.mod": _GO,
    "pom.xml": _JVM,
    "build.gradle": _JVM,
    "build.gradle.kts": _JVM,
    "composer.json": _PHP,
    "mix.exs": _ELIXIR,
    "Cargo.toml": _RUST,
}
_DEEPEST: Final = 3


def _pattern(names: dict[str, str]) -> Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return Pattern(rf"(?<![\w@/.-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w/-])")


_PATTERNS: Final = {id(table): _pattern(table) for table in (*_TABLES.values(), _DOTNET)}


def queue_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield each library of a queue that a dependency file names; the value is what keeps it."""
    for path in sorted({*tree.named(*_TABLES), *tree.ending(".csproj", ".txt")}):
        table = _table(path)
        if table is not None and path.count("/") < _DEEPEST and not is_aside(path):
            yield from _named(path, tree.text(path) or "", table)


def _table(path: str) -> dict[str, str] | None:
    name = path.rpartition("/")[2]
    if name.endswith(".csproj"):
        return _DOTNET
    if name.endswith(".txt") and "requirements" in path.split("/")[-2:][0] + name:
        return _PYTHON
    return _TABLES.get(name)


def _named(path: str, text: str, table: dict[str, str]) -> Iterator[Fact]:
    for match in _PATTERNS[id(table)].finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()].lstrip()
        if line.startswith(("#", "//", "<!--", "name", "description")):
            continue
        if path.endswith(".json") and not text.startswith('":', match.end()):
            continue
        evidence = quoted(path, text, match.start(), match.end())
        yield Fact("queue", table[match[0]], f"queue/{match[0]}", "high", evidence)
