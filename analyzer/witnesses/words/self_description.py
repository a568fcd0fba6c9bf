"""What a README says that its project is: the noun at the end of `is a small tool for …`."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from analyzer.facts import Fact, quoted
from analyzer.patterns import Pattern
from analyzer.witnesses.words.prose import Paragraph, paragraphs
from delightful.recommendation import Confidence

_MOST_PARAGRAPHS: Final = 5
_MOST_SENTENCES: Final = 3
_LONGEST_SENTENCE: Final = 300

_DETERMINER: Final = r"(?:an?|the|our|my|your)[ ]"
_DETERMINED: Final = Pattern(rf"{_DETERMINER}$", re.I)
_NAME: Final = r"[\w.@/-]+(?:[ ][\w.@/-]+)?"
# Where what something is may be said: after the verb, or in a sentence that has none.
_LEADS: Final = (
    Pattern(rf"\b(?:is|are|(?:runs|works|acts|serves|running)[ ]as)[ ](?:{_DETERMINER})?", re.I),
    Pattern(
        rf"\A(?:[\w.@/-]+(?:[ ][\w.@/-]+)?(?:[ ]?:|[ ][-\u2014\u2013]+)[ ])?(?:{_DETERMINER})?",
        re.I,
    ),
)
_WORD: Final = Pattern(r"[\w',&/+.\u2019\"-]+")
# What comes after one of these tells more of a thing, and not what it is.
_STOPS: Final = frozenset(
    (
        *("aimed", "aiming", "allowing", "and", "as", "based", "between", "built", "by"),
        *("connecting", "crafted", "enabling"),
        *("designed", "for", "from", "in", "inspired", "into", "it", "just", "like", "made"),
        *("not", "of", "on", "or", "powered", "providing", "specifically", "supporting", "that"),
        *("to", "used", "uses", "using", "via", "when", "where", "which", "who", "with"),
        *("without", "written", "you"),
    )
)
_MOST_WORDS: Final = 10
# What is done to a thing of somebody's is said, not what does it: `Manage your library`.
_DONE_TO: Final = Pattern(r"[ ](?:your|our|my|their)[ ]", re.I)
# Sends its readers elsewhere, or names a part of what it tells of.
_POINTS: Final = Pattern(
    r"(?:see|read|visit|try|check|live|demo|please|running|proxy|example)\b"
    r"|official (?:web ?)?site",
    re.I,
)


class _Kind(NamedTuple):
    """A kind, by the last words of what something is called."""

    kind: str
    confidence: Confidence
    heads: Pattern[str]


def _heads(words: str) -> Pattern[str]:
    return Pattern(rf"(?:^|[ /])(?:{words})$", re.I)


_KINDS: Final = (
    _Kind(
        "cli",
        "high",
        _heads(
            r"(?:command[- ]line|terminal)(?:[- ](?:based|driven))? (?:tool|application|app|program"
            r"|utility|UI|client)|CLI(?: (?:tool|app|application|utility|program|client))?"
            r"|static site generator"
        ),
    ),
    _Kind(
        "cli",
        "medium",
        _heads(
            r"(?:command[- ]line|terminal)"
            r"(?: (?!interface|librar|framework|pars|prompt|toolkit)[\w-]+){1,3}"
            r"|(?:task|script|command) runner|linter|formatter|pager|type checker|utility"
            r"|(?:code|static)(?: code)?[- ]analy[sz]\w+(?: tool)?"
            r"|(?:migration|load testing|stress testing|benchmark|benchmarking|scaffolding|build"
            r"|development|developer|deployment|release|refactoring|recovery|backup)"
            r" (?:tool|utility)|version manager"
            r"|(?:image|code|png|file)(?: compression)?"
            r" (?:optimi[sz]er|compressor|minifier|converter)"
        ),
    ),
    # They hold a connection out, or watch what others change.
    _Kind(
        "worker",
        "high",
        _heads(
            r"(?:discord|telegram|slack|matrix|twitch|irc|chat|music|moderation|anti-spam)"
            r"(?: \w+)? (?:bot|bridge)|(?:kubernetes|k8s) (?:[\w-]+ )?(?:controller|operator)"
            r"|(?:queue|kafka|message) consumer"
            r"|MQTT (?:bridge|gateway)"
        ),
    ),
    _Kind(
        "worker",
        "medium",
        _heads(
            r"bot(?: system)?|bridge(?: application)?|operator|consumer"
            r"|background (?:process|worker|service)|d?dns (?:updater|client)"
        ),
    ),
    # A server may be called one, too.
    _Kind("worker", "low", _heads(r"controller|daemon")),
    _Kind("library", "low", _heads(r"middleware")),
    _Kind(
        "library",
        "medium",
        _heads(
            r"library|wrapper|(?:micro-?)?framework|SDK|(?:API|HTTP) (?:client|wrapper)"
            r"|bindings|ORM|gem|crate|connection pool|(?:job|task) queue|plug-?in"
            r"|extension|query builder"
        ),
    ),
    _Kind(
        "web",
        "high",
        _heads(
            r"web[ -]?(?:based )?(?:app|application|interface|UI|GUI|service|site|client)"
            r"|website|dashboard|(?:RESTful|REST|HTTP|JSON|GraphQL) API|API server|CMS"
            r"|content management system|microservice|exporter|(?:message|MQTT) broker"
            r"|(?<!\bHTTP )(?<!\b1\.1 )(?<!SGI )(?<!dev )(?<!development )(?<!web )server"
        ),
    ),
)
# Whoever writes programs in a language is who a library is for.
_LANGUAGE: Final = (
    r"(?:Elixir|Ruby|(?:Ruby on )?Rails|Go|Golang|PHP|\.NET(?: Core)?|Node(?:\.?js)?|Python"
    r"|Java|JVM|Kotlin|Rust|JavaScript|TypeScript|Laravel|Symfony|Django|FastAPI|Flask"
    r"|Spring(?: Boot)?|ASP\.NET(?: Core)?|Phoenix|Ecto|Express|React)"
)
_FOR_PROGRAMMERS: Final = Pattern(
    rf"[ ]?for (?:the )?{_LANGUAGE}(?: (?:apps|applications|developers|projects))?"
    r"(?=[ ]*(?:$|[.,!(/]|and ))"
)
_AND_A_COMMAND: Final = Pattern(r"[ ](?:and|&)[ ](?:an?[ ])?(?:CLI|command[- ]line)\b", re.I)
_AND_A_BINARY: Final = Pattern(r"[ ]as well as an?[ ](?:binary|CLI|command|program)\b", re.I)
# Who makes both ends of a protocol makes them for programs.
_BOTH_ENDS: Final = Pattern(r"[ ](?:and|or|&)[ ](?:an?[ ])?client\b", re.I)
_MADE_WITH_IT: Final = _heads(
    r"app|application|boilerplate|template|starter|skeleton|projects?|repository|code|portal|demo"
    r"|examples?|samples?|guide|community|manager|management|scanner|linter|analy[sz]er|checker"
    r"|generator|formatter|compiler|debugger|tool|tasks|image|images|buildpack|version"
)


# What carries messages from one place to another: `Zigbee to MQTT bridge`.
_BRIDGE: Final = Pattern(
    r"(?:[\w.-]+ (?:is|[-\u2013\u2014:]) )?(?:an? )?(?:[\w-]+ )?[\w-]+ (?:to|<->) "
    r"(?:[\w-]+ bridge|MQTT gateway)\b",
    re.I,
)


class Said(NamedTuple):
    """The kind that a sentence names, and the words that do."""

    kind: str
    confidence: Confidence
    words: str


def described(path: str, text: str) -> Iterator[Fact]:
    """Yield the kind that the first telling sentence of a README names."""
    title = None
    for paragraph in islice(paragraphs(text), _MOST_PARAGRAPHS):
        for sentence in paragraph.sentences(_MOST_SENTENCES):
            said = said_of(sentence[:_LONGEST_SENTENCE])
            fact = _fact(path, text, paragraph, said) if said else None
            is_name = (
                said and paragraph.is_heading and sentence.lower().endswith(said.words.lower())
            )
            if fact and is_name and fact.value == "worker":
                # A library for bots is called after them.
                title = title or fact
            elif fact:
                yield fact
                return
    if title:
        yield title


def said_of(sentence: str) -> Said | None:
    """Return what a sentence says that something is."""
    bridge = _BRIDGE.match(sentence)
    if bridge:
        return Said("worker", "high", bridge[0].rpartition(" ")[2])
    for lead in _LEADS:
        for match in lead.finditer(sentence):
            phrase, rest = _phrase(sentence, match.end())
            is_named_only = " " not in phrase and not _DETERMINED.search(match[0])
            is_bare = is_named_only or _POINTS.match(phrase)
            told = None if lead is _LEADS[1] and is_bare else _kind_of(phrase, rest)
            if told:
                return told
    return None


def _phrase(sentence: str, begin: int) -> tuple[str, str]:
    """Return the words from a place up to what tells more of them, and the rest."""
    end = begin
    for word in islice(_WORD.finditer(sentence, begin), _MOST_WORDS):
        gap = sentence[end : word.start()]
        # Of several qualities the thing itself is still to come: `a small and simple tool`.
        goes_on = word[0] == "and" and not _is_named(sentence[begin:end])
        if gap.strip() or word[0] == "-" or (word[0].lower() in _STOPS and not goes_on):
            break
        end = word.end()
    return sentence[begin:end].rstrip(".,").strip(), sentence[end:]


def _is_named(phrase: str) -> bool:
    return any(one.heads.search(phrase) for one in _KINDS)


def _kind_of(phrase: str, rest: str) -> Said | None:
    if _DONE_TO.search(phrase):
        return None
    for kind, confidence, heads in _KINDS:
        head = heads.search(phrase)
        if (
            head
            and kind == "library"
            and (_AND_A_COMMAND.match(rest) or _AND_A_BINARY.search(rest))
        ):
            return Said("cli", confidence, head[0].strip(" /"))
        if head and kind == "web" and (_FOR_PROGRAMMERS.match(rest) or _BOTH_ENDS.match(rest)):
            return Said("library", confidence, head[0].strip(" /"))
        if head:
            return Said(kind, confidence, head[0].strip(" /"))
    if phrase and _FOR_PROGRAMMERS.match(rest) and not _MADE_WITH_IT.search(phrase):
        return Said("library", "medium", phrase.rpartition(" ")[2])
    return None


def _fact(path: str, text: str, paragraph: Paragraph, said: Said) -> Fact | None:
    """Return the fact with the line in which its words stand, or the last of them."""
    lines = text.split("\n")
    begin = sum(len(line) + 1 for line in lines[: paragraph.first - 1])
    end = begin + sum(len(line) + 1 for line in lines[paragraph.first - 1 : paragraph.last])
    for quote in (said.words, said.words.rpartition(" ")[2]):
        at = text.find(quote, begin, end)
        if at >= 0:
            evidence = quoted(path, text, at, at + len(quote))
            return Fact("kind", said.kind, "readme/description", said.confidence, evidence)
    return None
