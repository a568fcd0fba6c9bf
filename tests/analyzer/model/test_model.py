"""The model's part through the real SDK, against a local server that speaks the Messages API."""

import json
import time
from collections.abc import Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr, ValidationError

from analyzer import SourceTree, analyze
from analyzer.facts import Fact
from analyzer.model import asking
from analyzer.model.consulting import asked, model_of
from analyzer.model.fields import open_fields
from analyzer.model.prices import PRICES, cost_dollars
from analyzer.model.result import Model, ModelResult, bounded, heard, no_model
from analyzer.model.settings import DEFAULT_MODEL, ModelSettings
from analyzer.model.usage import Usage
from analyzer.resolution import FIELDS, unknown
from delightful.manifest import Manifest
from delightful.recommendation import Answer, Confidence, Recommendation
from tests.analyzer.model.messages_api import (
    MessagesApi,
    Reply,
    claim,
    claims,
    failure,
    message,
    serving,
)

# Each asks a server over HTTP, through the real SDK.
pytestmark = pytest.mark.slow

KEY = "test-key-of-nobody"
FILES = {
    "go.mod": "module shop\n\ngo 1.22\n",
    "main.go": (
        "package main\n\nfunc main() {\n"
        '\thttp.HandleFunc("/ready", ready)\n'
        '\thttp.ListenAndServe(":9191", nil)\n}\n'
    ),
    "README.md": "# shop\n\nThe port is 7070.\n",
}
# What no rule reads.
UNREAD = {"justfile": "run:\n    serve --listen 9191 --probe /ready\n"}
PORT = claim("port", 9191, "main.go", 5, '":9191"')
HEALTH = claim("health_path", "/ready", "main.go", 4, '"/ready"')


def open_answers(**known: Answer) -> dict[str, Answer]:
    """Return answers of which all but the given are unknown."""
    return {field: known.get(field, unknown(field)) for field in FIELDS}


def settings(api: MessagesApi, **changes: Any) -> ModelSettings:
    """Return settings that lead to the local server."""
    return ModelSettings(api_key=SecretStr(KEY), base_url=api.url, **changes)


def consulted(
    replies: Sequence[Reply], files: dict[str, str] | None = None, **changes: Any
) -> tuple[ModelResult, MessagesApi]:
    """Ask about a tree of which nothing is known; return the result and what the server saw."""
    with serving(replies) as api:
        tree = SourceTree.of_files(files or FILES)
        return asked(tree, open_answers(), settings(api, **changes)), api


def test_a_proven_claim_becomes_a_fact() -> None:
    """Value, rule, file, line and quote are kept; no fact of a model is of high confidence."""
    result, api = consulted([claims(PORT, HEALTH)])
    facts = {fact.field: fact for fact in result.facts}
    assert (facts["port"].value, facts["port"].rule) == (9191, "model/port")
    assert facts["health_path"].value == "/ready"
    assert facts["port"].evidence is not None
    assert (facts["port"].evidence.file, facts["port"].evidence.line) == ("main.go", 5)
    assert {fact.confidence for fact in result.facts} == {"medium"}
    assert len(api.bodies) == 1
    assert result.usage == Usage(fresh_input=1000, output=100)
    assert "answered port, health_path: 1100 tokens, $0.0030" in result.notes[0]


def test_the_request_is_what_it_should_be() -> None:
    """One message, no tools, a closed schema, the stable part marked for the cache."""
    _, api = consulted([claims()])
    [sent] = api.documents
    assert sent.keys() == {"model", "max_tokens", "system", "messages", "output_config"}
    assert sent["model"] == DEFAULT_MODEL
    assert sent["system"][0]["cache_control"] == {"type": "ephemeral"}
    form = sent["output_config"]["format"]
    assert form["type"] == "json_schema"
    assert form["schema"]["additionalProperties"] is False
    assert all(one["additionalProperties"] is False for one in form["schema"]["$defs"].values())
    assert [one["role"] for one in sent["messages"]] == ["user"]


def test_the_stable_part_is_the_same_for_every_service() -> None:
    """Two services and two sets of open fields share one system text, or nothing is cached."""
    _, first = consulted([claims()])
    _, second = consulted([claims()], {"app.py": "app.run(port=1)\n"})
    assert first.documents[0]["system"] == second.documents[0]["system"]
    assert first.documents[0]["output_config"] == second.documents[0]["output_config"]
    assert first.documents[0]["messages"] != second.documents[0]["messages"]


def test_only_the_key_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the environment holds reaches the API: no header, no proxy, no other key."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Leak: canary\nx-api-key: another")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "canary")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    result, api = consulted([claims(PORT)])
    assert result.facts
    assert "canary" not in json.dumps(api.headers)
    assert api.headers[0]["x-api-key"] == KEY
    assert not [name for name in api.headers[0] if name.startswith("x-stainless")]
    assert "authorization" not in api.headers[0]


def test_only_open_fields_are_asked_for() -> None:
    """What a rule is sure of is not asked; an answer to it is left out and told."""
    sure = Answer(field="port", value=8080, rule="dockerfile/expose", confidence="high")
    unsure = Answer(field="worker", value=True, rule="procfile/worker", confidence="low")
    with serving([claims(PORT)]) as api:
        answers = open_answers(port=sure, worker=unsure)
        result = asked(SourceTree.of_files(FILES), answers, settings(api))
    question = api.documents[0]["messages"][0]["content"].splitlines()[-1]
    assert "worker" in question
    assert "port" not in question.replace("framework", "")
    assert not result.facts
    assert "left out of the model's answer: port was not asked for" in result.notes


def test_nothing_is_asked_where_nothing_is_open() -> None:
    """Every field sure, or a library: no request, no note."""
    sure = {
        field: Answer(field=field, value="x", rule="manifest", confidence="high")
        for field in FIELDS
    }
    library = Answer(field="kind", value="library", rule="python/package", confidence="medium")
    with serving([claims(PORT)]) as api:
        for answers in (sure, open_answers(kind=library)):
            result = asked(SourceTree.of_files(FILES), answers, settings(api))
            assert result == ModelResult()
    assert not api.bodies


def test_without_a_key_it_says_so() -> None:
    """No key, no request, and the note says why."""
    result = asked(SourceTree.of_files(FILES), open_answers(), ModelSettings())
    assert result == ModelResult(notes=("no model: no API key",))


def test_it_is_asked_again_after_429() -> None:
    """The SDK's own retry serves: a rate limit that passes costs nothing but a moment."""
    limited = failure(429, "rate_limit_error", retry_after_ms="1")
    result, api = consulted([limited, claims(PORT)])
    assert [fact.field for fact in result.facts] == ["port"]
    assert len(api.bodies) == 2


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (failure(429, "rate_limit_error", retry_after_ms="1"), "rate limited (429)"),
        (failure(529, "overloaded_error", retry_after_ms="1"), "overloaded (529)"),
        (failure(500, "api_error", retry_after_ms="1"), "the API answered 500"),
        (failure(401, "authentication_error"), "the API key was refused (401)"),
        (failure(400, "invalid_request_error"), "the API answered 400"),
        (message("", stop_reason="refusal"), "the model refused"),
        (message('{"answers": [', stop_reason="max_tokens"), "E_LLM_FORMAT"),
        (message("I am sorry."), "E_LLM_FORMAT"),
        (message('```json\n{"answers": []}\n```'), "E_LLM_FORMAT"),
        (message('{"answers": []}{"answers": []}'), "E_LLM_FORMAT"),
        (message('{"answers": [NaN]}'), "E_LLM_FORMAT"),
        (message('{"answers": [], "answers": []}'), "E_LLM_FORMAT"),
        (message('{"answers": [], "approve": true}'), "E_LLM_FORMAT"),
        (message('{"answers": {}}'), "E_LLM_FORMAT"),
        (message('{"answers": [' + "1" * 5000 + "]}"), "E_LLM_FORMAT"),
        (message('{"answers": ' + "[" * 100_000), "E_LLM_FORMAT"),
        (message(json.dumps({"answers": [PORT] * 81})), "E_LLM_FORMAT"),
        (message(""), "E_LLM_FORMAT"),
        (Reply(b"<html>"), "could not be read"),
        (Reply(b"{}"), "could not be read"),
    ],
)
def test_whatever_fails_the_rules_result_stands(reply: Reply, reason: str) -> None:
    """No failure comes out, no fact comes in, and the one note says what failed."""
    result, api = consulted([reply], retries=1)
    assert not result.facts
    [note] = result.notes
    assert note.startswith("no model: ")
    assert reason in note
    assert 1 <= len(api.bodies) <= 2


def test_an_answer_without_form_is_asked_for_once_more() -> None:
    """The second answer counts, and both are paid for."""
    result, api = consulted([message("certainly!"), claims(PORT)])
    assert [fact.field for fact in result.facts] == ["port"]
    assert result.usage == Usage(fresh_input=2000, output=200)
    assert len(api.bodies) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"", pause_seconds=60),
        failure(429, "rate_limit_error", retry_after="60"),
    ],
)
def test_its_time_is_bounded(reply: Reply) -> None:
    """Neither a silent server nor one that says "in a minute" holds an analysis up."""
    begun = time.monotonic()
    result, _ = consulted([reply], timeout_seconds=0.5)
    assert time.monotonic() - begun < 10
    assert "no answer within 0.5 s" in result.notes[0]


def test_loading_is_no_part_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the SDK takes to load, the model has all its seconds to answer."""
    now = [0.0]
    monkeypatch.setattr(asking, "load_sdk", lambda: now.__setitem__(0, 1000.0))
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=lambda: now[0]))
    result, _ = consulted([claims(PORT)])
    assert [fact.field for fact in result.facts] == ["port"]


def test_a_server_that_is_not_there_is_told() -> None:
    """A connection that is refused is a note like any other."""
    lost = ModelSettings(api_key=SecretStr(KEY), base_url="http://127.0.0.1:9", retries=0)
    result = asked(SourceTree.of_files(FILES), open_answers(), lost)
    assert result.notes == ("no model: the API cannot be reached",)


@pytest.mark.parametrize(
    "changes",
    [
        {"budget_tokens": 9_000},
        {"budget_dollars": Decimal("0.01")},
        {"budget_tokens": 0},
        {"budget_dollars": 0},
    ],
)
def test_nothing_is_sent_that_the_budget_does_not_cover(changes: dict[str, Any]) -> None:
    """Tokens and dollars are counted before the request, as dear as it can come."""
    result, api = consulted([claims(PORT)], **changes)
    assert not api.bodies
    assert not result.facts
    assert result.notes[0].startswith("no model: ")


def test_a_second_question_counts_what_the_first_used() -> None:
    """What was spent is taken from the budget, so the second attempt is not made."""
    dear = message("certainly!", input_tokens=75_000, output_tokens=4_000)
    result, api = consulted([dear, claims(PORT)])
    assert len(api.bodies) == 1
    assert result.notes == ("no model: the budget of 80000 tokens does not reach",)
    assert result.usage.tokens == 79_000


def test_a_smaller_budget_shows_less() -> None:
    """Excerpts shrink to what the token budget covers."""
    files = {f"pkg{n}/main.go": "package main\n" * 300 for n in range(12)}
    _, whole = consulted([claims()], files)
    _, less = consulted([claims()], files, budget_tokens=16_000)
    assert len(less.bodies[0]) < len(whole.bodies[0])


def test_prices_are_counted_by_sort() -> None:
    """A million tokens of each sort cost what the table says together."""
    million = Usage(*[1_000_000] * 4)
    for model, price in PRICES.items():
        whole = price.fresh_input + price.cache_write + price.cache_read + price.output
        assert cost_dollars(model, million) == whole


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "a-model-without-price"},
        {"base_url": "http://169.254.169.254"},
        {"base_url": "file:///etc"},
        {"budget_tokens": 100_001},
        {"timeout_seconds": 0},
        {"unknown": 1},
    ],
)
def test_settings_are_bounded(changes: dict[str, Any]) -> None:
    """A model without a price, a metadata service and a boundless budget are refused."""
    with pytest.raises(ValidationError):
        ModelSettings(**changes)


def test_the_key_is_shown_nowhere() -> None:
    """Neither the settings' text nor a note holds the key."""
    result, _ = consulted([failure(401, "authentication_error")])
    shown = repr(ModelSettings(api_key=SecretStr(KEY))) + repr(result)
    assert KEY not in shown


def test_the_same_tree_asks_the_same() -> None:
    """The request is a function of tree and answers, byte for byte."""
    _, first = consulted([claims()])
    _, second = consulted([claims()], dict(reversed(FILES.items())))
    assert first.bodies == second.bodies


def compiled(model: Model | None, manifest: Manifest | None = None) -> Recommendation:
    """Return the recommendation for a service of which the rules know nothing."""
    tree = SourceTree.of_files(UNREAD)
    return analyze(tree, manifest, service="shop", commit="0" * 40, model=model)


def test_the_compiler_fills_what_was_unknown() -> None:
    """A model's answer stands with its own rule, and the note says what was asked and spent."""
    probe = claim("health_path", "/ready", "justfile", 2, "--probe /ready")
    with serving([claims(probe)]) as api:
        said = compiled(model_of(settings(api)))
    answer = said.answer("health_path")
    assert answer is not None
    assert (answer.value, answer.rule, answer.confidence) == (
        "/ready",
        "model/health-path",
        "medium",
    )
    assert any(note.startswith(f"model {DEFAULT_MODEL} was asked for") for note in said.notes)


def test_the_compiler_says_that_nobody_has_a_key() -> None:
    """Without a model the rules' result stands, and says so where something is open."""
    assert "no model: no API key" in compiled(None).notes
    assert "no model: turned off" in compiled(no_model("turned off")).notes


def test_the_manifest_wins_over_the_model() -> None:
    """What the manifest says is neither asked for nor overruled."""
    manifest = Manifest(service="shop", port=9000)
    port = claim("port", 9191, "justfile", 2, "--listen 9191")
    with serving([claims(port)]) as api:
        said = compiled(model_of(settings(api)), manifest)
    answer = said.answer("port")
    assert answer is not None
    assert (answer.value, answer.rule) == (9000, "manifest")


@pytest.mark.parametrize("confidence", ["medium", "high"])
def test_a_rule_that_is_sure_is_not_outweighed(confidence: Confidence) -> None:
    """Whatever a model would say: a rule of medium or high confidence is not even asked about."""
    answers = open_answers(port=Answer(field="port", value=1, rule="a/b", confidence=confidence))
    assert "port" not in open_fields(answers)


def test_an_unsure_model_is_silent_beside_an_unsure_rule() -> None:
    """Of two guesses the rule's stands; a proven claim is heard."""
    guess = Answer(field="port", value=1, rule="a/b", confidence="low")
    for confidence, is_heard in (("low", False), ("medium", True)):
        fact = Fact("port", 2, "model/port", cast("Confidence", confidence), None)
        assert bool(heard(open_answers(port=guess), ModelResult((fact,)))) is is_heard
    alone = Fact("port", 2, "model/port", "low", None)
    assert heard(open_answers(), ModelResult((alone,))) == [alone]


def test_a_model_never_makes_an_answer_certain() -> None:
    """Where it agrees with rules the answer is likelier, and still not of high confidence."""
    sure = {"port": Answer(field="port", value=2, rule="a/b", confidence="high")}
    fact = Fact("port", 2, "model/port", "medium", None)
    assert bounded(sure, [fact])["port"].confidence == "medium"
    assert bounded(sure, [])["port"].confidence == "high"


@pytest.mark.parametrize(
    ("field", "value", "idle"),
    [
        ("kind", "cli", {"kind", "port", "language"}),
        ("kind", "worker", {"kind", "port", "health_path"}),
        ("database", "sqlite", {"database", "database_version"}),
    ],
)
def test_a_sure_answer_leaves_no_question(field: str, value: str, idle: set[str]) -> None:
    """A worker is not asked for its port, nor a service without a database for its version."""
    for confidence in ("medium", "low"):
        known = Answer(
            field=field, value=value, rule="a/b", confidence=cast("Confidence", confidence)
        )
        asked_for = set(open_fields(open_answers(**{field: known})))
        assert (asked_for & idle == set()) is (confidence == "medium")
