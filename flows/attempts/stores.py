"""Databases and caches stay as they are when an earlier release comes back."""

from pydantic import JsonValue

from delightful.release import Release
from delightful.variables import restored_variables
from flows.effects import effect
from flows.environment import delivery_environment
from flows.terraform_apply import stack_of


@effect("keep stores")
def inputs_of(earlier: Release) -> dict[str, JsonValue]:
    """Return the inputs that bring an earlier release back around today's stores.

    What is there today is what the newest apply of the service left, whatever became of its
    attempt.
    """
    ledger = delivery_environment(earlier.environment).ledger(earlier.service)
    history = ledger.history(earlier.service, earlier.environment)
    newest = next((one for one in history if one.stack is not None), earlier)
    return restored_variables(stack_of(earlier).variables, stack_of(newest).variables)
