"""One Slack channel."""

from prefect.blocks.core import Block
from pydantic import Field, SecretStr


class SlackChannel(Block):
    """Posts messages and replies in threads."""

    _block_type_name = "Slack Channel"
    _block_type_slug = "slack-channel"

    channel: str = Field(description="Channel id.")
    token: SecretStr = Field(description="Bot token with chat:write.")

    def post(self, text: str) -> str:
        """Post plain text (escaped here) and return the thread it can be replied to in."""

    def reply(self, thread: str, text: str) -> None:
        """Reply in a thread."""
