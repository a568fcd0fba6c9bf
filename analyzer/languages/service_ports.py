"""Which names and addresses are those of the port that the service itself listens on."""

from typing import Final

from analyzer.patterns import Pattern

# A name ends in one of these where a port or an address to listen on stands behind it.
_ENDS: Final = Pattern(
    r"(?:^|_|http|server|web|app|api|pub|listen|bind)"
    r"(?:port|addr|addrs|address|listen|listener|bind|interface|endpoint|hostport)$"
)
_FOREIGN_WORDS: Final = Pattern(
    r"admin|amqp|broker|cache|cassandra|clickhouse|client|cluster|collector|"
    r"consul|database|datadog|db|debug|dest|discovery|dns|elastic|elasticsearch|"
    r"email|etcd|external|forward|frontend|ftpd?|gossip|gpsd|graphite|grpc|https|"
    r"imap|influx|influxdb|internal|jaeger|kafka|ldaps|ldap|mail|mailer|memcache|"
    r"memcached|metric|metrics|minio|mongo|mongodb|monitor|monitoring|mqtt|"
    r"mysql|nats|node|otel|otlp|peer|pg|pgsql|pop|pop3|postgres|postgresql|"
    r"pprof|private|probe|profile|profiler|profiling|prom|prometheus|proxy|public|"
    r"queue|rabbit|rabbitmq|raft|redis|relay|remote|replica|rpc|s3|secure|"
    r"sftpd?|smtpd?|socks|source|sql|sshd?|ssl|statsd|stun|syslog|target|tcp|"
    r"telemetry|tls|turn|udp|ui|unix|upstream|url|varnish|vault|webpack|websocket|ws|wss|"
    r"xmpp|zipkin"
)
# Ports that other services are reached at, and the one for traffic that is encrypted elsewhere.
_FOREIGN_PORTS: Final = Pattern(
    r"2[125]|53|110|143|389|443|465|514|587|636|99[35]|1025|1433|1521|1883|2181|2379|2525|3306|6060"
    r"|4222|431[78]|4566|5432|5601|567[12]|5984|608[12]|6379|6380|6432|6831"
    r"|8025|8086|8125|8883|9042|9092|9200|9300|9411|102[56]\d|11211|15672|16686|26257|26379|2701[78]"
)
# How far before a value its block may have been opened.
_NEAR: Final = 4000
_WORD: Final = Pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PORT: Final = Pattern(r"(?:^|:)(\d{2,5})/?$")


def words_of(name: str) -> list[str]:
    """Return the words that a name is made of, whichever way they are joined, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def has_word(name: str, words: Pattern[str]) -> bool:
    """Say whether one of the words that a name is made of is among some."""
    return any(words.fullmatch(word) for word in words_of(name))


def is_foreign(name: str) -> bool:
    """Say whether a name tells of another server than the one that answers HTTP."""
    return has_word(name, _FOREIGN_WORDS)


def names_own_port(name: str) -> bool:
    """Say whether a variable, flag, key or field of that name holds the service's own port."""
    words = words_of(name)
    if not words or is_foreign(name):
        return False
    return _ENDS.search("_".join(words)) is not None


def is_of_another(text: str, start: int, opener: Pattern[str]) -> bool:
    """Say whether the block that was opened last before a position is another service's.

    `opener` finds a block's name as its first group that matched.
    """
    begin = max(start - _NEAR, 0)
    found = opener.finditer(text, begin, start)
    names = [next(filter(None, match.groups()), "") for match in found]
    return bool(names) and is_foreign(names[-1])


def is_foreign_port(port: int) -> bool:
    """Say whether others are reached at a port: stores, queues, mail, or what is encrypted."""
    return _FOREIGN_PORTS.fullmatch(str(port)) is not None


def own_port(address: str, name: str = "") -> int | None:
    """Return the port of an address or a number; None where it is none or another service's.

    One that is known as another's counts where the name that it has speaks of HTTP.
    """
    match = _PORT.search(address.strip())
    port = int(match[1]) if match else 0
    is_known = _FOREIGN_PORTS.fullmatch(str(port)) and "http" not in words_of(name)
    return port if 80 <= port < 65536 and not is_known else None
