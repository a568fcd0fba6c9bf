"""Ports that settings give, whichever framework reads them."""

from collections.abc import Iterator, Sequence

from analyzer.facts import Fact, is_port, quoted
from analyzer.languages.jvm.build import BuildFile
from analyzer.languages.jvm.settings import Setting
from analyzer.patterns import Pattern
from delightful.recommendation import Confidence

# A number, or the default of a placeholder: `${PORT:8080}`, in Ktor's YAML `$PORT:8080`.
_PORT = Pattern(
    r"(\d{2,5})|\$(?:\{[\w.-]{1,80}:-?(?:\$\{[\w.-]{1,80}:-?)?|\w{1,80}:)(\d{2,5})\}{0,2}"
)
# The image that Jib makes listens there, whoever starts it.
_OF_IMAGE = Pattern(
    r"\bjib\b[^\n]{0,60}\{[\s\S]{0,2000}?\bports\b[^\n\d]{0,40}[\"'](\d{2,5})\b"
    r"|<container>[\s\S]{0,1500}?<ports>\s*<port>(\d{2,5})</port>"
)
# How the build itself starts the program.
_ARGUMENT = Pattern(r"(?:--|-D)(?:server|http|quarkus\.http)\.port=(\d{2,5})\b")
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


def build_port_facts(main: BuildFile) -> Iterator[Fact]:
    """Yield the ports that a build gives the image that it makes, or the program that it starts."""
    for pattern, rule in ((_OF_IMAGE, "jvm/image-port"), (_ARGUMENT, "jvm/port-argument")):
        match = pattern.search(main.text)
        number = next(filter(None, match.groups()), "") if match else ""
        if match and is_port(number):
            start = main.text.rfind(number, match.start(), match.end())
            evidence = quoted(main.path, main.text, start, start + len(number))
            sure: Confidence = "high" if pattern is _OF_IMAGE else "medium"
            yield Fact("port", int(number), rule, sure, evidence)


def _port(value: str) -> int | None:
    match = _PORT.fullmatch(value.strip())
    text = (match[1] or match[2]) if match else None
    return int(text) if text and is_port(text) else None
