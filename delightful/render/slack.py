"""A message as Slack takes it: words that stay words, and links of our own under them."""

from typing import Any, Final

from delightful.render.announcement import Link, SlackMessage

# The hidden mark of our messages; Slack shows it to apps only.
EVENT_TYPE: Final = "delightful_release"

# Of a section's text; that of a message is longer.
_SECTION_CHARACTERS: Final = 3000


def message_arguments(message: SlackMessage, thread: str | None) -> dict[str, Any]:
    """Return the arguments of chat.postMessage for a message, but for the channel.

    People see the blocks, where the text is plain: no mention, link or markup comes of it. `text`
    is what notifications show.
    """
    arguments = {
        "text": slack_escaped(message.text),
        "blocks": _blocks(message),
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": message.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if thread is None:
        return arguments
    return arguments | {"thread_ts": thread, "reply_broadcast": message.is_broadcast}


def slack_escaped(text: str) -> str:
    """Return text in which Slack sees no mention and no link of its own, cut to its limit."""
    cut = text if len(text) <= _SECTION_CHARACTERS else f"{text[: _SECTION_CHARACTERS - 1]}…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(message: SlackMessage) -> list[dict[str, Any]]:
    plain = {"type": "plain_text", "emoji": False, "text": message.text[:_SECTION_CHARACTERS]}
    blocks: list[dict[str, Any]] = [{"type": "section", "text": plain}]
    if message.links:
        shown = " · ".join(_link(link) for link in message.links)
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": shown}]})
    return blocks


def _link(link: Link) -> str:
    return f"<{link.url.replace('&', '&amp;')}|{link.label}>"
