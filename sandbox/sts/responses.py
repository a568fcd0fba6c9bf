"""STS's calls of which something should be known afterwards."""

import logging

from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

log = logging.getLogger(__name__)


class SandboxStsResponse(TokenResponse):
    """moto's STS; a role that is taken on is told."""

    def assume_role(self) -> ActionResult:
        """Give a role, and tell who took it."""
        given: ActionResult = super().assume_role()
        _, caller, _ = self.backend.get_caller_identity(self.get_access_key(), self.region)
        log.info("%s took on %s", caller, self._get_param("RoleArn"))
        return given
