"""Container images by name: which language runs in one, which store one is, which is a tool."""

from dataclasses import dataclass
from typing import Final

from analyzer.patterns import Pattern

_VERSION: Final = Pattern(r"v?(\d+(?:\.\d+){0,2})(?=$|[-_.+a-z])")
# Red Hat's names carry it without the dot: `python-311`, `nodejs-20`, `openjdk-17`.
_IN_NAME: Final = Pattern(r"[a-z]-?(\d{1,3})$")
_TWO_PARTS: Final = frozenset({"python", "php", "ruby"})

# By the repository's path. The first that matches holds, so the narrower come first.
_LANGUAGES: Final[tuple[tuple[Pattern[str], str], ...]] = tuple(
    (Pattern(pattern), language)
    for pattern, language in (
        (r"(?:^|/)dotnet/(?:.*/)?(?:aspnet|runtime|runtime-deps|sdk)$|/dotnet-\d", "dotnet"),
        (r"(?:^|/)(?:node|nodejs)(?:$|[-\d])|(?:^|/)bun$", "node"),
        (r"(?:^|/)(?:php|frankenphp)(?:$|[-\d])|/php-?(?:fpm|apache|nginx)", "php"),
        (r"(?:^|/)(?:j?ruby|passenger-ruby)(?:$|[-\d])", "ruby"),
        (r"(?:^|/)(?:python|pypy)(?:$|[-\d])|uvicorn|(?:^|/)uv$", "python"),
        (r"(?:^|/)(?:golang|go|xx-golang)(?:$|[-\d])", "go"),
        (r"(?:^|/)(?:rust|cargo-chef|muslrust|rust-musl-cross)(?:$|[-\d])", "rust"),
        (r"(?:^|/)elixir(?:$|-)", "elixir"),
        (
            r"(?:^|/)(?:java|openjdk|eclipse-temurin|amazoncorretto|ibm-semeru|sapmachine|maven|"
            r"gradle|tomcat|jetty|zulu|graalvm|jdk|jre)(?:$|[-\d:])|openjdk|graalvm",
            "java",
        ),
    )
)
# A version told beside the language's name, in the tag or in the repository's name.
_TOLD: Final = {
    "python": Pattern(r"py(?:thon)?-?(\d\.\d+(?:\.\d+)?)"),
    "node": Pattern(r"node(?:js)?-?(\d{1,2}(?:\.\d+){0,2})"),
    "java": Pattern(r"(?:jdk|jre|java|temurin|corretto)-?(\d{1,2})(?!\d)"),
    "php": Pattern(r"php-?(\d\.\d+(?:\.\d+)?)"),
    "ruby": Pattern(r"ruby-?(\d\.\d+(?:\.\d+)?)"),
    "rust": Pattern(r"rust-?(\d\.\d+(?:\.\d+)?)"),
    "go": Pattern(r"go(?:lang)?-?(\d\.\d+(?:\.\d+)?)"),
    "elixir": Pattern(r"elixir-?(\d\.\d+(?:\.\d+)?)"),
}
# Images whose tag is the version of something else.
_OTHER_TAG: Final = Pattern(
    r"(?:^|/)(?:uv|bun|maven|gradle|tomcat|jetty|cargo-chef|frankenphp)$|uvicorn"
)
# A server's or an application's image tells by its tag which language it was made with. Java's
# stands in tags of many servers that run what is written in something else.
_TAGGED: Final = Pattern(r"(?:^|-)(python|php|ruby|node|elixir)-?\d")

_STORES: Final[tuple[tuple[str, str, str], ...]] = (
    ("postgres", "database", "postgres"),
    ("postgis", "database", "postgres"),
    ("timescale", "database", "postgres"),
    ("pgvector", "database", "postgres"),
    ("pgvecto", "database", "postgres"),
    ("citus", "database", "postgres"),
    ("cockroach", "database", "postgres"),
    ("yugabyte", "database", "postgres"),
    ("mysql", "database", "mysql"),
    ("mariadb", "database", "mysql"),
    ("percona", "database", "mysql"),
    ("mongo", "database", "mongodb"),
    ("mssql", "database", "sqlserver"),
    ("azure-sql", "database", "sqlserver"),
    ("cassandra", "database", "cassandra"),
    ("scylla", "database", "cassandra"),
    ("dynamodb", "database", "dynamodb"),
    ("redis", "cache", "redis"),
    ("valkey", "cache", "redis"),
    ("keydb", "cache", "redis"),
    ("dragonfly", "cache", "redis"),
    ("memcached", "cache", "memcached"),
)
# A store's name in an image that is none: it looks at the store, or carries it away.
_NOT_A_STORE: Final = Pattern(
    r"exporter|backup|express|commander|insight|admin|operator|proxy|bouncer|client|browser|"
    r"dashboard|init|migrat|seed|setup|sync|connect|(?:^|[-_/])(?:ui|web|api|app|test)(?:$|[-_])"
)
_STORE_VERSION: Final = Pattern(r"(?:^|-)(?:pg)(\d{1,2})(?:$|[-.])")
_STORE_TAG: Final = Pattern(r"v?(\d+(?:\.\d+)?)")

_TOOLS: Final = Pattern(
    r"(?:^|/)(?:adminer|pgadmin|phpmyadmin|phppgadmin|pgweb|pghero|mongo-express|redis-commander|"
    r"redis-?insight|dbgate|cloudbeaver|mail-?hog|mailpit|mail-?catcher|maildev|smtp4dev|inbucket|"
    r"greenmail|nginx|httpd|traefik|caddy|haproxy|envoy|openresty|prometheus|grafana|jaeger|zipkin|"
    r"loki|promtail|tempo|opentelemetry|otel|fluent|cadvisor|statsd|datadog|newrelic|localstack|"
    r"minio|mc$|azurite|elasticsearch|opensearch|kibana|logstash|solr|rabbitmq|kafka|cp-|"
    r"zookeeper|redpanda|pulsar|nats|(?:eclipse-)?mosquitto|emqx|hivemq|vernemq|activemq|artemis|elasticmq|vault|"
    r"consul|etcd|keycloak|dex|hydra|meilisearch|"
    r"typesense|clickhouse|influxdb|neo4j|qdrant|weaviate|milvus|busybox|alpine|debian|ubuntu|"
    r"certbot|selenium|chrome|browserless|playwright|gotenberg|tika|portainer|watchtower|"
    r"ofelia|docker|curl|wait-for|dockerize|wiremock|mockserver|swagger-ui|temporal|flagd|pgbouncer|"
    r"oauth2-proxy|openldap|glauth|ngrok|cloudflared|imgproxy|varnish|collabora|coturn)"
)


@dataclass(frozen=True)
class Image:
    """A reference `registry/repository:tag@digest`, without registry and digest, in lower case."""

    repository: str
    tag: str

    @property
    def name(self) -> str:
        """Return the repository's last part."""
        return self.repository.rpartition("/")[2]


@dataclass(frozen=True)
class Store:
    """A database or cache that an image is; `version` is empty where the tag tells none."""

    field: str
    flavour: str
    version: str


def image_of(reference: str) -> Image:
    """Return a reference's parts."""
    path, _, tag = reference.strip().lower().partition("@")[0].partition(":")
    if "/" in tag:  # a registry's port
        path, _, tag = f"{path}:{tag}".rpartition(":")
        if "/" in tag:
            path, tag = f"{path}:{tag}", ""
    host, _, rest = path.partition("/")
    is_host = bool(rest) and ("." in host or ":" in host or host == "localhost")
    return Image(rest if is_host else path, tag)


def language_of(image: Image) -> str | None:
    """Return the language that an image is made for."""
    for pattern, language in _LANGUAGES:
        if pattern.search(image.repository):
            return language
    tagged = _TAGGED.search(image.tag)
    return tagged[1] if tagged else None


def version_of(image: Image, language: str) -> str | None:
    """Return the version of the language that an image tells."""
    told = _TOLD.get(language)
    for text in (image.tag, image.name):
        match = told.search(text) if told else None
        if match:
            return match[1]
    if _OTHER_TAG.search(image.repository):
        return None
    named = _IN_NAME.search(image.name)
    if named:
        digits = named[1]
        return f"{digits[0]}.{digits[1:]}" if language in _TWO_PARTS and digits[1:] else digits
    match = _VERSION.match(image.tag)
    return match[1] if match else None


def store_of(image: Image) -> Store | None:
    """Return the store that an image is, its own or one built upon it."""
    if _NOT_A_STORE.search(image.name):
        return None
    for word, field, flavour in _STORES:
        if word in (image.repository if flavour == "sqlserver" else image.name):
            match = _STORE_VERSION.search(image.tag) or _STORE_TAG.match(image.tag)
            return Store(field, flavour, match[1] if match else "")
    return None


def is_tool(image: Image) -> bool:
    """Say whether an image is something that stands beside services and is none of one's own."""
    return bool(_TOOLS.search(image.repository))
