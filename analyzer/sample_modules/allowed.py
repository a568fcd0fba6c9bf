"""What a sample may hold, as closed lists; whatever is on none of them is refused."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from analyzer.patterns import Pattern
from analyzer.sample_modules.hcl import Block, NotRead, Token, blocks_of
from delightful.errors import Refused
from delightful.text import escaped

RESOURCE_TYPES: Final = frozenset(
    {
        "aws_cloudwatch_log_group",
        "aws_db_instance",
        "aws_db_parameter_group",
        "aws_db_subnet_group",
        "aws_docdb_cluster",
        "aws_docdb_cluster_instance",
        "aws_docdb_cluster_parameter_group",
        "aws_docdb_subnet_group",
        "aws_dynamodb_table",
        "aws_ecs_service",
        "aws_ecs_task_definition",
        "aws_elasticache_cluster",
        "aws_elasticache_parameter_group",
        "aws_elasticache_subnet_group",
        "aws_iam_role_policy",
        "aws_secretsmanager_secret_rotation",
        "aws_security_group",
        "aws_vpc_security_group_ingress_rule",
    }
)
# A module is told what it needs to know; its root may look it up.
DATA_TYPES: Final[frozenset[str]] = frozenset()
# The one provider, pinned as every part of infrastructure/ pins it.
_SETTINGS: Final = blocks_of("""
terraform {
  required_version = ">= 1.11.0, < 2.0.0"
  required_providers {
    aws = {
      source = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }
}
""")

# By kind of block: how many labels it has, and which blocks may stand in it, at any depth.
_MODULE: Final[Mapping[str, tuple[int, frozenset[str]]]] = {
    "terraform": (0, frozenset({"required_providers"})),
    "variable": (1, frozenset({"validation"})),
    "locals": (0, frozenset()),
    "output": (1, frozenset()),
    "data": (2, frozenset()),
    "resource": (
        2,
        frozenset(
            {
                "attribute",
                "content",
                "deployment_circuit_breaker",
                "dynamic",
                "lifecycle",
                "network_configuration",
                "parameter",
                "point_in_time_recovery",
                "rotation_rules",
                "runtime_platform",
                "server_side_encryption",
                "ttl",
            }
        ),
    ),
}
_TESTS: Final[Mapping[str, tuple[int, frozenset[str]]]] = {
    "mock_provider": (1, frozenset({"mock_resource"})),
    "variables": (0, frozenset()),
    "run": (1, frozenset({"assert", "variables"})),
}
# None of them reads a file, a clock or chance.
_FUNCTIONS: Final = frozenset(
    {
        *("alltrue", "can", "contains", "floor", "jsondecode", "jsonencode", "keys", "length"),
        *("list", "map", "object", "one", "regex", "replace", "split", "startswith", "toset"),
        *("trimspace", "try", "values"),
    }
)
# What the state would keep in the open, and another provider than the pinned one.
_NEVER_SET: Final = Pattern(r"provider|.*password(?:_wo)?|.*auth_token|secret_string(?:_wo)?")
_MANAGED: Final = "manage_master_user_password"
_PATH: Final = Pattern(
    r"[a-z][a-z0-9_]{1,63}/(?:(?P<module>(?:main|outputs|variables|versions)\.tf)"
    r"|(?P<tests>tests/[a-z]+\.tftest\.hcl)|README\.md)"
)


def refuse_unlisted(files: Mapping[str, str]) -> None:
    """Look through everything that is about to be written.

    Raises:
        Refused: E_SAMPLE, a file or a part of one is on none of the lists.
    """
    for path, text in files.items():
        match = _PATH.fullmatch(path)
        fault = "it is no file of a module" if match is None else None
        if match and (match["module"] or match["tests"]):
            fault = _fault_of(text, _MODULE if match["module"] else _TESTS)
        if fault:
            raise Refused(
                "E_SAMPLE",
                f"sample module {escaped(path)}: {escaped(fault)}",
                hint="nothing was written; report it, a sample holds only what is on its lists",
            )


def _fault_of(text: str, kinds: Mapping[str, tuple[int, frozenset[str]]]) -> str | None:
    try:
        return next((fault for block in blocks_of(text) for fault in _faults(block, kinds)), None)
    except (NotRead, RecursionError) as error:
        return f"it cannot be read: {error}"


def _faults(block: Block, kinds: Mapping[str, tuple[int, frozenset[str]]]) -> Iterator[str]:
    labels, inner = kinds.get(block.kind, (-1, frozenset()))
    if len(block.labels) != labels:
        yield f"a block {block.kind} {' '.join(block.labels)} is not allowed"
    listed = {"resource": RESOURCE_TYPES, "data": DATA_TYPES}.get(block.kind)
    if listed is not None and block.labels[0] not in listed:
        yield f"{block.kind} type {block.labels[0]} is not allowed"
    if block.kind == "terraform" and block not in _SETTINGS:
        yield "terraform is told more than the pinned versions"
    yield from _faults_of_body(block, inner)


def _faults_of_body(block: Block, inner: frozenset[str]) -> Iterator[str]:
    for name, expression in block.attributes:
        if name != _MANAGED and _NEVER_SET.fullmatch(name):
            yield f"{name} is not allowed"
        yield from _faults_of_expression(expression)
    for one in block.blocks:
        if one.kind not in inner or not set(one.labels) <= inner | {*RESOURCE_TYPES}:
            yield f"a block {one.kind} {' '.join(one.labels)} in {block.kind} is not allowed"
        yield from _faults_of_body(one, inner)


def _faults_of_expression(expression: tuple[Token, ...]) -> Iterator[str]:
    for token, following in pairwise(expression):
        called = token.kind == "name" and following == Token("sign", "(")
        if called and token.text not in _FUNCTIONS:
            yield f"function {token.text} is not allowed"
