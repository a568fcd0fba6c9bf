"""A first `.delightful.yaml` from a recommendation, each key with the reason beside it."""

import json
from collections.abc import Iterator

from delightful.recommendation import Answer, Recommendation
from delightful.text import escaped

# Engines that the manifest knows; any other store is the service's own affair.
_DATABASES = frozenset({"postgres", "mysql"})
_CACHES = frozenset({"redis"})
_LONGEST_REASON = 90
# The command that the image has already.
_IMAGE_RULE = "dockerfile/command"


def manifest_draft(recommendation: Recommendation) -> str:
    """Return the text of a manifest: what is sure as keys, what is likely as comments.

    A value that the analyzer has low confidence in is left commented out, for a person to decide.
    """
    lines = [
        "# What this service needs to run. What is left out is recommended from the source, and",
        "# what stands here wins. `delightful analyze --explain FIELD` says more of each.",
        "version: 1",
        f"service: {recommendation.service}",
        *_keys(recommendation),
        *_variables(recommendation),
    ]
    return "\n".join(lines) + "\n"


def _keys(recommendation: Recommendation) -> Iterator[str]:
    yield from _key(recommendation.answer("port"), "port: {}")
    start = recommendation.answer("start_command")
    # Given again it would come on top of the image's ENTRYPOINT.
    if start and start.rule != _IMAGE_RULE:
        yield from _key(start, "start_command: {}")
    yield from _key(recommendation.answer("health_path"), "health_check:\n  path: {}")
    for field, engines in (("database", _DATABASES), ("cache", _CACHES)):
        answer = recommendation.answer(field)
        if answer and answer.value in engines:
            yield from _key(answer, field + ":\n  engine: {}")
    yield from _key(recommendation.answer("migration_command"), "release_command: {}")


def _key(answer: Answer | None, form: str) -> Iterator[str]:
    if answer is None or answer.value is None:
        return
    text = form.format(json.dumps(answer.value, ensure_ascii=True))
    mark = "# " if answer.confidence == "low" else ""
    yield ""
    yield f"# {_reason(answer)}"
    yield from (f"{mark}{line}" for line in text.split("\n"))


def _reason(answer: Answer) -> str:
    if not answer.evidence:
        return f"{answer.confidence} confidence: {answer.rule}"
    shown = answer.evidence[0]
    quote = escaped(shown.quote.strip(), limit=_LONGEST_REASON)
    return f"{answer.confidence} confidence: {escaped(shown.file)}:{shown.line}: {quote}"


def _variables(recommendation: Recommendation) -> Iterator[str]:
    named, secret = recommendation.answer("environment_variables"), recommendation.answer("secrets")
    secrets = list(secret.value) if secret and isinstance(secret.value, list) else []
    names = list(named.value) if named and isinstance(named.value, list) else []
    plain = [name for name in names if name not in secrets and name != "PORT"]
    if plain:
        yield from ("", "# The source reads these; give the ones that have no default.")
        yield from ("# environment:", *(f"#   {escaped(str(name))}: ..." for name in plain))
    if secrets:
        yield from ("", "# These look like secrets: give the ARN of a secret or parameter.")
        yield from ("# secrets:", *(f"#   {escaped(str(name))}: arn:..." for name in secrets))
