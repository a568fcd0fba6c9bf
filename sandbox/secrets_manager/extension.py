"""Secrets Manager in the sandbox: our backend in moto's place."""

from collections.abc import Sequence

from moto.secretsmanager.models import secretsmanager_backends

from sandbox.aws.extension import Override, SandboxContext
from sandbox.secrets_manager.backend import SandboxSecretsManagerBackend


class SecretsManagerExtension:
    """Secrets; moto's own calls answer."""

    name = "secrets_manager"
    overrides: Sequence[Override] = ()

    def start(self, context: SandboxContext) -> None:
        """Put our backend in moto's place."""
        secretsmanager_backends[context.account][context.region] = SandboxSecretsManagerBackend(
            context.region, context.account
        )

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = SecretsManagerExtension()
