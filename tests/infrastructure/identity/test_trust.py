"""Who may take on which role: every trust policy against a table of GitHub's tokens."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.infrastructure.identity.conftest import FORMS, Account
from tests.infrastructure.identity.iam import Policy, Request, is_allowed, values

pytestmark = pytest.mark.sandbox

ISSUER = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"

Claims = dict[str, str]


@dataclass(frozen=True)
class Row:
    """One token, and the roles that take it."""

    told: str
    claims: Claims
    roles: frozenset[str] = frozenset()


def token(
    form: str,
    context: str,
    *,
    ref: str = "refs/heads/main",
    owner: tuple[str, str] = ("Acme", "77"),
    name: tuple[str, str] = ("shop", "1001"),
) -> Claims:
    """Return the claims of a token that GitHub gives to a run, in one of its subject forms."""
    subject = {
        "names": f"repo:{owner[0]}/{name[0]}:{context}",
        "ids": f"repo:{owner[0]}@{owner[1]}/{name[0]}@{name[1]}:{context}",
    }
    claims = {"aud": "sts.amazonaws.com", "sub": subject[form], "repository_id": name[1]}
    return {**claims, "ref": ref}


def taken(form: str) -> list[Row]:
    """Return the tokens that some role takes."""
    pull, main = token(form, "pull_request", ref="refs/pull/7/merge"), "ref:refs/heads/main"
    staging = frozenset({"delightful-staging-apply", "hello-staging-deploy"})
    production = frozenset({"delightful-production-apply", "hello-production-deploy"})
    return [
        Row("pull request", pull, frozenset({"delightful-plan", "hello-propose"})),
        Row("push to main", token(form, main), frozenset({"hello-build", "hello-drift"})),
        Row("staging from main", token(form, "environment:staging"), staging),
        Row("production from main", token(form, "environment:production"), production),
    ]


def refused(form: str) -> Iterator[Row]:
    """Yield the tokens that no role takes: what others have, and what an attacker would try."""
    fork, gone = ("Mallory", "66"), ("shop", "4004")
    production, main, pull = "environment:production", "ref:refs/heads/main", "pull_request"
    for told, context, ref in (
        ("push to another branch", "ref:refs/heads/feature", "refs/heads/feature"),
        ("push of a tag", "ref:refs/tags/v1", "refs/tags/v1"),
        ("push of a tag that is called main", "ref:refs/tags/main", "refs/tags/main"),
        ("production from another branch", production, "refs/heads/feature"),
        ("production from a branch that begins like main", production, "refs/heads/main-2"),
        ("production from a tag", production, "refs/tags/v1"),
        ("production from a pull request", production, "refs/pull/7/merge"),
        ("another environment", "environment:qa", "refs/heads/main"),
        ("production in capitals", "environment:PRODUCTION", "refs/heads/main"),
        ("environment that begins like production", f"{production}2", "refs/heads/main"),
        ("environment that is called like a branch", "environment:main", "refs/heads/main"),
        ("environment that is called pull_request", "environment:pull_request", "refs/heads/main"),
        ("wildcard environment", "environment:*", "refs/heads/main"),
        ("wildcard branch", "ref:refs/heads/*", "refs/heads/*"),
        ("wildcard context", "*", "refs/heads/main"),
        ("no context", "", "refs/heads/main"),
    ):
        yield Row(told, token(form, context, ref=ref))
    for context in (pull, main, "environment:staging", production):
        yield Row(f"fork, {context}", token(form, context, owner=fork, name=("shop", "3003")))
        yield Row(f"repository of the same name, {context}", token(form, context, name=gone))
        yield Row(
            f"another repository of the owner, {context}",
            token(form, context, name=("tools", "2002")),
        )
        yield Row(f"owner in small letters, {context}", token(form, context, owner=("acme", "77")))
        other = "ids" if form == "names" else "names"
        yield Row(f"the other subject form, {context}", token(other, context))
    yield from _wildcards(form)
    yield Row("nothing at all", {})


def _wildcards(form: str) -> Iterator[Row]:
    for subject in ("*", "repo:*", "repo:Acme/*", "repo:Acme/shop:*", "repo:Acme/*:pull_request"):
        yield Row(f"subject {subject}", {**token(form, "environment:production"), "sub": subject})


def spoilt(form: str) -> Iterator[Row]:
    """Yield every good token with one claim missing or wrong."""
    for row in taken(form):
        # A pull request's ref is its own, and the plan role does not look at it.
        for claim in row.claims.keys() - ({"ref"} if row.told == "pull request" else set()):
            value = row.claims[claim]
            rest = {name: kept for name, kept in row.claims.items() if name != claim}
            yield Row(f"{row.told} without {claim}", rest)
            for told, wrong in (
                ("another", "https://github.com/Acme"),
                ("an empty", ""),
                ("a longer", f"{value}0"),
                ("a shorter", value[:-1]),
                ("a wildcard", "*"),
            ):
                yield Row(f"{row.told} with {told} {claim}", {**rest, claim: wrong})
            if value.swapcase() != value:
                swapped = {**rest, claim: value.swapcase()}
                yield Row(f"{row.told} with {claim} in other letters", swapped)


def table(form: str) -> list[Row]:
    """Return every row for a repository with this subject form."""
    return [*taken(form), *refused(form), *spoilt(form)]


def takes(trust: Policy, claims: Claims) -> bool:
    """Say whether a role's trust policy takes a token."""
    context = {f"{ISSUER}:{name}": value for name, value in claims.items()}
    request = Request(
        "sts:AssumeRoleWithWebIdentity", context=context, principal=("Federated", PROVIDER)
    )
    return is_allowed([trust], request)


def web_identity(account: Account) -> dict[str, Policy]:
    """Return the trust policies of all roles that trust GitHub, by role."""
    return {
        name: role.trust
        for name, role in account.items()
        if any("Federated" in statement["Principal"] for statement in role.trust["Statement"])
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_role_takes_exactly_the_tokens_meant_for_it(
    form: str, accounts: dict[str, Account]
) -> None:
    """Each token of the table is taken by the roles it names, and by no other."""
    trusts, rows = web_identity(accounts[form]), table(form)
    assert len({row.told for row in rows}) == len(rows) >= 25
    assert set(trusts) == {role for row in taken(form) for role in row.roles}
    for row in rows:
        assert {role for role in trusts if takes(trusts[role], row.claims)} == row.roles, row.told


@pytest.mark.parametrize("form", FORMS)
def test_trust_is_by_equality_with_one_value(form: str, accounts: dict[str, Account]) -> None:
    """No operator but StringEquals, no list of values, and no wildcard that could be meant."""
    for role, trust in web_identity(accounts[form]).items():
        for statement in _federated(trust):
            assert set(statement["Condition"]) == {"StringEquals"}, role
            for key, value in statement["Condition"]["StringEquals"].items():
                assert isinstance(value, str), (role, key)
                assert not {"*", "?"} & set(value), (role, key)


def _federated(trust: Policy) -> list[Any]:
    return [one for one in values(trust["Statement"]) if "Federated" in one["Principal"]]


def loosened(trust: Policy) -> Iterator[tuple[str, Policy]]:
    """Yield a trust policy with each of its conditions dropped or loosened, one at a time."""
    for place, statement in enumerate(trust["Statement"]):
        for operator, keys in statement.get("Condition", {}).items():
            for key, value in keys.items():
                for told, conditions in _looser(operator, key, value):
                    mutant = copy.deepcopy(dict(trust))
                    del mutant["Statement"][place]["Condition"][operator][key]
                    for other, wanted in conditions.items():
                        mutant["Statement"][place]["Condition"].setdefault(other, {})[key] = wanted
                    yield f"{key} {told}", mutant


def _looser(operator: str, key: str, value: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "dropped", {}
    yield "only if it exists", {f"{operator}IfExists": value}
    yield "like anything", {"StringLike": "*"}
    yield "like what begins so", {"StringLike": f"{value}*"}
    yield "like what begins almost so", {"StringLike": f"{value[:-1]}*"}
    yield "or another value", {operator: [value, "https://github.com/Acme"]}
    if value.swapcase() != value:
        yield "in any letters", {"StringEqualsIgnoreCase": value}
    if key.endswith(":sub"):
        yield "of the whole repository", {"StringLike": f"{value.split(':')[0]}:*"}
        yield "of any context", {"StringLike": ":".join([*value.split(":")[:2], "*"])}
        yield "in both forms", {operator: [value, _other_form(value)]}


def _other_form(subject: str) -> str:
    plain, numbered = "repo:Acme/shop:", "repo:Acme@77/shop@1001:"
    old, new = (plain, numbered) if subject.startswith(plain) else (numbered, plain)
    return subject.replace(old, new)


@pytest.mark.parametrize("form", FORMS)
def test_loosening_any_single_condition_is_noticed(form: str, accounts: dict[str, Account]) -> None:
    """Whatever single condition is dropped or loosened, some row of the table changes."""
    rows, seen = table(form), 0
    for role, trust in web_identity(accounts[form]).items():
        for told, mutant in loosened({**trust, "Statement": _federated(trust)}):
            seen += 1
            assert any(takes(mutant, row.claims) != (role in row.roles) for row in rows), (
                f"{role}: {told}"
            )
    assert seen >= 100


@pytest.mark.parametrize("form", FORMS)
def test_only_the_environments_worker_takes_its_roles_on(
    form: str, accounts: dict[str, Account]
) -> None:
    """Within the account apply and deploy roles trust one worker each, and build trusts none."""
    workers = {name: _worker(name) for name in ("staging", "production")}
    trusted = {
        role: {
            environment
            for environment, worker in workers.items()
            if is_allowed([trust], Request("sts:AssumeRole", principal=("AWS", worker)))
        }
        for role, trust in web_identity(accounts[form]).items()
    }
    assert trusted == {
        "delightful-plan": {"staging", "production"},
        "delightful-staging-apply": {"staging"},
        "delightful-production-apply": {"production"},
        "hello-staging-deploy": {"staging"},
        "hello-production-deploy": {"production"},
        "hello-propose": set(),
        "hello-build": set(),
        "hello-drift": set(),
    }


def _worker(environment: str) -> str:
    return f"arn:aws:iam::123456789012:role/delightful/delightful-{environment}-worker"
