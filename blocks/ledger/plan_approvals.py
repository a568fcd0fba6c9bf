"""What people answered when a plan waited for them, kept beside the releases."""

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl, ValidationError

from blocks.aws import aws_client
from blocks.ledger.rules import place_of
from blocks.ledger.table import Attributes, DynamoLedgerTable, LedgerTable, Write
from blocks.signed_identity import caller_arn, proven_arn
from delightful.approval import Statement
from delightful.errors import Refused
from delightful.frozen import Frozen

_PREFIX = "answer#"


class SignedAnswer(Frozen):
    """A statement, and the signed request by which STS tells whose it is."""

    statement: Statement
    headers: dict[str, str]


class PlanApprovals(Block):
    """
    Keeps the last answer to each attempt's plan in the release ledger's table.

    Example:
        See what was answered:
        ```python
        from blocks.ledger.plan_approvals import PlanApprovals

        approvals = PlanApprovals.load("BLOCK_NAME")
        print(approvals.find("hello-production-000012"))
        ```
    """

    _block_type_name = "Plan Approvals"
    _block_type_slug = "plan-approvals"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account of the table.")
    identity: AwsCredentials = Field(
        description="Credentials of whoever runs this, before any role is taken on."
    )
    table_name: str = Field(
        min_length=3, max_length=255, description="DynamoDB table of the release ledger."
    )

    def caller(self) -> str:
        """Return the ARN of whoever runs this."""
        return caller_arn(self.identity)

    def find(self, release_id: str) -> SignedAnswer | None:
        """Return the last answer to an attempt, or None where there is none that can be read."""
        found = self._table().read(*_place_of(release_id))
        try:
            return SignedAnswer.model_validate_json(str(found["record"])) if found else None
        except ValidationError:
            # Whoever may write here may write anything; it is no answer then.
            return None

    def give(self, answer: SignedAnswer) -> None:
        """Keep an answer in place of the last one; a no to the same plan stays.

        Raises:
            Refused: E_APPROVAL, the plan was rejected already, or somebody answers just now.
        """
        statement = answer.statement
        before = self._table().read(*_place_of(statement.release_id))
        _refuse_after_no(self.find(statement.release_id), statement)
        stream, item = _place_of(statement.release_id)
        write = Write(
            stream=stream,
            item=item,
            attributes={"record": answer.model_dump_json(), "revision": _revision(before) + 1},
            expected={"revision": _revision(before) or None},
        )
        if not self._table().write([write]):
            raise _refused("somebody else answers at this moment")

    def proven(self, answer: SignedAnswer) -> str:
        """Return the ARN of who gave an answer, as STS names it. Raises Refused E_APPROVAL."""
        return proven_arn(answer.headers, answer.statement.sha256, self.identity)

    def _table(self) -> LedgerTable:
        return DynamoLedgerTable(aws_client(self.credentials, "dynamodb"), self.table_name)


def _place_of(release_id: str) -> tuple[str, str]:
    stream, item = place_of(release_id)
    return stream, f"{_PREFIX}{item.rpartition('#')[2]}"


def _revision(found: Attributes | None) -> int:
    return int(found["revision"] or 0) if found else 0


def _refuse_after_no(last: SignedAnswer | None, statement: Statement) -> None:
    if last is None or last.statement.plan_sha256 != statement.plan_sha256:
        return
    if last.statement.decision == "rejected":
        raise _refused("this plan was rejected already")


def _refused(cause: str) -> Refused:
    return Refused("E_APPROVAL", cause, hint="look with `delightful show`; a new deploy asks again")
