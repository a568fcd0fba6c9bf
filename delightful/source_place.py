"""Where the files of a commit lie in S3: one object for each service and commit, by its name."""

import re
from typing import Final, Literal

from delightful.errors import ConfigError
from delightful.frozen import Frozen
from delightful.names import commit_sha, service_name
from delightful.text import escaped

# Left by the build of a commit of the main branch, or proposed by a pull request.
Kind = Literal["sources", "proposed"]

_SCHEME: Final = "s3://"
_PLACE = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/"
    r"(?P<kind>sources|proposed)/(?P<service>[a-z0-9-]{2,31})/(?P<commit>[0-9a-f]{40})\.tar\.gz"
)


class SourcePlace(Frozen):
    """The archive of one commit; its root is the repository's root."""

    bucket: str
    kind: Kind
    service: str
    commit: str

    @property
    def key(self) -> str:
        """Return the object's key."""
        return f"{self.kind}/{service_name(self.service)}/{commit_sha(self.commit)}.tar.gz"

    @property
    def url(self) -> str:
        """Return what a flow is given as its `source`."""
        return f"{_SCHEME}{self.bucket}/{self.key}"


def is_in_s3(source: str) -> bool:
    """Say whether a source is an object in S3 rather than a folder."""
    return source.startswith(_SCHEME)


def source_place(source: str, expected: SourcePlace, *, may_be_proposed: bool) -> SourcePlace:
    """Return the place that a source names, which is that of this bucket, service and commit.

    `expected` is the place of the commit's build; where `may_be_proposed`, the one beside it that a
    pull request writes is taken too.

    Raises:
        ConfigError: E_SOURCE, it names anything else.
    """
    match = _PLACE.fullmatch(source)
    named = SourcePlace.model_validate(match.groupdict()) if match else None
    allowed = [expected]
    if may_be_proposed:
        allowed.append(expected.model_copy(update={"kind": "proposed"}))
    if named in allowed:
        return named
    raise ConfigError(
        "E_SOURCE",
        f"source: {escaped(source, limit=200)} is not where the files of this commit lie "
        f"(allowed {' or '.join(place.url for place in allowed)})",
        hint="leave them there with `delightful build`, and give that address",
    )
