"""EC2's calls that moto answers in part."""

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response


class SandboxEc2Response(EC2Response):
    """moto's EC2; a rule that names another security group keeps its description."""

    def describe_security_group_rules(self) -> ActionResult:
        """DescribeSecurityGroupRules; moto looks for the description at an address range only."""
        self.error_on_dryrun()
        rules = self.ec2_backend.describe_security_group_rules(
            self._get_param("SecurityGroupRuleIds", []), self._filters_from_querystring()
        )
        for rule in rules:
            if "Description" in rule.source_group:
                rule.ip_range.setdefault("Description", rule.source_group["Description"])
        return ActionResult({"SecurityGroupRules": rules})
