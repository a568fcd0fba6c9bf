"""Environment variables: placeholders of settings, and names by which settings are overruled."""

import re
from collections.abc import Iterator, Sequence

from analyzer.facts import Fact
from analyzer.languages.jvm.build import artifact_in
from analyzer.languages.jvm.frameworks import Framework
from analyzer.languages.jvm.project import Project
from analyzer.languages.jvm.settings import Setting, canonical
from analyzer.patterns import Pattern

_FIELD = "environment_variables"
_PLACEHOLDER = Pattern(r"\$\{\??([A-Za-z][\w.-]{0,80})(?=[:}])")
_WHOLE = Pattern(r"\$\{[^{}]{0,200}(?:\$\{[^{}]{0,200}\}[^{}]{0,200})?\}")
_VARIABLE = Pattern(r"[A-Z][A-Z0-9_]{2,60}|[a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,6}")
# Without a default it is as often filled by the build.
_PLAIN = Pattern(r"\$\{([a-z][a-z0-9]{1,30}):")
# Settings whose value depends on where the service runs, by the last part of their key.
_OF_THE_PLACE = Pattern(
    r"(?:url|uri|jdbcurl|host|hosts|hostname|username|user|password|passwd|secret|token|apikey"
    r"|accesskey|secretkey|accesstoken|clientid|clientsecret|endpoint|bootstrapservers|brokers"
    r"|servers|addresses|address|connectstring|connectionstring|baseurl|jwtsecret|privatekey|publickey|keystorepassword)"
)
# Choices that a class of settings offers.
_CHOSEN = frozenset({"provider", "type", "name", "region", "bucket", "topic", "queue", "enabled"})
# Built in, or true of every service: nobody has to be told of them.
_OF_NO_USE = Pattern(
    r"(?:user|java|os|project|env|git|maven|application|random)\.|(?:logging|springdoc)\."
)
# What a framework's extension asks for, by the names that its documentation gives.
_SPRING = (
    (
        ("spring-boot-starter-data-jpa", "spring-boot-starter-jdbc",
         "spring-boot-starter-data-jdbc", "spring-boot-starter-jooq",
         "mybatis-spring-boot-starter", "mybatis-plus-boot-starter"),
        ("SPRING_DATASOURCE_URL", "SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD"),
    ),
    (
        ("spring-boot-starter-data-r2dbc",),
        ("SPRING_R2DBC_URL", "SPRING_R2DBC_USERNAME", "SPRING_R2DBC_PASSWORD"),
    ),
    (
        ("spring-boot-starter-data-mongodb", "spring-boot-starter-data-mongodb-reactive"),
        ("SPRING_DATA_MONGODB_URI",),
    ),
    (
        ("spring-boot-starter-data-redis", "spring-boot-starter-data-redis-reactive"),
        ("SPRING_DATA_REDIS_HOST", "SPRING_DATA_REDIS_PORT", "SPRING_DATA_REDIS_PASSWORD"),
    ),
    (
        ("spring-boot-starter-amqp", "spring-rabbit"),
        ("SPRING_RABBITMQ_HOST", "SPRING_RABBITMQ_USERNAME", "SPRING_RABBITMQ_PASSWORD"),
    ),
    (("spring-kafka", "spring-boot-starter-kafka"), ("SPRING_KAFKA_BOOTSTRAP_SERVERS",)),
)  # fmt: skip
_QUARKUS = (
    (
        ("quarkus-jdbc-postgresql", "quarkus-jdbc-mysql", "quarkus-jdbc-mariadb",
         "quarkus-jdbc-mssql"),
        ("QUARKUS_DATASOURCE_JDBC_URL", "QUARKUS_DATASOURCE_USERNAME",
         "QUARKUS_DATASOURCE_PASSWORD"),
    ),
    (
        ("quarkus-reactive-pg-client", "quarkus-reactive-mysql-client"),
        ("QUARKUS_DATASOURCE_REACTIVE_URL", "QUARKUS_DATASOURCE_USERNAME",
         "QUARKUS_DATASOURCE_PASSWORD"),
    ),
    (
        ("quarkus-mongodb-client", "quarkus-mongodb-panache"),
        ("QUARKUS_MONGODB_CONNECTION_STRING", "QUARKUS_MONGODB_HOSTS"),
    ),
    (("quarkus-redis-client",), ("QUARKUS_REDIS_HOSTS",)),
    (
        ("quarkus-messaging-kafka", "quarkus-kafka-client",
         "quarkus-smallrye-reactive-messaging-kafka"),
        ("KAFKA_BOOTSTRAP_SERVERS",),
    ),
)  # fmt: skip
# Of these every setting can be given by a variable of its name.
_RELAXED = frozenset({"spring-boot", "quarkus", "micronaut", "helidon"})
_MICROPROFILE = ("microprofile-config-api", "smallrye-config", "smallrye-config-core")
_EXTENSIONS = {"spring-boot": _SPRING, "quarkus": _QUARKUS}


def variable_facts(
    project: Project, framework: Framework | None, settings: Sequence[Setting]
) -> Iterator[Fact]:
    """Yield the variables that settings read, and those by which they are overruled."""
    keys = {setting.key for setting in settings}
    is_microprofile = artifact_in(project.dependencies, *_MICROPROFILE) is not None
    is_relaxed = is_microprofile or (framework is not None and framework.name in _RELAXED)
    for setting in settings:
        yield from _placeholders(setting, keys)
        if is_relaxed:
            yield from _plain_placeholders(setting, keys)
            yield from _relaxed(setting)
    for artifacts, names in _EXTENSIONS.get(framework.name, ()) if framework else ():
        evidence = artifact_in(project.dependencies, *artifacts)
        if evidence:
            for name in names:
                yield Fact(_FIELD, name, "jvm/extension-variable", "medium", evidence)


def relaxed(key: str) -> str:
    """Return the variable that sets a key, as Spring and MicroProfile read it."""
    return re.sub(r"[^A-Z0-9]", "_", key.upper())


def depends_on_place(name: str) -> bool:
    """Say whether a setting of that name differs with where the service runs."""
    plain = canonical(name)
    return bool(_OF_THE_PLACE.fullmatch(plain)) or plain in _CHOSEN


def _placeholders(setting: Setting, keys: set[str]) -> Iterator[Fact]:
    if "${" not in setting.text:
        return
    for match in _PLACEHOLDER.finditer(setting.text):
        name = match[1]
        evidence = setting.evidence_of(name)
        if _VARIABLE.fullmatch(name):
            yield Fact(_FIELD, name.upper(), "jvm/placeholder", "high", evidence)
        elif canonical(name) not in keys and "." in name and not _OF_NO_USE.match(name):
            yield Fact(_FIELD, relaxed(name), "jvm/key-placeholder", "medium", evidence)


def _plain_placeholders(setting: Setting, keys: set[str]) -> Iterator[Fact]:
    """A word of its own is looked up in the environment as it stands and in upper case."""
    for match in _PLAIN.finditer(setting.text) if "${" in setting.text else ():
        name = match[1]
        if name not in keys:
            evidence = setting.evidence_of(name)
            yield Fact(_FIELD, name.upper(), "jvm/key-placeholder", "medium", evidence)


def _relaxed(setting: Setting) -> Iterator[Fact]:
    # What is a placeholder as a whole is set by that.
    is_placed = _WHOLE.fullmatch(setting.value) is not None
    if not setting.is_default or is_placed or _OF_NO_USE.match(setting.key):
        return
    above, _, last = setting.key.rpartition(".")
    if above and "[" not in above and _OF_THE_PLACE.fullmatch(last):
        name = relaxed(setting.key)
        yield Fact(_FIELD, name, "jvm/relaxed-name", "low", setting.evidence)
