"""What is said of a recommendation on a terminal and on a pull request alike: plain words."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from delightful.recommendation import (
    Answer,
    Cost,
    MigrationRisk,
    Recommendation,
    Sizing,
    worst_risk,
)
from delightful.release import SchemaChange
from delightful.running import Running
from delightful.settings import Settings

# The key of `.delightful.yaml` that wins over an answer.
OVERRULED_BY: Final = {
    "port": "port",
    "start_command": "start_command",
    "health_path": "health_check.path",
    "database": "database.engine",
    "database_version": "database.version",
    "cache": "cache.engine",
    "migration_tool": "release_command",
    "migration_command": "release_command",
    "environment_variables": "environment",
    "secrets": "secrets",
    "cpu_units": "cpu_units",
    "memory_mib": "memory_mib",
    "kind": "service",
    "language": "build.dockerfile",
    "runtime_version": "build.dockerfile",
    "framework": "build.dockerfile",
}
# Set by what is merged; everything else that is recommended is for somebody to write down.
_BY_MERGING: Final = "with terraform.tfvars.json, once merged"
_RISKS: Final[dict[MigrationRisk, str]] = {
    "irreversible": "a changed migration takes data away that no way back brings",
    "contract": "the release that runs now may not work with the schema as it will be",
    "unknown": "what a changed migration does could not be read",
    "expand": "the changed migrations only add: the release that runs now works with them",
}
_ROLLBACKS: Final[dict[MigrationRisk, str]] = {
    "irreversible": "no: the tasks come back, the data does not",
    "contract": "not safely: the tasks come back, the schema stays as it will be",
    "unknown": "unknown: look at the changed migrations first",
    "expand": "yes: the tasks come back, and the schema suits them",
}


class Change(NamedTuple):
    """One setting as it runs, as it is recommended, and how the second comes to be."""

    name: str
    runs: str
    recommended: str
    takes_effect: str


def value_text(answer: Answer) -> str:
    """Return an answer's value as people write it."""
    return shown(answer.value) if answer.value is not None else "unknown"


def shown(value: object) -> str:
    """Return a value as people write it: lists as words, truth as yes and no."""
    if isinstance(value, list | tuple):
        return " ".join(shown(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def usd(amount: float, *, signed: bool = False) -> str:
    """Return an amount of dollars to the cent; no dollar sign, which begins a formula on GitHub."""
    return f"{amount:+,.2f} USD" if signed else f"{amount:,.2f} USD"


def cost_text(cost: Cost, before: Cost | None) -> str:
    """Return what it costs in a month, and how much that is more or less than before."""
    if cost.unpriced:
        return f"not known: no price for {', '.join(cost.unpriced)} in {cost.region}"
    text = f"about {usd(cost.monthly_usd)} a month, at most {usd(cost.at_most_usd)}"
    if before is None:
        return text
    if before.unpriced:
        return f"{text}; as it runs not known: no price for {', '.join(before.unpriced)}"
    difference = round(cost.monthly_usd - before.monthly_usd, 2)
    return f"{text}; {usd(difference, signed=True)} against {usd(before.monthly_usd)} as it runs"


def prices_text(cost: Cost) -> str:
    """Return which prices those are, of which day and from where."""
    return f"list prices of {cost.region} as of {cost.prices_as_of} ({cost.prices_source})"


def migration_text(recommendation: Recommendation) -> str:
    """Return what the changed migrations do to the release that runs now."""
    risk = worst_risk(recommendation.migrations or ())
    if risk is not None:
        return f"{risk}: {_RISKS[risk]}"
    if recommendation.migrations is not None:
        return "none changed"
    return "not compared with what runs, so nothing is said of changed migrations"


def schema_text(change: SchemaChange) -> str:
    """Return what a release does to the schema of the one before it, or nothing where none is."""
    if change.since is None:
        return f"not compared: {', '.join(change.heads)}" if change.heads else ""
    if change.judgement is None:
        return f"none changed since {change.since[:12]}" if change.heads else ""
    worst = change.changed[0]
    return (
        f"{change.judgement}: {change.changed_count} changed since {change.since[:12]}, "
        f"{worst.path} {worst.reason}"
    )


def rollback_text(recommendation: Recommendation, running: Running | None) -> str:
    """Return whether this release could be rolled back once it serves."""
    if running is None:
        return "there is no earlier release to go back to, as far as was told"
    if recommendation.migrations is None:
        return "the tasks, yes; of changed migrations nothing is known"
    return _ROLLBACKS[worst_risk(recommendation.migrations) or "expand"]


def changes(recommendation: Recommendation, running: Running) -> list[Change]:
    """Return the settings whose recommended value is not the one that runs."""
    found = [
        *_variable_changes(recommendation, running),
        *_setting_changes(recommendation, running),
    ]
    return [change for change in found if change.runs != change.recommended]


def settings_shown(settings: Settings) -> dict[str, str]:
    """Return every setting in words, by the name that a reason has for it."""
    return {name: read(settings) for name, read in _SETTINGS.items()}


def size_shown(sizing: Sizing) -> dict[str, str]:
    """Return what is recommended in words, by the name that a reason has for it."""
    return {**settings_shown(sizing.settings), "queue": "its consumers are not sized"}


def _variable_changes(recommendation: Recommendation, running: Running) -> Iterator[Change]:
    for name, recommended in sorted(recommendation.variables.items()):
        if name not in _SETTINGS:
            now = _flat(running.variables.get(name))
            yield Change(name, now, _flat(recommended), _BY_MERGING)


def _setting_changes(recommendation: Recommendation, running: Running) -> Iterator[Change]:
    sizing = recommendation.sizing
    if sizing is None:
        return
    now, then = settings_shown(running.settings), settings_shown(sizing.settings)
    for name in _SETTINGS:
        reason = sizing.reason(name)
        if name in recommendation.variables:
            yield Change(name, now[name], then[name], _BY_MERGING)
        elif reason is not None:
            yield Change(name, now[name], then[name], f"when written: {reason.overrule}")


def _flat(value: object) -> str:
    if isinstance(value, dict):
        # A check's path is all that is recommended of it.
        return shown(value.get("path", ""))
    return shown(value) if value is not None else "not set"


def _database(settings: Settings) -> str:
    size = settings.database
    if size is None:
        return "none"
    zones = " in two zones" if size.multi_az else ""
    return f"{size.engine} {size.instance_class}, {size.storage_gib} GiB{zones}"


def _cache(settings: Settings) -> str:
    size = settings.cache
    return "none" if size is None else f"{size.node_count} x {size.node_type}"


def _percent(value: int | None) -> str:
    return "not used" if value is None else f"{value} %"


_SETTINGS: Final[dict[str, Callable[[Settings], str]]] = {
    "cpu_units": lambda settings: str(settings.cpu_units),
    "memory_mib": lambda settings: str(settings.memory_mib),
    "min_count": lambda settings: str(settings.min_count),
    "max_count": lambda settings: str(settings.max_count),
    "cpu_percent": lambda settings: _percent(settings.cpu_percent),
    "requests_per_task": lambda settings: shown(settings.requests_per_task or "not used"),
    "database": _database,
    "cache": _cache,
}
