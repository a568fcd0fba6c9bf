"""One bounded request to a service."""

import time

import httpx
from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from blocks.certificates import believed_authorities
from delightful.live import SmokeResponse
from delightful.manifest import SmokeTest
from delightful.reading.path import is_same_origin, safe_url

COMMIT_HEADER = "X-Delightful-Commit"
_HEADERS = {"User-Agent": "delightful-smoke"}


class ServiceProbe(Block):
    """
    Sends smoke requests; every failure to answer is a result, never an exception.

    Example:
        Ask a service:
        ```python
        from blocks.ecs.probe import ServiceProbe

        probe = ServiceProbe.load("BLOCK_NAME")
        print(probe.request("http://hello.example", SmokeTest()).status)
        ```
    """

    _block_type_name = "Service Probe"
    _block_type_slug = "service-probe"
    _documentation_url = HttpUrl("https://www.python-httpx.org/advanced/timeouts/")

    max_body_kib: int = Field(
        default=64, ge=1, le=1024, description="How much of a body is read, in KiB."
    )
    excerpt_characters: int = Field(
        default=2000, ge=100, le=20000, description="How much of a body is kept as evidence."
    )
    max_redirects: int = Field(
        default=3, ge=0, le=10, description="How many redirects on the same host are followed."
    )

    def request(self, url: str, smoke: SmokeTest) -> SmokeResponse:
        """Request `smoke.path` at a base URL; the whole exchange ends within its timeout.

        A redirect to another host, a body that is too large or too slow and every failure of the
        network come back as `error`.

        Raises:
            ConfigError: E_URL, the base is no place that a service answers at.
        """
        target, started = safe_url(url, smoke.path), time.monotonic()
        try:
            return self._asked(target, started, started + smoke.timeout_seconds)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            told = str(error) or type(error).__name__
            return SmokeResponse(url=target, error=told, elapsed_seconds=time.monotonic() - started)

    def _asked(self, url: str, started: float, deadline: float) -> SmokeResponse:
        # Health checks and smoke tests go to the service itself, never through a proxy.
        with httpx.Client(
            verify=believed_authorities(), trust_env=False, headers=_HEADERS
        ) as client:
            request = client.build_request("GET", url)
            for _ in range(self.max_redirects + 1):
                request.extensions = {"timeout": _timeout(deadline)}
                answer = client.send(request, stream=True)
                try:
                    if not answer.has_redirect_location:
                        return self._read(answer, started, deadline)
                    request = _followed(answer)
                finally:
                    answer.close()
        raise httpx.TooManyRedirects(f"more than {self.max_redirects} redirects", request=request)

    def _read(self, answer: httpx.Response, started: float, deadline: float) -> SmokeResponse:
        body, error = bytearray(), None
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > self.max_body_kib * 1024:
                error = f"the body is larger than {self.max_body_kib} KiB"
            elif time.monotonic() > deadline:
                error = "the body did not end in time"
            if error:
                break
        return SmokeResponse(
            url=str(answer.url),
            status=answer.status_code,
            commit_header=answer.headers.get(COMMIT_HEADER),
            body_excerpt=body.decode(errors="replace")[: self.excerpt_characters],
            error=error,
            elapsed_seconds=time.monotonic() - started,
        )


def _timeout(deadline: float) -> dict[str, float]:
    left = max(0.05, deadline - time.monotonic())
    return dict.fromkeys(("connect", "read", "write", "pool"), left)


def _followed(answer: httpx.Response) -> httpx.Request:
    request = answer.next_request
    if request is None or not is_same_origin(str(request.url), str(answer.url)):
        raise httpx.UnsupportedProtocol(f"redirects to {request.url if request else 'nowhere'}")
    return request
