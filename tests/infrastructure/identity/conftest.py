"""The roles of an account, as Terraform renders them."""

import json

import pytest

from tests.infrastructure.identity.iam import Policy
from tests.infrastructure.identity.roles import Role, roles, template
from tests.infrastructure.rendering import Resource, Terraform, of_type

FORMS = ("names", "ids")
BOUNDARY = "arn:aws:iam::123456789012:policy/delightful/delightful-staging-boundary"

Account = dict[str, Role]
Resources = list[Resource]


@pytest.fixture(scope="session")
def bootstrapped(terraform: Terraform) -> dict[str, Resources]:
    """Return the resources of `bootstrap/`, for each of GitHub's subject forms."""
    rendered = terraform.rendered("bootstrap", template("bootstrap"))
    assert set(rendered) == set(FORMS)
    return rendered


@pytest.fixture(scope="session")
def accounts(terraform: Terraform, bootstrapped: dict[str, Resources]) -> dict[str, Account]:
    """Return every role of `bootstrap/` and, of one service, of `registry/`, for each form."""
    described = {
        form: str(of_type(bootstrapped[form], "aws_ssm_parameter")[0]["insecure_value"])
        for form in FORMS
    }
    registry = terraform.rendered("registry", template("registry", **described))
    return {form: {**roles(bootstrapped[form]), **roles(registry[form])} for form in FORMS}


@pytest.fixture(scope="session")
def boundaries(bootstrapped: dict[str, Resources]) -> dict[str, Policy]:
    """Return each environment's permissions boundary, by the boundary's name."""
    policies = of_type(bootstrapped["names"], "aws_iam_policy")
    return {str(policy["name"]): json.loads(policy["policy"]) for policy in policies}


@pytest.fixture(scope="session")
def service_roles(terraform: Terraform) -> Account:
    """Return the roles that `service/` makes under a boundary."""
    rendered = terraform.rendered("service", template("service", boundary=BOUNDARY))
    return roles(rendered["service"])


@pytest.fixture
def account(accounts: dict[str, Account]) -> Account:
    """Return the roles of an account."""
    return accounts["names"]
