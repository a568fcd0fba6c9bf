"""One pattern in several spellings: each begins with a word, which is searched for fast."""

import re
from collections.abc import Iterator, Mapping, Sequence

from analyzer.patterns import Pattern
from analyzer.source_rules import Reading, SourceRule
from delightful.recommendation import Confidence


def by_case(
    rule: str,
    field: str,
    words: Sequence[str] | Mapping[str, str],
    rest: str,
    confidence: Confidence,
    read: Reading,
) -> Iterator[SourceRule]:
    """Yield one rule a spelling of the word that the pattern begins with.

    Where a mapping says what else must stand in the text, that is looked for instead.
    """
    for word in words:
        needed = words[word] if isinstance(words, Mapping) else word
        yield SourceRule(rule, field, needed, Pattern(re.escape(word) + rest), confidence, read)
