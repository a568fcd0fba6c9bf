"""The extensions of the sandbox, in the order in which they start."""

from sandbox.aws.extension import Extension
from sandbox.functions.extension import extension as functions
from sandbox.registry.extension import extension as registry


def extensions() -> tuple[Extension, ...]:
    """Return every extension, in the order of starting; they stop in the reverse one."""
    return (
        registry,
        functions,
    )
