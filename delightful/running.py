"""What runs now, as far as a recommendation is compared with it."""

from typing import Final

from pydantic import JsonValue

from delightful.frozen import Frozen
from delightful.release import Release
from delightful.settings import Settings, settings_of

# Never the environment variables: their values have no place beside a pull request.
COMPARED: Final = frozenset(
    {
        "container_port",
        "start_command",
        "health_check",
        "cpu_units",
        "memory_mib",
        "desired_count",
        "scaling",
        "database",
        "database_settings",
        "cache",
        "cache_settings",
        "deployment_strategy",
        "termination_wait_minutes",
        "log_retention_days",
    }
)


class Running(Frozen):
    """The release that is good now, with the inputs it was applied with."""

    release_id: str
    commit: str
    environment: str
    variables: dict[str, JsonValue]
    bake_seconds: int = 60

    @property
    def settings(self) -> Settings:
        """Return the settings that the inputs come to."""
        return settings_of(self.variables, bake_seconds=self.bake_seconds)


def running_of(release: Release) -> Running | None:
    """Return what a release runs with, or None for one that was never applied."""
    if release.stack is None:
        return None
    rollout = release.manifest.rollout if release.manifest else None
    variables = release.stack.variables
    return Running(
        release_id=release.release_id,
        commit=release.commit,
        environment=release.environment,
        variables={name: variables[name] for name in sorted(variables.keys() & COMPARED)},
        bake_seconds=rollout.bake_seconds if rollout else 60,
    )
