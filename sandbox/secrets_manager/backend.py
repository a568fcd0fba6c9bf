"""Secrets Manager for one region: moto's, where what RDS keeps is rotated without a function."""

from typing import Any

from moto.secretsmanager import urls as secretsmanager_urls
from moto.secretsmanager.models import SecretsManagerBackend


class SandboxSecretsManagerBackend(SecretsManagerBackend):
    """moto's secrets; those of another service need no function to be rotated."""

    @property
    def _url_module(self) -> Any:
        """Return moto's paths: it looks for them beside the class."""
        return secretsmanager_urls

    def cancel_rotate_secret(self, secret_id: str) -> str:
        """Switch rotation off."""
        known = self.secrets.get(secret_id)
        if known is None or not known.owning_service:
            return str(super().cancel_rotate_secret(secret_id))
        known.rotation_enabled = False
        return str(known.to_short_dict())
