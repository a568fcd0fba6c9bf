"""What follows from the facts together: kind, what is not there, secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from analyzer.credibility import EMBEDDED, credible, is_of_a_run
from analyzer.facts import Fact
from analyzer.languages.drivers import SPARE
from analyzer.languages.health_routes import rank_of
from analyzer.patterns import Pattern
from analyzer.resolution import FIELDS, listed, unknown, weighed
from analyzer.witnesses.words.addresses import README_RULE
from analyzer.witnesses.words.workplaces import WORKPLACE_RULES
from delightful.recommendation import Answer, Confidence, Evidence

Answers = Mapping[str, Answer]

# Set in every container anyway, so reading them says nothing of this service.
_EVERYWHERE: Final = frozenset({"HOME", "HOSTNAME", "LANG", "PATH", "PWD", "SHELL", "USER"})
_SECRET_NAME: Final = Pattern(
    r"(?:^|_)(?:SECRET|TOKEN|PASSWORD|PASSWD|PASS|PASSPHRASE|PRIVATE_KEY|API_?KEY|ACCESS_KEY|"
    r"SECRET_KEY|SIGNING_KEY|ENCRYPTION_KEY|APP_KEY|CREDENTIALS?|DSN|SALT|PEPPER|"
    r"DATABASE_URL|DB_URL|REDIS_URL|MONGO(?:DB)?_UR[IL]|AMQP_URL|CONNECTION_STRING)"
    r"(?:$|_(?!FILE$|PATH$|NAME$|TTL$|EXPIR))"
)
_HEARSAY: Final = WORKPLACE_RULES | {README_RULE}
_LISTED: Final = frozenset({"environment_variables", "secrets"})
_IMPLY: Final = (("framework", "kind/framework"), ("port", "kind/port"))
_RUN: Final = frozenset({"web", "worker"})
# A port again, as it is opened.
_LISTENS: Final = "node/http-server"
# Who starts a service, and what serves the application that it is given.
_STARTING: Final = frozenset({"compose", "dockerfile", "fly", "procfile", "render"})
_SERVER: Final = Pattern(
    r"\b(?:uvicorn|gunicorn|hypercorn|daphne|granian|waitress-serve|puma|unicorn|rackup|frankenphp|php-fpm"
    r"|apache2-foreground|httpd|(?:flask|fastapi) run|rails s(?:erver)?|next start)\b"
    r"|^\S+ serve\b"
)
# What is started there to work, and answers nobody.
_WORKER: Final = Pattern(
    r"(?:^|[\s/])(?:(?:celery|faust)\s.*\b(?:worker|beat)\b|(?:sidekiq|shoryuken|dramatiq|racecar)(?=\s|$)"
    r"|karafka server\b|rq worker\b|arq \w|artisan (?:horizon|queue:\w+|schedule:work)\b)"
    r"|\b(?:run_huey|qcluster|jobs:work|messenger:consume)\b"
)
# What an image is there to be given words for shows how where it is given none.
_HELP: Final = Pattern(r"\s(?:--help|-h)$")
_SURENESS: Final[tuple[Confidence, ...]] = ("low", "medium", "high")
# What is not there is concluded where the dependencies were read whole.
ABSENT_RULE: Final = "absent/no-dependency"
_ABSENT: Final[dict[str, JsonValue]] = {"database": "none", "cache": "none", "worker": False}


def concluded(facts: Sequence[Fact]) -> dict[str, Answer]:
    """Return one answer for each field."""
    facts = credible(facts)
    spoken: dict[str, list[Fact]] = {field: [] for field in FIELDS}
    for fact in facts:
        spoken.setdefault(fact.field, []).append(fact)
    answers = {field: weighed(field, spoken[field]) for field in FIELDS if field not in _LISTED}
    answers["runtime_version"] = weighed("runtime_version", _runnable(spoken["runtime_version"]))
    answers["health_path"] = _health_path(spoken["health_path"])
    # A tool's README has many an address of what it is tried on, and so has what it is made with.
    listened = [fact for fact in spoken["port"] if fact.rule not in _HEARSAY]
    heard = {**answers, "port": weighed("port", listened)}
    answers["kind"] = _kind(heard, spoken["kind"], is_watched="watched" in spoken)
    answers |= _left_open(answers, spoken["database"], spoken.get(SPARE, ()))
    return answers | _absent(answers, facts) | _variables(spoken["environment_variables"])


def _health_path(facts: Sequence[Fact]) -> Answer:
    """Weigh the health paths; of hints alone the one that tells most of the service counts.

    Whoever asks for the front page does so for want of a better one, or before it was made.
    """
    better = [fact for fact in facts if fact.value != "/"]
    if any(fact.confidence != "low" for fact in better):
        facts = better
    answer = weighed("health_path", facts)
    if answer.value is not None or not facts:
        return answer
    return weighed("health_path", [min(facts, key=lambda fact: rank_of(str(fact.value)))])


def _runnable(facts: Sequence[Fact]) -> list[Fact]:
    """Leave out images that are older than the .NET a program is built for: none can run it."""
    built = [_major(fact) for fact in facts if fact.rule == "dotnet/target-framework"]
    least = max(built, default=0)
    return [
        fact
        for fact in facts
        if not (least and fact.rule.startswith("dockerfile/") and _major(fact) < least)
    ]


def _major(fact: Fact) -> int:
    major = str(fact.value).partition(".")[0]
    return int(major) if fact.field == "runtime_version" and major.isdecimal() else 0


def is_run(answers: Answers) -> bool:
    """Say whether there is something to run as a service, as far as is known."""
    return answers["kind"].value not in ("library", "cli")


def _kind(answers: Answers, facts: Sequence[Fact], *, is_watched: bool) -> Answer:
    # A web framework among what it runs with, or a port, speaks for a server; a line speaks once.
    # Neither does where the sources show that only those who watch the program are answered.
    heard = {fact.evidence for fact in facts}
    implied = []
    for field, rule in () if is_watched else _IMPLY:
        answer = answers[field]
        unheard = next((one for one in answer.evidence if one not in heard), None)
        if answer.value is not None and unheard:
            heard.add(unheard)
            implied.append(Fact("kind", "web", rule, _weaker(answer.confidence), unheard))
    start = answers["start_command"]
    is_told = start.rule.partition("/")[0] in _STARTING
    line = _line_of(start) if is_told else ""
    works = _WORKER.search(line) is not None and not _SERVER.search(line)
    implied = [] if works else implied
    served = _served(start, works=works) if is_told and not is_watched else []
    others = [fact for fact in facts if not is_watched or fact.rule != _LISTENS]
    # First, so that of equals the server is believed.
    told: Sequence[Fact] = [*implied, *served, *others]
    if answers["port"].rule.startswith("dockerfile/"):
        told = _beside_a_port(told)
    if is_told:
        told = _beside_words(told, is_served=any(fact.value in _RUN for fact in served))
    return _of_heavier_side(told)


def _line_of(start: Answer) -> str:
    words = start.value if isinstance(start.value, list) else [start.value]
    return " ".join(map(str, words))


def _served(start: Answer, *, works: bool) -> list[Fact]:
    """Return that what is started serves a web application, works for one, or shows its use."""
    line = _line_of(start)
    if works or _SERVER.search(line):
        kind = "worker" if works else "web"
        return [Fact("kind", kind, "kind/start", "high", start.evidence[0])]
    if _HELP.search(line):
        return [Fact("kind", "cli", "kind/start", "medium", start.evidence[0])]
    return []


def _beside_a_port(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Doubt a tool where an image opens a port, and take it for no library: it is left running.

    Where it listens a README says nothing of what it is but how to get it for oneself.
    """
    listens = any(fact.value == "web" for fact in facts)
    return [
        fact if fact.value in _RUN else replace(fact, confidence="low")
        for fact in facts
        if fact.value in _RUN or not (listens and (fact.value == "library" or _is_of_words(fact)))
    ]


def _beside_words(facts: Sequence[Fact], *, is_served: bool) -> Sequence[Fact]:
    """Doubt a README that speaks of a library where there is an image of what serves or works.

    Also one that speaks of a tool where the image starts what serves.
    """
    if not any(fact.value in _RUN and fact.confidence != "low" for fact in facts):
        return facts
    doubted = ("cli", "library") if is_served else ("library",)
    return [
        replace(fact, confidence="low") if _is_of_words(fact) and fact.value in doubted else fact
        for fact in facts
    ]


def _is_of_words(fact: Fact) -> bool:
    return fact.rule.startswith("readme/")


def _of_heavier_side(facts: Sequence[Fact]) -> Answer:
    """Weigh whether there is anything to run before what it is: a tool is no less one that is
    imported as well.
    """
    side = weighed("kind", [replace(fact, value=fact.value in _RUN) for fact in facts], usual=True)
    if side.value is None:
        return side
    of_side = [fact for fact in facts if (fact.value in _RUN) == side.value]
    answer = weighed("kind", of_side, usual="web")
    if answer.value is None:
        usual = [fact for fact in of_side if fact.value == "web"]
        answer = weighed("kind", (usual or of_side)[:1])
    surer = min(answer.confidence, side.confidence, key=_SURENESS.index)
    return answer.model_copy(update={"confidence": surer})


def _weaker(confidence: Confidence) -> Confidence:
    return "medium" if confidence == "high" else "low"


def _left_open(
    answers: Answers, databases: Sequence[Fact], spare: Sequence[Fact]
) -> dict[str, Answer]:
    """Leave a database server open that hints alone speak for: it costs from its first hour on.

    What hints at it stays to be read; one that runs inside the program is the answer where it may
    take the server's place. Whoever runs the service with a server does more than hint.
    """
    database = answers["database"]
    run = {fact.value for fact in databases if is_of_a_run(fact)}
    if database.confidence != "low" or database.value in (None, *EMBEDDED, *run):
        return {}
    if spare:
        inside = [replace(fact, field="database") for fact in spare]
        version = unknown("database_version")
        return {"database": weighed("database", inside), "database_version": version}
    fields = ("database", "database_version")
    return {field: answers[field].model_copy(update={"value": None}) for field in fields}


def _absent(answers: Answers, facts: Sequence[Fact]) -> dict[str, Answer]:
    shown = next((fact.evidence for fact in facts if fact.field == "dependencies"), None)
    looked_at = shown or next(iter(answers["language"].evidence), None)
    if looked_at is None:
        return {}
    if not is_run(answers):
        return {field: _none(field, looked_at) for field in _ABSENT}
    hinted = {fact.field for fact in facts}
    absent = {field: _none(field, looked_at) for field in _ABSENT if field not in hinted}
    if answers["kind"].value == "worker":
        absent["worker"] = answers["kind"].model_copy(
            update={"field": "worker", "value": True, "rule": "absent/worker-itself"}
        )
    return absent


def _none(field: str, looked_at: Evidence) -> Answer:
    return Answer(
        field=field,
        value=_ABSENT[field],
        rule=ABSENT_RULE,
        confidence="medium",
        evidence=(looked_at,),
    )


def _variables(facts: Sequence[Fact]) -> dict[str, Answer]:
    named = [fact for fact in facts if fact.value not in _EVERYWHERE]
    secret = [
        replace(fact, field="secrets") for fact in named if _SECRET_NAME.search(str(fact.value))
    ]
    return {
        "environment_variables": listed("environment_variables", named),
        "secrets": listed("secrets", secret),
    }
