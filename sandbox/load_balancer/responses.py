"""ELBv2's answers where moto's differ from the real ones."""

from moto.core.responses import ActionResult
from moto.elbv2.responses import ELBV2Response

theirs = ELBV2Response


class LoadBalancerResponse(ELBV2Response):
    """moto's ELBv2 answers, with the matcher of ModifyTargetGroup read."""

    def modify_target_group(self) -> ActionResult:
        """Change a target group's health check."""
        answer = super().modify_target_group()
        codes = (self._get_param("Matcher") or {}).get("HttpCode")
        if codes:
            arn = self._get_param("TargetGroupArn")
            self.elbv2_backend.modify_target_group(arn, http_codes=codes)
        return answer
