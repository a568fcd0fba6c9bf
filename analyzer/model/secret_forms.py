"""What a secret looks like: by the name beside it, by a known form, or by chance alone."""

import math
import re
from collections import Counter
from itertools import pairwise
from typing import Final

from analyzer.patterns import Pattern

# A word that stands before a secret, wherever in a name: DB_PASSWORD, apiKey, X-Auth-Token.
SECRET_WORD: Final = Pattern(
    r"passw(?:or)?d|passphrase|passcode|pass(?![a-z])|pwd"
    r"|secret|token|credential|bearer|authorization|cookie|(?<![a-z])auth(?![a-z])|_auth(?![a-z])"
    r"|(?:api|access|account|app|client|deploy|encryption|host|license|master|private|service"
    r"|session|shared|signing|ssh|storage|webhook|crypt|hmac|aes|rsa|jwt|storage)[-_. ]?key"
    r"|(?<![a-z])(?:salt|pepper|dsn|otp|pin|jwt|sas|sig|nonce|seed)(?![a-z])|signature"
    r"|conn(?:ection)?[-_. ]?str|passkey|mnemonic|kubeconfig|webhook",
    re.IGNORECASE,
)

# Tokens whose makers gave them a form of their own.
_KNOWN_FORM: Final = Pattern(
    r"\b(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,}"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|gldt-|glrt-|xox[a-z]-|xapp-|sk-|sk_|rk_|pk_|npm_|pypi-"
    r"|dop_v1_|doo_v1_|shp(?:at|ca|pa|ss)_|hf_|whsec_|hvs\.|hvb\.|s\.|EAAC|ya29\.|AIza|SG\."
    r"|dckr_pat_|sq0[a-z]{3}-|key-|lin_api_|figd_|ATATT|PMAK-|rubygems_|pul-|tfp_|nvapi-|gsk_"
    r"|AGE-SECRET-KEY-|xkeysib-|dp\.[a-z]+\.|phc_|sntrys_|sbp_|re_|v1\.0-)[A-Za-z0-9_./+=-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]+){0,4}"
    r"|hooks\.slack\.com/\S+|discord(?:app)?\.com/api/webhooks/\S+|outlook\.office\.com/webhook\S+"
    r"|\$(?:2[abxy]|argon2[a-z]*|5|6|apr1|y)\$[A-Za-z0-9./$,=+-]{8,}"
)

# user:password@host and its kin; of a URL everything between // and the last @.
_USERINFO: Final = Pattern(
    r"(?<=://)[^\s'\"<>`]*@|[^\s'\"=:/@<>`(]+:[^\s'\"<>`]+@(?!sha256:)(?=[A-Za-z0-9_\[(])"
)

# The digest of an image or a package is known to everybody.
_RUN: Final = Pattern(r"(?<!sha256:)(?<![A-Za-z0-9])[A-Za-z0-9+/=_.~-]{16,}")
_PIECE: Final = Pattern(r"[A-Za-z0-9+=_~-]{16,}")
_HEXADECIMAL: Final = Pattern(r"[0-9a-fA-F]{16,}")
_CONSONANTS: Final = Pattern(r"[bcdfghjklmnpqrstvwxz]{7,}", re.IGNORECASE)
# Pairs of letters that hardly stand in any word.
_RARE_PAIR: Final = Pattern(
    r"q(?!u)|[jvxz](?=[bcdfghjkmnpqrstvwxz])|[bcdfghjklmpqvwxz](?=[jqvxz])", re.IGNORECASE
)
_DIGITS: Final = Pattern(r"[0-9]+")
_LITERAL: Final = Pattern(
    r"(?<=[\"'`])[^\s\"'`]{8,64}(?=[\"'`])|(?<![^\s:=])[^\s\"'`/(){}\[\]<>.,;:$]{8,64}(?!\S)"
)
_SYMBOL: Final = Pattern(r"[!#$%^&*?@~+|]")
_SHORTEST: Final = 16
_BITS_PER_CHARACTER: Final = 3.2


def secret_spans(line: str) -> list[tuple[int, int]]:
    """Return where a line holds what looks like a secret by its own form, whatever its name."""
    spans = [match.span() for match in _KNOWN_FORM.finditer(line)]
    spans += [match.span() for match in _USERINFO.finditer(line)]
    for run in _RUN.finditer(line):
        spans += _random_spans(run.group(), run.start())
    spans += [match.span() for match in _LITERAL.finditer(line) if _is_mixed(match.group())]
    return spans


def _random_spans(run: str, start: int) -> list[tuple[int, int]]:
    # A base64 secret may hold slashes, and so does a path: whole first, then piece by piece.
    if len(run) >= _SHORTEST and _is_shuffled(run.replace("/", "").replace(".", "")):
        return [(start, start + len(run))]
    pieces = _PIECE.finditer(run)
    return [(start + p.start(), start + p.end()) for p in pieces if is_random(p.group())]


def is_random(text: str) -> bool:
    """Say whether a text without spaces looks drawn by chance rather than written."""
    bare = text.replace("-", "").replace("_", "").rstrip("=")
    if len(bare) < _SHORTEST:
        return False
    if _HEXADECIMAL.fullmatch(bare):
        return any(c.isdigit() for c in bare) and (len(bare) >= 20 or not bare.isdigit())
    if _CONSONANTS.search(bare) or len(_RARE_PAIR.findall(bare)) > 2:
        return True
    return _is_shuffled(bare)


def _is_shuffled(bare: str) -> bool:
    changes = sum(_kind(a) != _kind(b) for a, b in pairwise(bare)) / (len(bare) - 1)
    digit_groups = len(_DIGITS.findall(bare))
    least = 0.2 if digit_groups > 2 else 0.3 if digit_groups else 0.45
    return changes >= least and _bits(bare) >= _BITS_PER_CHARACTER


def _is_mixed(text: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit)
    held = sum(any(kind(character) for character in text) for kind in kinds)
    return held == len(kinds) and _SYMBOL.search(text) is not None


def _kind(character: str) -> int:
    return 0 if character.islower() else 1 if character.isupper() else 2


def _bits(text: str) -> float:
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
