"""The model's part as a whole: open fields, excerpts, question, answer, judgement."""

from collections.abc import Mapping, Sequence
from typing import Final

from analyzer.model.asking import Asker, NoModel, whole_text
from analyzer.model.excerpts import excerpts_of
from analyzer.model.fields import open_fields
from analyzer.model.judging import Judged, judged
from analyzer.model.prices import BYTES_PER_TOKEN, PRICES_DATE, cost_dollars, most_tokens
from analyzer.model.question import SYSTEM, Question, question_of
from analyzer.model.reply import AnyClaim, MalformedReply, read_reply
from analyzer.model.result import NO_KEY, Model, ModelResult
from analyzer.model.settings import ModelSettings
from analyzer.model.usage import Usage
from analyzer.tree import SourceTree
from delightful.recommendation import Answer

# The schema, the frame around the excerpts, and what the API adds to a question.
_FRAME_TOKENS: Final = 4_000
_FORMAT: Final = "E_LLM_FORMAT"


def model_of(settings: ModelSettings) -> Model:
    """Return the model that the settings name, as the compiler takes it."""
    return lambda tree, answers: asked(tree, answers, settings)


def asked(tree: SourceTree, answers: Mapping[str, Answer], settings: ModelSettings) -> ModelResult:
    """Ask the model for what the rules left open; without an answer nothing changes but a note."""
    fields = open_fields(answers)
    if not fields:
        return ModelResult()
    if settings.api_key is None or not settings.api_key.get_secret_value():
        return ModelResult(notes=(NO_KEY,))
    consultation = _Consultation(settings, settings.api_key.get_secret_value())
    try:
        result = consultation.held(tree, answers, fields)
    except NoModel as error:
        return ModelResult(notes=(f"no model: {error}",), usage=consultation.usage)
    told = _told(settings, fields, result, consultation.usage)
    return ModelResult(result.facts, (told, *result.notes), consultation.usage)


class _Consultation:
    """One analysis' questions, and the time and budget that they share."""

    def __init__(self, settings: ModelSettings, key: str) -> None:
        self._settings = settings
        self._asker = Asker(settings, key)
        self.usage = Usage()

    def held(
        self, tree: SourceTree, answers: Mapping[str, Answer], fields: Sequence[str]
    ) -> Judged:
        """Ask, a second time where the answer has no form, and judge what is said.

        Raises:
            NoModel: there is nothing to judge.
        """
        shown = excerpts_of(tree, answers, fields, self._affordable_characters())
        if not shown:
            raise NoModel("no file is left to show it")
        question = question_of(answers, fields, shown)
        try:
            claims, unread = self._claims(question)
        except MalformedReply:
            claims, unread = self._claims_at_last(question)
        result = judged(tree, shown, fields, claims)
        out_of_bounds = (f"left out of the model's answer: {unread} out of bounds",)
        return result if not unread else Judged(result.facts, result.notes + out_of_bounds)

    def _claims_at_last(self, question: Question) -> tuple[list[AnyClaim], int]:
        try:
            return self._claims(question)
        except MalformedReply as error:
            raise NoModel(f"{_FORMAT}, its answer was twice no answer: {error}") from None

    def _claims(self, question: Question) -> tuple[list[AnyClaim], int]:
        self._check_budget(question)
        answer = self._asker.ask(question)
        self.usage = self.usage.plus(answer.usage)
        return read_reply(whole_text(answer))

    def _affordable_characters(self) -> int:
        settings = self._settings
        tokens = settings.budget_tokens - _FRAME_TOKENS - settings.answer_tokens
        characters = (tokens - most_tokens(SYSTEM)) * BYTES_PER_TOKEN
        return max(0, min(settings.excerpt_characters, characters))

    def _check_budget(self, question: Question) -> None:
        """Refuse what could cost more than is left, counted as dear as it can come."""
        settings = self._settings
        sent = _FRAME_TOKENS + most_tokens(question.system) + most_tokens(question.content)
        next_one = Usage(cache_write=sent, output=settings.answer_tokens)
        at_most = self.usage.plus(next_one)
        if at_most.tokens > settings.budget_tokens:
            raise NoModel(f"the budget of {settings.budget_tokens} tokens does not reach")
        if cost_dollars(settings.model, at_most) > settings.budget_dollars:
            raise NoModel(f"the budget of ${settings.budget_dollars} does not reach")


def _told(settings: ModelSettings, fields: Sequence[str], result: Judged, usage: Usage) -> str:
    answered = dict.fromkeys(fact.field for fact in result.facts)
    cost = cost_dollars(settings.model, usage)
    return (
        f"model {settings.model} was asked for {', '.join(fields)} "
        f"and answered {', '.join(answered) or 'none'}: "
        f"{usage.tokens} tokens, ${cost:.4f} at list prices of {PRICES_DATE}"
    )
