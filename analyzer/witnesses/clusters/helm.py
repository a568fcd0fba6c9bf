"""The Helm chart: port and probes by its templates and values, stores by its dependencies."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from analyzer.documents import Node, read_nodes
from analyzer.facts import Fact, is_port, quoted_line
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.clusters.chart import Chart, Found, charts_of
from analyzer.witnesses.clusters.pods import FOR_WATCHING
from analyzer.witnesses.folder_names import folder_names
from analyzer.witnesses.platforms.addons import store_sold_as
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence

_PORT: Final = Pattern(r"^[ \t]*-?[ \t]*containerPort:[ \t]*(\S.*)$", re.MULTILINE)
_PORT_NAME: Final = Pattern(r"[ \t]*-?[ \t]*name:[ \t]*\"?([\w-]+)")
_OF_WATCHERS: Final = Pattern(r"(?i)metrics|prometheus|health|probe")
_PROBE: Final = Pattern(r"^[ \t]*(readiness|liveness)Probe:", re.MULTILINE)
_PATH: Final = Pattern(r"^[ \t]*path:[ \t]*(\S.*)$", re.MULTILINE)
_VARIABLE: Final = Pattern(r"^[ \t]*- name:[ \t]*\"?([A-Z][A-Z0-9_]{2,})\"?[ \t]*$", re.MULTILINE)
_SWITCH: Final = Pattern(
    r"(?:^|\.|_)(?:(?:REDIS|VALKEY|MEMCACHED)_(?:IS_)?ENABLED"
    r"|(?:USE|ENABLE)_(?:REDIS|VALKEY|MEMCACHED))$"
)
_HOST: Final = Pattern(
    r"(?:^|\.|_)(?:REDIS|VALKEY|MEMCACHED)_(?:HOST|HOSTNAME|URL|ENDPOINT|ADDRESS|SERVERS?)$"
)
_WORKER: Final = Pattern(r"worker|celery|sidekiq|queue|consumer|scheduler|beat|cron")
_SIDE: Final = Pattern(r"redis|postgres|mysql|maria|mongo|memcached|nginx|proxy|client|frontend")
_PROBE_REACH: Final = 500


def helm_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the service's chart says."""
    for chart in charts_of(tree):
        main = _named_template(tree, chart) if chart.is_above else _main_template(chart)
        if main:
            yield from _port(chart, *main)
            yield from _unreached(chart, *main)
            yield from _probes(chart, *main)
            yield from _variables(*main)
        if not chart.is_above:
            yield from _switched_on(chart)
            yield from _workers(chart, main)
            yield from _dependencies(tree, chart)


def _named_template(tree: SourceTree, chart: Chart) -> tuple[str, str] | None:
    """Return the template that bears the folder's name: `cart-deployment.yaml` of `cart`."""
    name = "|".join(re.escape(name) for name in folder_names(tree))
    named = re.compile(rf"(?:{name})(?:[-_.]deployment)?\.ya?ml|(?:{name})/.*")
    inside = posixpath.join(chart.folder, "templates/")
    found = [one for one in chart.templates if named.fullmatch(one[0].removeprefix(inside).lower())]
    return found[0] if found else None


def _main_template(chart: Chart) -> tuple[str, str] | None:
    serving = [
        (path, text)
        for path, text in chart.templates
        if not _WORKER.search(posixpath.basename(path))
        and not _SIDE.search(posixpath.basename(path))
    ]
    if len(serving) > 1:
        named = re.compile(r"(?:^|[-_.])(?:web|app|server|api|backend|deployment)(?=[-_.])")
        likely = [one for one in serving if named.search(posixpath.basename(one[0]))]
        serving = likely if len(likely) == 1 else []
    return serving[0] if serving else None


def _fact(found: Found, field: str, value: str | int, rule: str, sure: Confidence) -> Fact:
    return Fact(field, value, rule, sure, quoted_line(found.path, found.text, found.line))


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _ports_of(text: str) -> list[re.Match[str]]:
    """Return the ports of a template that others than those who watch it are sent to."""
    return [match for match in _PORT.finditer(text) if not _is_for_watching(text, match)]


def _is_for_watching(text: str, match: re.Match[str]) -> bool:
    """Say whether the name before or behind a port is that of what watches the container."""
    around = (text[: match.start()].rsplit("\n", 2)[-2:], text[match.end() :].split("\n", 2)[1:2])
    named = (_PORT_NAME.match(line) for lines in around for line in lines)
    return any(FOR_WATCHING.fullmatch(one[1].lower()) for one in named if one) or bool(
        _OF_WATCHERS.search(match[1])
    )


def _unreached(chart: Chart, path: str, text: str) -> Iterator[Fact]:
    """Yield a worker where no port is opened for anybody but those who watch it."""
    if not (_ports_of(text) or chart.has_entrance):
        line = _line(text, max(text.find("kind:"), 0))
        yield Fact("kind", "worker", "helm/no-port", "medium", quoted_line(path, text, line))


def _port(chart: Chart, path: str, text: str) -> Iterator[Fact]:
    for match in _ports_of(text):
        found = chart.filled(path, text, _line(text, match.start(1)), match[1])
        if found and is_port(found.value):
            yield _fact(found, "port", int(found.value), "helm/container-port", "medium")
            return


def _probes(chart: Chart, path: str, text: str) -> Iterator[Fact]:
    for match in _PROBE.finditer(text):
        is_ready = match[1] == "readiness"
        found = _probe_path(chart, path, text, match.end()) or _probe_value(
            chart, f"{match[1]}Probe"
        )
        if found is None or url_path_fault(found.value) is not None:
            continue
        sure: Confidence = "medium" if is_ready and found.value != "/" else "low"
        rule = "helm/readiness" if is_ready else "helm/liveness"
        yield _fact(found, "health_path", found.value, rule, sure)


def _probe_path(chart: Chart, path: str, text: str, start: int) -> Found | None:
    reach = text[start : start + _PROBE_REACH]
    following = _PROBE.search(reach)
    match = _PATH.search(reach[: following.start()] if following else reach)
    if match is None:
        return None
    return chart.filled(path, text, _line(text, start + match.start(1)), match[1])


def _probe_value(chart: Chart, probe: str) -> Found | None:
    """Return the path of a probe that a template takes from the values as a whole."""
    for name, found in chart.values.items():
        if name.endswith(f"{probe}.httpGet.path"):
            return found
    return None


def _variables(path: str, text: str) -> Iterator[Fact]:
    for match in _VARIABLE.finditer(text):
        found = Found(match[1], path, text, _line(text, match.start(1)))
        yield _fact(found, "environment_variables", match[1], "helm/variable", "low")


def _switched_on(chart: Chart) -> Iterator[Fact]:
    """Yield the cache that the values switch on, or say where it is, by a variable."""
    for name, found in chart.values.items():
        switch, host = _SWITCH.search(name), _HOST.search(name)
        flavour = "memcached" if "MEMCACHED" in name else "redis"
        if switch and found.value.lower() == "true":
            yield _fact(found, "cache", flavour, "helm/cache-switch", "high")
        elif host and found.value:
            yield _fact(found, "cache", flavour, "helm/cache-host", "high")


def _workers(chart: Chart, main: tuple[str, str] | None) -> Iterator[Fact]:
    for path, text in chart.templates:
        if main and path != main[0] and _WORKER.search(posixpath.basename(path)):
            line = _line(text, max(text.find("kind:"), 0))
            evidence = quoted_line(path, text, line)
            yield Fact("worker", True, "helm/worker", "medium", evidence)


def _dependencies(tree: SourceTree, chart: Chart) -> Iterator[Fact]:
    for name in ("Chart.yaml", "requirements.yaml"):
        path = posixpath.join(chart.folder, name)
        text = tree.text(path) or ""
        document = read_nodes(text)
        for item in (document.get("dependencies") or document).items if document else ():
            named = item.get("name")
            store = store_sold_as(named.text) if named else None
            if named and store:
                evidence = quoted_line(path, text, named.line)
                is_on = _is_on(chart, item)
                rule = "helm/dependency" if is_on else "helm/optional-dependency"
                sure: Confidence = "medium" if is_on else "low"
                yield Fact(store[0], store[1], rule, sure, evidence)


def _is_on(chart: Chart, dependency: Node) -> bool:
    condition = dependency.get("condition")
    found = chart.values.get(condition.text) if condition else None
    return found is None or found.value.lower() == "true"
