"""Text for people: value in, inert text out."""

from delightful.render.card import read_release_artifact, release_card, release_markdown
from delightful.render.image import image_markdown
from delightful.render.lines import release_line, release_table
from delightful.render.plain import release_text
from delightful.render.plan import plan_card, plan_text
from delightful.text import escaped

__all__ = [
    "escaped",
    "image_markdown",
    "plan_card",
    "plan_text",
    "read_release_artifact",
    "release_card",
    "release_line",
    "release_markdown",
    "release_table",
    "release_text",
]
