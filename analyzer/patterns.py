"""Regular expressions that are compiled once they are tried."""

import re
from collections.abc import Callable, Iterator
from typing import Any, AnyStr, Final, Generic

# A pattern's first word, where nothing may stand before it; what is repeated is no part of it.
_FIRST_WORD: Final = re.compile(r"\A\\b((?:[A-Za-z_](?![?*+{]))+)")
_OFFERED: Final = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


class Pattern(Generic[AnyStr]):
    """A regular expression like one of `re`'s, but for when it is compiled.

    Of the hundreds that a process loads, most are never tried: to compile them all takes a quarter
    of the time that the Lambda needs to start. The first call compiles; the next are as fast as a
    compiled expression's. Patterns are linear: no nested repeats.
    """

    findall: Callable[..., list[Any]]
    finditer: Callable[..., Iterator[re.Match[AnyStr]]]
    fullmatch: Callable[..., re.Match[AnyStr] | None]
    match: Callable[..., re.Match[AnyStr] | None]
    search: Callable[..., re.Match[AnyStr] | None]
    split: Callable[..., list[Any]]
    sub: Callable[..., AnyStr]

    def __init__(self, pattern: AnyStr, flags: int = 0) -> None:
        self.pattern: AnyStr = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Compile, and keep what a compiled expression offers: this is not asked again."""
        if name not in _OFFERED:
            raise AttributeError(name)
        is_spaced = self._flags & re.VERBOSE
        pattern = self.pattern if is_spaced else _from_its_word(self.pattern)
        compiled = re.compile(pattern, self._flags)
        offered = {one: getattr(compiled, one) for one in _OFFERED}
        self.__dict__.update(offered)
        return offered[name]


def _from_its_word(pattern: AnyStr) -> AnyStr:
    """Return a pattern that finds the same, and begins with a word.

    Searching for a word is many times faster than for a place where one may begin, so what must
    not stand before the word is looked at after it.
    """
    if isinstance(pattern, str):
        return _FIRST_WORD.sub(r"\1(?<!\\w\1)", pattern)
    return pattern
