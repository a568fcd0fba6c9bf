"""Who asked AWS for what, read from requests that a proxy passed on, and what was a change."""

import re
import urllib.parse
from collections.abc import Iterable

from delightful.frozen import Frozen
from tests.end_to_end.faulty_endpoint import Call

_OPERATION_PATH = re.compile(r"/operation/([A-Za-z]+)$")
_READS = re.compile(r"^(Get|List|Describe|BatchGet|BatchCheck|Query|Scan|Lookup|Filter|AssumeRole)")
# What keeps records beside a service and is not the service: ledger, locks, state, results.
_RECORDS = frozenset({"dynamodb", "s3"})
_CREDENTIAL = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/aws4_request")


class AwsCall(Frozen):
    """One request; `at` in seconds since the epoch, when it arrived."""

    at: float
    service: str
    operation: str
    application: str | None

    @property
    def is_mutating(self) -> bool:
        """Say whether it asks for a change."""
        return _READS.match(self.operation) is None

    @property
    def changes_service(self) -> bool:
        """Say whether what it changes is more than records about the service."""
        return self.is_mutating and self.service not in _RECORDS


def first_change(seen: Iterable[Call], since: float, *, of_service: bool = False) -> AwsCall | None:
    """Return the first mutating call since a moment, of any but applications of our own."""
    for call in sorted(map(read_call, seen), key=lambda one: one.at):
        counts = call.changes_service if of_service else call.is_mutating
        if call.at >= since and call.application is None and counts:
            return call
    return None


def read_call(call: Call) -> AwsCall:
    """Return what a request asks for, in whichever of AWS's protocols it is written."""
    agent = re.search(r"\bapp/(\S+)", call.headers.get("user-agent", ""))
    signed = _CREDENTIAL.search(call.headers.get("authorization", ""))
    return AwsCall(
        at=call.at,
        service=signed[1] if signed else "unsigned",
        operation=call.operation or _operation_by_path(call),
        application=agent[1] if agent else None,
    )


def _operation_by_path(call: Call) -> str:
    path = urllib.parse.urlsplit(call.path).path
    named = _OPERATION_PATH.search(path)
    reads = {"GET": "Get", "HEAD": "Get"}
    return named[1] if named else f"{reads.get(call.method, call.method.title())} {path}"
