"""Lists as GitHub shows them: one page, and a link to the next."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.stand_ins.local_server import Answer, Asked

_SIZE = "30"


def query_of(asked: Asked) -> dict[str, str]:
    """Return the parameters in a request's address."""
    return dict(parse_qsl(urlsplit(asked.path).query))


def page_of(asked: Asked, found: list[dict[str, Any]]) -> Answer:
    """Return the page that was asked for."""
    query = query_of(asked)
    page, size = int(query.get("page", "1")), int(query.get("per_page", _SIZE))
    following = urlencode({**query, "page": page + 1})
    url = f"http://{asked.headers['Host']}{urlsplit(asked.path).path}?{following}"
    headers = {"Link": f'<{url}>; rel="next"'} if found[page * size :] else {}
    return Answer(200, found[(page - 1) * size : page * size], headers)
