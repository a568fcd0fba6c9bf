"""What is not known of the real service, as choices; the table in README.md gives the reasons."""

import os
from typing import Literal

from pydantic import Field

from delightful.frozen import Frozen

VARIABLE = "DELIGHTFUL_SANDBOX_CODEDEPLOY"


class Switches(Frozen):
    """One choice for each thing that sources leave open; the defaults follow the records."""

    created_seconds: float = Field(default=1.0, ge=0)
    queued: bool = False
    baking: bool = False
    listener_rewritten_by: Literal["deployment_group", "deployment"] = "deployment_group"
    test_listener_must_serve: Literal["either", "primary"] = "either"
    primary_flips: Literal["at_full_traffic", "after_hooks"] = "at_full_traffic"
    stopped_at_full_traffic: Literal["returns", "stays"] = "returns"
    malformed_appspec: Literal["fails", "is_refused"] = "fails"


def switches_from_environment() -> Switches:
    """Return the choices of the environment: `name=value,name=value`, all others by default.

    Raises:
        ValueError: an unknown name or value.
    """
    pairs = [pair.partition("=") for pair in os.environ.get(VARIABLE, "").split(",") if pair]
    return Switches.model_validate({name.strip(): value.strip() for name, _, value in pairs})
