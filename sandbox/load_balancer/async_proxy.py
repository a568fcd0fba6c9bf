"""The proxy where haproxy is not installed: a reverse proxy on aiohttp, in one thread."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from aiohttp import web

from sandbox.load_balancer.accounting import AccessEntry
from sandbox.load_balancer.checker import LoopThread
from sandbox.load_balancer.routing import (
    Action,
    Balancer,
    Endpoint,
    FixedResponse,
    Forward,
    Listener,
)

# Meaningful for one connection only, RFC 9110 section 7.6.1.
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_TARGET_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=10, sock_read=60)


@dataclass
class _Running:
    balancer: Balancer
    sites: dict[tuple[str, str, int], web.AppRunner] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class _Exchange:
    """One request on its way: what the access entry will say."""

    listener: str
    group: str | None = None
    target: Endpoint | None = None
    target_status: int | None = None
    target_ms: float | None = None


class AsyncProxy:
    """Carries the traffic of every load balancer in this process."""

    kind: Literal["aiohttp"] = "aiohttp"

    def __init__(self) -> None:
        self._thread = LoopThread("load-balancer")
        self._running: dict[str, _Running] = {}
        self._entries: list[AccessEntry] = []
        self._lock = threading.Lock()
        self._session: aiohttp.ClientSession | None = None

    def apply(self, balancer: Balancer) -> None:
        """Follow `balancer`; requests in flight finish where they are."""
        self._thread.call(self._apply(balancer))

    def remove(self, arn: str) -> None:
        """Stop a load balancer's listeners."""
        self._thread.call(self._remove(arn))

    def keep_up(self) -> None:
        """Nothing can end by itself here: the listeners live in this process."""

    def take_entries(self) -> list[AccessEntry]:
        """Return the requests answered since the last call."""
        with self._lock:
            taken, self._entries = self._entries, []
            return taken

    def close(self) -> None:
        """Stop every listener and the thread."""
        self._thread.call(self._close())
        self._thread.stop()

    async def _apply(self, balancer: Balancer) -> None:
        running = self._running.setdefault(balancer.arn, _Running(balancer))
        running.balancer = balancer
        wanted = {(item.arn, balancer.address, item.port) for item in balancer.listeners}
        for key in running.sites.keys() - wanted:
            await running.sites.pop(key).cleanup()
        for key in wanted - running.sites.keys():
            running.sites[key] = await self._listen(running, *key)

    async def _remove(self, arn: str) -> None:
        running = self._running.pop(arn, None)
        for runner in running.sites.values() if running else ():
            await runner.cleanup()

    async def _close(self) -> None:
        for arn in tuple(self._running):
            await self._remove(arn)
        if self._session is not None:
            await self._session.close()

    async def _listen(
        self, running: _Running, listener: str, address: str, port: int
    ) -> web.AppRunner:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await self._answer(running, listener, request)

        runner = web.ServerRunner(web.Server(handle), shutdown_timeout=2.0)
        await runner.setup()
        await web.TCPSite(runner, address, port).start()
        return runner  # type: ignore[return-value]

    async def _answer(
        self, running: _Running, arn: str, request: web.BaseRequest
    ) -> web.StreamResponse:
        exchange, began = _Exchange(arn), time.perf_counter()
        status = 460
        try:
            response = await self._respond(running, exchange, request)
            status = response.status
            return response
        finally:
            elapsed = (time.perf_counter() - began) * 1000
            self._note(running.balancer.arn, exchange, request, status, elapsed)

    async def _respond(
        self, running: _Running, exchange: _Exchange, request: web.BaseRequest
    ) -> web.StreamResponse:
        balancer = running.balancer
        listener = next(item for item in balancer.listeners if item.arn == exchange.listener)
        action = _chosen(listener, request)
        if isinstance(action, FixedResponse):
            return web.Response(
                status=action.status, text=action.body, content_type=action.content_type
            )
        exchange.group = _drawn(action)
        ready = _ready(balancer, exchange.group)
        if not ready:
            return _own_answer(503, "Service Temporarily Unavailable")
        turn = running.turns[exchange.group or ""]
        running.turns[exchange.group or ""] = turn + 1
        exchange.target = ready[turn % len(ready)]
        return await self._forward(exchange, listener, request)

    async def _forward(
        self, exchange: _Exchange, listener: Listener, request: web.BaseRequest
    ) -> web.StreamResponse:
        session = self._session or self._new_session()
        began = time.perf_counter()
        url = f"http://{exchange.target}{request.path_qs}"
        try:
            async with session.request(
                request.method,
                url,
                headers=_forwarded_headers(request, listener.port),
                data=request.content if request.can_read_body else None,
                allow_redirects=False,
            ) as answer:
                exchange.target_status = answer.status
                exchange.target_ms = (time.perf_counter() - began) * 1000
                return await _relay(request, answer)
        except TimeoutError:
            return _own_answer(504, "Gateway Time-out")
        except aiohttp.ClientError:
            return _own_answer(502, "Bad Gateway")

    def _new_session(self) -> aiohttp.ClientSession:
        # A fresh connection each time: a kept one may be closed by the target as it is used.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
            timeout=_TARGET_TIMEOUT,
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session

    def _note(
        self,
        balancer: str,
        exchange: _Exchange,
        request: web.BaseRequest,
        status: int,
        elapsed_ms: float,
    ) -> None:
        entry = AccessEntry(
            at=time.time(),
            load_balancer=balancer,
            listener=exchange.listener,
            target_group=exchange.group,
            target=str(exchange.target) if exchange.target else None,
            method=request.method,
            path=request.path,
            status=status,
            target_status=exchange.target_status,
            milliseconds=round(elapsed_ms, 1),
            target_milliseconds=exchange.target_ms,
        )
        with self._lock:
            self._entries.append(entry)


def _chosen(listener: Listener, request: web.BaseRequest) -> Action:
    def holds(rule: Any) -> bool:
        return all(
            condition.holds(request.method, request.path, request.headers)
            for condition in rule.conditions
        )

    return next((rule.action for rule in listener.rules if holds(rule)), listener.default)


def _drawn(action: Forward) -> str | None:
    groups = [group for group, weight in action.weights if weight > 0]
    weights = [weight for _, weight in action.weights if weight > 0]
    return random.choices(groups, weights)[0] if groups else None  # noqa: S311 - traffic, no secret


def _ready(balancer: Balancer, group: str | None) -> list[Endpoint]:
    targets = dict(balancer.groups).get(group or "", ())
    return [target.endpoint for target in targets if target.takes_new_requests]


def _forwarded_headers(request: web.BaseRequest, port: int) -> Mapping[str, str]:
    headers = request.headers.copy()
    for name in _HOP_BY_HOP | {name.strip() for name in headers.get("Connection", "").split(",")}:
        headers.popall(name, None)
    headers.add("X-Forwarded-For", request.remote or "")
    headers["X-Forwarded-Proto"] = "http"
    headers["X-Forwarded-Port"] = str(port)
    return headers


async def _relay(request: web.BaseRequest, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        if name.lower() not in _HOP_BY_HOP:
            response.headers.add(name, value)
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response


def _own_answer(status: int, reason: str) -> web.Response:
    body = f"<html><head><title>{status} {reason}</title></head></html>"
    return web.Response(status=status, text=body, content_type="text/html")
