"""The compiler: source tree → facts → answers → recommendation."""

from collections.abc import Iterator, Mapping, Sequence

from analyzer.conclusions import concluded, is_run
from analyzer.detectors import asked, facts_of_language, languages_shown, witnessed
from analyzer.facts import Fact
from analyzer.languages.package_locks import of_known_stores
from analyzer.migration_heads import migration_heads
from analyzer.model.fields import open_fields
from analyzer.model.result import NO_KEY, Model, bounded, heard
from analyzer.resolution import FIELDS, proven, weighed
from analyzer.services import services_of
from analyzer.sizing.cost import cost_of
from analyzer.sizing.load import load_of
from analyzer.sizing.sized import size_answers, sized
from analyzer.tree import SourceTree
from analyzer.variables import variables_of
from analyzer.witnesses.manifest import manifest_facts
from delightful.collecting import uncollected
from delightful.manifest import Manifest
from delightful.names import commit_sha, service_name
from delightful.recommendation import Answer, Migration, Recommendation


@uncollected()
def analyze(
    tree: SourceTree,
    manifest: Manifest | None,
    *,
    service: str,
    commit: str,
    changed: Sequence[str] | None = None,
    model: Model | None = None,
) -> Recommendation:
    """Say what a service needs to run, with the lines that prove it; the manifest always wins.

    The same tree, manifest and changed paths give the same recommendation, byte for byte. With
    `changed`, the paths that differ from the release before, the migrations among them are judged.
    A `model` is asked for what the rules leave open; nobody has one without a key.

    Raises:
        ConfigError: E_NAME or E_SHA.
    """
    facts = facts_of(tree, manifest)
    load = load_of(tree, manifest)
    services = () if tree.folder else services_of(tree)
    heads = migration_heads(tree)
    answers, told = _answered(tree, facts, model)
    sizing = sized(answers, load, manifest)
    answers = size_answers(answers, sizing)
    return Recommendation(
        service=service_name(service),
        commit=commit_sha(commit),
        folder=tree.folder,
        answers=tuple(answers[field] for field in FIELDS),
        variables=variables_of(answers),
        services=services,
        migrations=_judged(tree, changed),
        migration_heads=heads,
        notes=(*_notes(answers, manifest), *told, *tree.notes),
        sizing=sizing,
        cost=cost_of(sizing.settings, sizing.requests_per_second) if sizing else None,
    )


def facts_of(tree: SourceTree, manifest: Manifest | None) -> list[Fact]:
    """Return every fact that can be looked up: the manifest's, the witnesses', the language's."""
    stated = list(manifest_facts(tree, manifest)) if manifest else []
    seen = proven(tree, [*stated, *witnessed(tree), *languages_shown(tree)])
    language = weighed("language", seen).value
    own = proven(tree, [*facts_of_language(tree, language), *asked(tree)])
    return list(of_known_stores(tree, [*seen, *own], language))


def _answered(
    tree: SourceTree, facts: Sequence[Fact], model: Model | None
) -> tuple[Mapping[str, Answer], Sequence[str]]:
    """Return the answers, and what there is to tell of the model's part in them."""
    answers = concluded(facts)
    if model is None:
        return answers, (NO_KEY,) if open_fields(answers) else ()
    result = model(tree, answers)
    added = heard(answers, result)
    return bounded(concluded([*facts, *added]), added) if added else answers, result.notes


def _judged(tree: SourceTree, changed: Sequence[str] | None) -> tuple[Migration, ...] | None:
    if changed is None:
        return None
    # Its patterns are many and dear to compile: loaded only where something is compared.
    from analyzer.migrations import judged_migrations

    return judged_migrations(tree, changed)


def _notes(answers: Mapping[str, Answer], manifest: Manifest | None) -> Iterator[str]:
    if not is_run(answers):
        yield f"this is a {answers['kind'].value}: there is nothing to deploy"
    if any(answer.rule == "manifest" and not answer.evidence for answer in answers.values()):
        yield "the manifest was given beside the files, so its answers quote no line"
    if manifest is None:
        yield "no .delightful.yaml: every answer was read from the files"
    unknown = [field for field in FIELDS if answers[field].value is None]
    if unknown:
        yield f"unknown: {', '.join(unknown)}"
