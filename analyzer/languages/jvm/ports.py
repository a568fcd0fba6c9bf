"""Ports that settings give, whichever framework reads them."""

import re
from collections.abc import Iterator, Sequence

from analyzer.facts import Fact, is_port
from analyzer.languages.jvm.settings import Setting

# A number, or the default of a placeholder: `${PORT:8080}`.
_PORT = re.compile(r"(\d{2,5})|\$\{[\w.-]{1,80}:-?(?:\$\{[\w.-]{1,80}:-?)?(\d{2,5})\}{1,2}")
_KEYS = frozenset(
    {
        "server.port",
        "quarkus.http.port",
        "micronaut.server.port",
        "ktor.deployment.port",
        "play.server.http.port",
        "server.connector.port",
    }
)
# Keys that people choose themselves; `port` alone may be that of anything.
_LIKELY_KEYS = frozenset(
    {
        "app.port",
        "application.port",
        "appport",
        "http.port",
        "http.server.port",
        "httpport",
        "port",
        "serverport",
        "web.port",
    }
)
_LIKELY_ENDS = (".rest.port", ".http.port", ".web.port", ".api.port")
_CONNECTORS = "server.applicationconnectors.port"


def port_facts(settings: Sequence[Setting]) -> Iterator[Fact]:
    """Yield the ports of the default settings; a profile's own are only likely."""
    connectors = [setting for setting in settings if setting.key == _CONNECTORS]
    for setting in (*settings, *connectors[:1]):
        port = _port(setting.value)
        if port is None:
            continue
        evidence = setting.whole_evidence
        if setting.key in _KEYS or setting in connectors[:1]:
            if setting.profile == "example":
                yield Fact("port", port, "jvm/port-of-example", "medium", evidence)
            elif setting.is_default:
                yield Fact("port", port, "jvm/port-setting", "high", evidence)
            else:
                yield Fact("port", port, "jvm/port-of-profile", "low", evidence)
        elif setting.key in _LIKELY_KEYS:
            yield Fact("port", port, "jvm/port-like-setting", "medium", evidence)
        elif setting.is_default and setting.key.endswith(_LIKELY_ENDS):
            yield Fact("port", port, "jvm/port-like-setting", "low", evidence)


def _port(value: str) -> int | None:
    match = _PORT.fullmatch(value.strip())
    text = (match[1] or match[2]) if match else None
    return int(text) if text and is_port(text) else None
