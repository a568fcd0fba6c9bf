"""Slack's Web API for one workspace, as far as Delightful asks for it; with memory and faults."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.stand_ins.faults import Faults, slack_answer
from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

BOT = "B0RELEASES"
_JSON = {"Content-Type": "application/json; charset=utf-8"}

Json = dict[str, Any]


@dataclass
class SlackStandIn:
    """The channels `C…` and `G…` that the bot was invited to, each with its messages, oldest first.

    `scopes` are those of the token; what wants another one is refused with `missing_scope`.
    """

    channels: dict[str, list[Json]] = field(default_factory=lambda: {"C0RELEASES": []})
    scopes: set[str] = field(
        default_factory=lambda: {"chat:write", "channels:history", "metadata.message:read"}
    )
    faults: Faults = field(default_factory=Faults)
    server: LocalServer = field(default_factory=lambda: LocalServer("", []))
    now: float = 1_800_000_000.0

    @property
    def url(self) -> str:
        """Return the address that a client is given."""
        return f"{self.server.url}/api/"

    @property
    def asked(self) -> list[Asked]:
        """Return every request, those that met a fault among them."""
        return self.server.asked

    def threads(self, channel: str = "C0RELEASES") -> dict[str, list[str]]:
        """Return the texts of each thread by its `ts`, the first message first."""
        found: dict[str, list[str]] = {}
        for message in self.channels[channel]:
            thread = str(message.get("thread_ts", message["ts"]))
            found.setdefault(thread, []).append(message["text"])
        return found

    def add_message(self, channel: str, text: str, **more: Any) -> str:
        """Let somebody write in a channel; returns the message's `ts`."""
        self.now += 1
        ts = f"{self.now:.6f}"
        self.channels[channel].append({"type": "message", "ts": ts, "text": text, **more})
        return ts

    def answer(self, asked: Asked) -> Answer:
        """Answer one request, or let it meet a fault."""
        return self.faults.met(asked, self._answer)

    def _answer(self, asked: Asked) -> Answer:
        if not asked.headers.get("Authorization", "").startswith("Bearer xox"):
            return slack_answer("not_authed")
        method = urlsplit(asked.path).path.removeprefix("/api/")
        scope, action = self._methods().get(method, ("", None))
        if action is None:
            return slack_answer("unknown_method")
        if scope and not any(one in self.scopes for one in scope.split(" or ")):
            return slack_answer("missing_scope")
        return action(_arguments(asked))

    def _methods(self) -> dict[str, tuple[str, Callable[[Json], Answer]]]:
        history = "channels:history or groups:history"
        return {
            "auth.test": ("", self._auth_test),
            "chat.postMessage": ("chat:write", self._post),
            "chat.update": ("chat:write", self._update),
            "conversations.history": (history, self._history),
            "conversations.replies": (history, self._replies),
        }

    def _auth_test(self, _: Json) -> Answer:
        return _ok(bot_id=BOT, user="delightful", team="example")

    def _post(self, wanted: Json) -> Answer:
        channel = wanted["channel"]
        if channel not in self.channels:
            return slack_answer("channel_not_found")
        kept = {
            name: wanted[name]
            for name in ("thread_ts", "metadata", "blocks", "reply_broadcast")
            if name in wanted
        }
        ts = self.add_message(channel, wanted["text"], bot_id=BOT, **kept)
        return _ok(channel=channel, ts=ts)

    def _update(self, wanted: Json) -> Answer:
        found = self._message(wanted["channel"], wanted["ts"])
        if found is None:
            return slack_answer("message_not_found")
        found |= {name: wanted[name] for name in ("text", "blocks", "metadata") if name in wanted}
        return _ok(channel=wanted["channel"], ts=wanted["ts"], text=found["text"])

    def _history(self, wanted: Json) -> Answer:
        if wanted["channel"] not in self.channels:
            return slack_answer("channel_not_found")
        oldest = float(wanted.get("oldest", "0"))
        found = [
            one
            for one in reversed(self.channels[wanted["channel"]])
            if "thread_ts" not in one and float(one["ts"]) > oldest
        ]
        return self._page(wanted, found)

    def _replies(self, wanted: Json) -> Answer:
        if self._message(wanted["channel"], wanted["ts"]) is None:
            return slack_answer("thread_not_found")
        found = [
            one
            for one in self.channels[wanted["channel"]]
            if wanted["ts"] in (one["ts"], one.get("thread_ts"))
        ]
        return self._page(wanted, found)

    def _page(self, wanted: Json, found: list[Json]) -> Answer:
        start, size = int(wanted.get("cursor") or 0), int(wanted.get("limit", 100))
        with_metadata = str(wanted.get("include_all_metadata", "")).lower() in ("1", "true")
        shown = [_shown(one, with_metadata) for one in found[start : start + size]]
        has_more = len(found) > start + size
        cursor = str(start + size) if has_more else ""
        return _ok(messages=shown, has_more=has_more, response_metadata={"next_cursor": cursor})

    def _message(self, channel: str, ts: str) -> Json | None:
        return next((one for one in self.channels.get(channel, []) if one["ts"] == ts), None)


def _shown(message: Json, with_metadata: bool) -> Json:
    if with_metadata or "metadata" not in message:
        return message
    return {**message, "metadata": {"event_type": message["metadata"]["event_type"]}}


def _ok(**fields: Any) -> Answer:
    return Answer(200, {"ok": True, **fields}, _JSON)


def _arguments(asked: Asked) -> Json:
    found: Json = dict(parse_qsl(urlsplit(asked.path).query))
    if asked.headers.get("Content-Type", "").startswith("application/json"):
        return {**found, **asked.json()}
    found |= dict(parse_qsl(asked.body.decode()))
    nested = {name: json.loads(found[name]) for name in ("metadata", "blocks") if name in found}
    return found | nested


@contextmanager
def slack_stand_in(**settings: Any) -> Iterator[SlackStandIn]:
    """Run a stand-in on loopback; settings are fields of SlackStandIn."""
    stand_in = SlackStandIn(**settings)
    with local_server(stand_in.answer) as server:
        stand_in.server = server
        yield stand_in
