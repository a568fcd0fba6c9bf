"""Deployment configurations: those of AWS and those people make."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.codedeploy.refusal import Refusal
from sandbox.codedeploy.shifting import PREDEFINED, DeploymentConfig, Platform, TrafficRouting
from sandbox.codedeploy.wire import config_wire

_MAX_WAIT_MINUTES = 2880
_SHAPES = {
    "TimeBasedCanary": ("timeBasedCanary", "canaryPercentage", "canaryInterval"),
    "TimeBasedLinear": ("timeBasedLinear", "linearPercentage", "linearInterval"),
}
# Predefined ones are older than any account.
_EPOCH = datetime(2016, 1, 1, tzinfo=UTC)


class Configurations:
    """Every deployment configuration by name."""

    def __init__(self) -> None:
        self._known = dict(PREDEFINED)
        self._ids = {name: str(uuid.uuid4()) for name in PREDEFINED}
        self._created: dict[str, datetime] = {}
        self._given: dict[str, Mapping[str, Any]] = {}

    def names(self) -> list[str]:
        """Return every name, sorted."""
        return sorted(self._known)

    def get(self, name: str | None) -> DeploymentConfig:
        """Return a configuration.

        Raises:
            Refusal: no name, or an unknown one.
        """
        if not name:
            raise Refusal(
                "DeploymentConfigNameRequired", "Deployment configuration name is required."
            )
        if name not in self._known:
            raise Refusal(
                "DeploymentConfigDoesNotExist",
                f"No Deployment Configuration found for name: {name}",
            )
        return self._known[name]

    def shown(self, name: str | None) -> dict[str, Any]:
        """Return a configuration as the API shows it."""
        config = self.get(name)
        created = self._created.get(config.name, _EPOCH)
        given = self._given.get(config.name, {})
        return {**config_wire(config, self._ids[config.name], created), **given}

    def create(self, name: str | None, platform: Platform, given: Mapping[str, Any]) -> str:
        """Store a configuration and return its id.

        Raises:
            Refusal: the name is missing, taken or reserved, or the routing makes no sense.
        """
        if not name:
            raise Refusal(
                "DeploymentConfigNameRequired", "Deployment configuration name is required."
            )
        if name in self._known:
            raise Refusal(
                "DeploymentConfigAlreadyExists", f"Deployment configuration already exists: {name}"
            )
        config = DeploymentConfig(name, platform, routing_of(given.get("trafficRoutingConfig")))
        if config.is_predefined:
            raise Refusal(
                "InvalidDeploymentConfigName", "The prefix CodeDeployDefault is reserved."
            )
        self._known[name] = config
        self._ids[name] = str(uuid.uuid4())
        self._created[name] = datetime.now(UTC)
        if platform == "Server":
            self._given[name] = {key: value for key, value in given.items() if value is not None}
        return self._ids[name]

    def delete(self, name: str | None, *, is_busy: bool) -> None:
        """Forget a configuration; an unknown one is no error.

        Raises:
            Refusal: it is predefined or in use.
        """
        if not name:
            raise Refusal(
                "DeploymentConfigNameRequired", "Deployment configuration name is required."
            )
        if name in PREDEFINED:
            raise Refusal("InvalidOperation", "A predefined configuration cannot be deleted.")
        if is_busy:
            raise Refusal("DeploymentConfigInUse", f"{name} is in use.")
        self._known.pop(name, None)
        self._given.pop(name, None)


def routing_of(given: Mapping[str, Any] | None) -> TrafficRouting:
    """Read a traffic routing; none means all at once.

    Raises:
        Refusal: a share or wait outside its bounds, or a type without its settings.
    """
    kind = (given or {}).get("type", "AllAtOnce")
    if given is None or kind == "AllAtOnce":
        return TrafficRouting()
    if kind not in _SHAPES:
        raise Refusal("InvalidTrafficRoutingConfiguration", f"Unknown routing type {kind}")
    key, share, wait = _SHAPES[kind]
    settings = given.get(key) or {}
    percentage, minutes = settings.get(share) or 0, settings.get(wait) or 0
    if not 1 <= percentage <= 99 or not 1 <= minutes <= _MAX_WAIT_MINUTES:
        raise Refusal(
            "InvalidTrafficRoutingConfiguration",
            f"{share} must be between 1 and 99 and {wait} between 1 and {_MAX_WAIT_MINUTES}",
        )
    return TrafficRouting(kind, percentage, minutes)
