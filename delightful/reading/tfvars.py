"""The strict reader of `infrastructure/environments/*/*.tfvars`: one `name = value` a line.

A list or object may go on over lines, until its bracket stands alone at the margin. Terraform's
language allows more; an environment's values need no more, and a file that says more
is refused here rather than read differently from how Terraform would.
"""

import re
from collections.abc import Iterator

from pydantic import JsonValue

from delightful.errors import ConfigError
from delightful.reading.fault import Mark, Place, fault
from delightful.reading.json import read_json

_SETTING = re.compile(r"([a-z][a-z0-9_]*)[ \t]*=[ \t]*(\S.*)", re.DOTALL)
# Terraform would put values in here, or does not know these escapes of JSON.
_READ_DIFFERENTLY = re.compile(r"[$%]\{|\\[/bf]")


def read_tfvars(text: str, file: str) -> dict[str, JsonValue]:
    """Return the values of a variable file, each as in JSON.

    Raises:
        ConfigError: E_TFVARS, with the line, on anything else or on a name given twice.
    """
    values: dict[str, JsonValue] = {}
    for number, content in _settings(text):
        match = _SETTING.fullmatch(content)
        if match is None or match[1] in values or _READ_DIFFERENTLY.search(match[2]):
            raise _fault(file, number, content)
        try:
            values[match[1]] = read_json(match[2].encode("utf-8", "surrogatepass"), file)
        except ConfigError as error:
            raise _fault(file, number, content) from error
    return values


def _settings(text: str) -> Iterator[tuple[int, str]]:
    """Yield each setting with the number of its first line; comments and empty lines are none."""
    held: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not held and (not line.strip() or line.lstrip().startswith("#")):
            continue
        held.append(line)
        goes_on = line.rstrip().endswith(("{", "[")) if len(held) == 1 else line not in ("}", "]")
        if not goes_on:
            yield number - len(held) + 1, "\n".join(held).strip()
            held = []
    if held:
        yield number - len(held) + 1, "\n".join(held).strip()


def _fault(file: str, number: int, content: str) -> ConfigError:
    name = content.partition("=")[0].strip()
    return fault(
        "E_TFVARS",
        Place(file, Mark(number, 1), name),
        "not a new `name = value`",
        got=content,
        hint="write one name and one JSON value on a line, comments on lines of their own; "
        "an object over lines ends with its bracket alone on a line",
    )
