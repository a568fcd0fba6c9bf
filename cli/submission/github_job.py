"""What a job of GitHub Actions is told, and what tells one run of it from another."""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from delightful.release import Release
from delightful.render import release_card


def idempotency_key(names: Iterable[str], variables: Mapping[str, str]) -> str:
    """Return the key under which a flow run is asked for: the same job asks for the same run.

    A job that is run again is another attempt of it, and outside CI each call is one of its own.
    """
    run = variables.get("GITHUB_RUN_ID")
    attempt = variables.get("GITHUB_RUN_ATTEMPT", "1")
    asked = f"{run}-{attempt}" if run else secrets.token_hex(8)
    return "/".join((*names, asked))


def tell_job(
    variables: Mapping[str, str], outputs: Mapping[str, str], release: Release | None
) -> None:
    """Give the job its outputs, and its summary the release's card, where GitHub named the files.

    Raises:
        ValueError: an output has more than one line, which would be read as another output.
    """
    if "GITHUB_OUTPUT" in variables:
        _append(variables["GITHUB_OUTPUT"], "".join(_output(*one) for one in outputs.items()))
    if release is not None:
        tell_summary(variables, release_card(release))


def tell_summary(variables: Mapping[str, str], card: str) -> None:
    """Put a card into the job's summary, where GitHub named its file."""
    if "GITHUB_STEP_SUMMARY" in variables:
        _append(variables["GITHUB_STEP_SUMMARY"], f"{card}\n")


def _output(name: str, value: str) -> str:
    if len(value.splitlines()) > 1:
        raise ValueError(f"output {name} has more than one line")
    return f"{name}={value}\n"


def _append(file: str, text: str) -> None:
    with Path(file).open("a", encoding="utf-8") as stream:
        stream.write(text)
