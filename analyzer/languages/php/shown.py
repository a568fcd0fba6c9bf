"""PHP: what shows that a service is written in it."""

from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, first_line
from analyzer.languages.php.project import (
    entry_of,
    framework_of,
    read_composer,
    required,
)
from analyzer.languages.source_share import is_most
from analyzer.paths import is_in_serving_folder
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

LANGUAGE: Final = "php"


def shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is PHP."""
    composer = read_composer(tree)
    if composer is not None:
        framework = framework_of(tree, composer)
        names_php = required(tree, composer).get("php")
        evidence = names_php or first_line(composer.path, composer.text)
        if framework and framework.evidence:
            evidence = framework.evidence
        is_sure = framework or (names_php and is_most(tree, ".php"))
        confidence: Confidence = "high" if is_sure else "medium"
        if "/" in composer.path:
            is_served = is_in_serving_folder(composer.path) and is_most(tree, ".php")
            confidence = "medium" if is_served or entry_of(tree) else "low"
        yield Fact("language", LANGUAGE, "php/composer", confidence, evidence)
        return
    entry = entry_of(tree)
    framework = framework_of(tree, None) if entry else None
    if entry:
        confidence = "high" if framework else "medium"
        yield Fact("language", LANGUAGE, "php/entry", confidence, entry)
