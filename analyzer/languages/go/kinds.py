"""What a Go module says of its kind: what listens, what waits, what others import."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.go.project import GoModule, is_within
from analyzer.languages.watching import is_called_after_work, is_watched_only
from analyzer.patterns import Pattern
from delightful.recommendation import Confidence, Evidence

_QUEUES: Final = (
    "github.com/hibiken/asynq",
    "github.com/RichardKnop/machinery",
    "github.com/riverqueue/river",
    "github.com/segmentio/kafka-go",
    "github.com/IBM/sarama",
    "github.com/Shopify/sarama",
    "github.com/confluentinc/confluent-kafka-go",
    "github.com/twmb/franz-go",
    "github.com/rabbitmq/amqp091-go",
    "github.com/streadway/amqp",
    "github.com/nsqio/go-nsq",
    "go.temporal.io/sdk",
    "github.com/nats-io/nats.go",
    # Bots wait for what others send, too.
    "github.com/bwmarrin/discordgo",
    "github.com/disgoorg/disgo",
    "github.com/diamondburned/arikawa",
    "github.com/gempir/go-twitch-irc",
    "github.com/go-telegram-bot-api/telegram-bot-api",
    "github.com/go-telegram/bot",
    "github.com/lrstanley/girc",
    "github.com/PaulSonOfLars/gotgbot",
    "github.com/tucnak/telebot",
    "go.mau.fi/whatsmeow",
    "github.com/mymmrac/telego",
    "github.com/gotd/td",
    "gopkg.in/telebot",
    "gopkg.in/tucnak/telebot",
    "maunium.net/go/mautrix",
    # So do programs that keep their own hours.
    "github.com/robfig/cron",
    "github.com/go-co-op/gocron",
    "github.com/crazy-max/cron",
)
# What watches a cluster's objects serves its own measures and probes at most.
_CONTROLLERS: Final = (
    "sigs.k8s.io/controller-runtime",
    "k8s.io/client-go/informers",
    "k8s.io/client-go/tools/cache",
)
# Where a cluster is one of several places to look at.
_OF_CHOICES: Final = Pattern(
    r"/(?:adapter|backend|discovery|driver|plugin|provider|source|store)s?/(?:k8s|kube\w{0,20})/"
)
# What others take from the same module without watching anything.
_TAKEN: Final = tuple(
    f"sigs.k8s.io/controller-runtime/pkg/{name}" for name in ("certwatcher", "log", "scheme")
)
# What makes a server of a cluster's own API of it.
_EXTENDING: Final = ("k8s.io/apiserver", "sigs.k8s.io/custom-metrics-apiserver")
# What answers as a document declares it, whatever it looks at besides.
_DECLARED: Final = (
    "github.com/go-openapi/runtime/middleware",
    "github.com/grpc-ecosystem/grpc-gateway",
)
_BARE: Final = ("net/http", "grpc")
_WATCHING: Final = Pattern(r"pprof|profil|metrics|/debug/")
_LAMBDA: Final = "github.com/aws/aws-lambda-go/lambda"
_QUEUE_WORD: Final = Pattern(r"\b(?:amqp|kafka|pubsub|queues?|rabbit(?:mq)?|sqs)\b", re.I)
# What is measured goes on running; the packages that do it, and what a house calls its own.
_MEASURES: Final = Pattern(
    r"^github\.com/prometheus/client_golang\b|/(?:metrics|prometheus|telemetry)$"
)
_SERVES: Final = Pattern(r"(?:^|[-_])(?:api|backend|server|web)$|[a-z]server$", re.I)
_WAITS: Final = Pattern(r"(?:bot|consumer|listener|worker)s?$", re.I)
_WORKS: Final = Pattern(r"(?:consumer|worker)s?$", re.I)
# These keep to themselves, whatever they wait for.
_KEEPS: Final = Pattern(r"(?:listener|notifier|poller|relayer)s?$", re.I)
_TERMINALS: Final = (
    "github.com/charmbracelet/bubbletea",
    "github.com/jesseduffield/gocui",
    "github.com/jroimartin/gocui",
    "github.com/rivo/tview",
    "github.com/gdamore/tcell",
)


def kind_facts(
    found: dict[str, list[Fact]],
    imports: dict[str, Evidence],
    module: GoModule | None,
    frameworks: Sequence[Fact],
    *,
    name: str,
    has_root_package: bool,
) -> Iterator[Fact]:
    """Yield the kind that programs, imports, what listens and the program's name speak for."""
    programs, serves = found.get("programs"), found.get("serves", [])
    if not programs:
        if module and module.evidence and not module.path.startswith("../"):
            yield Fact("kind", "library", "go/no-program", "high", module.evidence)
        return
    watched = _watched_routes(found, imports, module)
    terminal = _imported(imports, _TERMINALS)
    if terminal:
        # What serves may show a person in a terminal how it does.
        yield Fact("kind", "cli", "go/terminal", "medium" if serves else "high", terminal)
    watch = _watch(imports, module)
    is_bare = all(fact.value in _BARE or _is_for_watching(fact) for fact in frameworks)
    waits = _queue(imports) if _WAITS.search(name) else None
    kept = programs[0].evidence if _KEEPS.search(name) else None
    if kept:
        yield Fact("kind", "worker", "go/worker-name", "high", kept)
        yield Fact("watched", True, "go/worker-name", "high", kept)
    elif waits and (is_bare or _WORKS.search(name)):
        # What it listens on besides is for those who watch it, or tells it more of the same.
        yield Fact("kind", "worker", "go/waits", "high", waits)
        yield Fact("watched", True, "go/waits", "high", waits)
    elif watch and (is_bare or _is_named_controller(module) or _routes_little(found, frameworks)):
        yield Fact("kind", "worker", "go/controller", "high", watch)
        if not _is_exporter(module):
            yield Fact("watched", True, "go/controller", "high", watch)
    elif watched and (serves or frameworks):
        sure: Confidence = "high" if _queue(imports) else "medium"
        worker = replace(watched[0], field="kind", value="worker", rule="go/watched")
        yield replace(worker, confidence=sure)
        yield replace(watched[0], field="watched", value=True)
    elif serves:
        yield replace(serves[0], field="kind", value="web", rule="go/serves")
    elif not frameworks:
        yield _of_a_program(programs[0], imports, module if has_root_package else None, name)


def _watch(imports: dict[str, Evidence], module: GoModule | None) -> Evidence | None:
    """Return the import with which a program watches a cluster; none of what answers others."""
    is_declared = _imported(imports, _DECLARED) and not _is_named_controller(module)
    if is_declared or _imported(imports, _EXTENDING):
        return None
    watching = {
        path: line
        for path, line in imports.items()
        if not path.startswith(_TAKEN) and not _OF_CHOICES.search(f"/{line.file}")
    }
    return _imported(watching, _CONTROLLERS)


def _watched_routes(
    found: Mapping[str, Sequence[Fact]], imports: Mapping[str, Evidence], module: GoModule | None
) -> Sequence[Fact]:
    """Return the routes of a program that answers only those who watch it; none of any other.

    What is called over gRPC serves, unless it keeps its own hours or reads a queue.
    """
    routes = found.get("routes", ())
    is_called = any(fact.value == "grpc" for fact in found.get("serves", ()))
    if _imported(imports, _EXTENDING):
        return ()
    is_measured = any(str(one.value).endswith("metrics") for one in routes)
    if (is_called and not _imported(imports, _QUEUES)) or (is_measured and _is_exporter(module)):
        return ()
    return routes if is_watched_only(routes) else ()


def _queue(imports: Mapping[str, Evidence]) -> Evidence | None:
    """Return the import of a queue's client, a bot's library, or what the house calls so."""
    of_the_house = (line for path, line in imports.items() if _QUEUE_WORD.search(path))
    return _imported(imports, _QUEUES) or next(of_the_house, None)


def _of_a_program(
    program: Fact, imports: dict[str, Evidence], library: GoModule | None, name: str
) -> Fact:
    """Return what a program is for that is not seen to listen; a module above it may do that."""
    queue = _imported(imports, _QUEUES)
    if queue:
        return Fact("kind", "worker", "go/queue", "medium", queue)
    called = _imported(imports, (_LAMBDA,))
    if called:
        return Fact("kind", "worker", "go/lambda", "medium", called)
    if library and library.evidence:
        return Fact("kind", "library", "go/library-at-root", "medium", library.evidence)
    if is_called_after_work(name):
        return replace(program, field="kind", value="worker", rule="go/worker-name")
    if _SERVES.search(name):
        return replace(program, field="kind", value="web", rule="go/server-name", confidence="low")
    if any(map(_MEASURES.search, imports)):
        return replace(program, field="kind", value="worker", rule="go/measured", confidence="low")
    return replace(program, field="kind", value="cli", rule="go/no-server", confidence="low")


def _imported(imports: Mapping[str, Evidence], known: tuple[str, ...]) -> Evidence | None:
    return next((line for path, line in imports.items() if _is_one(path, known)), None)


def _routes_little(found: Mapping[str, Sequence[Fact]], frameworks: Sequence[Fact]) -> bool:
    """Say whether a mere router has no other path than those for watching."""
    paths = [one for one in found.get("routes", ()) if str(one.value).startswith("/")]
    is_router = all(fact.value in (*_BARE, "gorilla", "httprouter") for fact in frameworks)
    return is_router and (not paths or is_watched_only(paths))


def _is_for_watching(framework: Fact) -> bool:
    """Say whether a framework is imported where measures are shown, or only required."""
    file = framework.evidence.file if framework.evidence else ""
    return file.endswith("go.mod") or _WATCHING.search(file) is not None


def _is_exporter(module: GoModule | None) -> bool:
    """Say whether what is measured is all that there is to serve."""
    return module is not None and module.program.endswith("exporter")


def _is_named_controller(module: GoModule | None) -> bool:
    return module is not None and module.program.endswith(("operator", "controller"))


def _is_one(path: str, known: tuple[str, ...]) -> bool:
    return path.startswith(known) and any(is_within(path, one) for one in known)
