"""An account from nothing to a bootstrap whose state lies in the bucket that it made itself."""

from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials
from pydantic import Field, JsonValue

from blocks.aws import aws_client, error_code, translated
from blocks.child_process import Say
from blocks.terraform.directory import default_home
from blocks.terraform.saved_plan import AppliedState
from blocks.terraform.stack import TerraformStack
from delightful.errors import ConfigError
from delightful.frozen import Frozen

STATE_KEY = "bootstrap/terraform.tfstate"
PACKAGE_NAME = "analyzer.zip"


class StoreNames(Frozen):
    """Where the state of `bootstrap/` goes, as its own variables decide."""

    state_bucket: str
    lock_table: str


class AccountBootstrap(Frozen):
    """The root `bootstrap/` of one account.

    Until its state is in the bucket, it is a file of this machine. That file is there exactly as
    long as there is something to go on with.
    """

    in_bucket: TerraformStack
    state_file: Path = Field(description="Where the state is until it has a bucket.")

    def stack(self) -> TerraformStack:
        """Return the stack as it is to be planned now: on this machine until its state has moved.

        Raises:
            ConfigError: E_BOOTSTRAP_TAKEN, E_BOOTSTRAP_STATE.
        """
        here = self.in_bucket.model_copy(update={"state_file": self.state_file})
        moved, left = _state_of(self.in_bucket), _state_of(here)
        if moved and left:
            self._let_go(moved, left)
        if moved is None and left is None and self._bucket_exists():
            raise self._taken()
        return self.in_bucket if moved else here

    def move_state(self, *, say: Say | None = None) -> bool:
        """Move the state into the bucket, if it is still here; say whether it was.

        Interrupted, it is done again: the file goes only when the bucket has what it holds.
        """
        if not self.state_file.is_file():
            return False
        left = self.in_bucket.model_copy(update={"state_file": self.state_file}).outputs()
        self.in_bucket.push(self.state_file, say=say)
        self._let_go(self.in_bucket.outputs(), left)
        return True

    def _let_go(self, moved: AppliedState, left: AppliedState) -> None:
        if moved.content_sha256 != left.content_sha256:
            raise self._two_states()
        for file in (self.state_file, Path(f"{self.state_file}.backup")):
            file.unlink(missing_ok=True)

    def _bucket_exists(self) -> bool:
        with translated("S3", "HeadBucket"):
            try:
                client = aws_client(self.in_bucket.credentials, "s3")
                client.head_bucket(Bucket=self.in_bucket.state_bucket)
            except ClientError as error:
                # Somebody else's bucket answers 403.
                return error_code(error) not in ("404", "NoSuchBucket")
        return True

    def _taken(self) -> ConfigError:
        return ConfigError(
            "E_BOOTSTRAP_TAKEN",
            f"the bucket {self.in_bucket.state_bucket} is there already and holds no state of "
            "bootstrap",
            hint="set state_bucket_name to another one; if another machine began this, go on there",
        )

    def _two_states(self) -> ConfigError:
        return ConfigError(
            "E_BOOTSTRAP_STATE",
            f"{self.state_file} holds another state than {self.in_bucket.state_bucket}",
            hint="find out which one is true; then remove the other, or push the true one",
        )


def account_bootstrap(
    credentials: AwsCredentials,
    infrastructure: Path,
    package: Path,
    variables: Mapping[str, JsonValue],
    cli_config: Path | None,
) -> AccountBootstrap:
    """Return the bootstrap of the account that the credentials belong to."""
    account = account_id(credentials)
    names = store_names(variables, account)
    stack = TerraformStack(
        credentials=credentials,
        root="bootstrap",
        infrastructure_directory=infrastructure,
        state_bucket=names.state_bucket,
        state_key=STATE_KEY,
        lock_table=names.lock_table,
        added_files={PACKAGE_NAME: package},
        cli_config=cli_config,
    )
    home = default_home() / "bootstrap"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return AccountBootstrap(in_bucket=stack, state_file=home / f"{names.state_bucket}.tfstate")


def inputs(variables: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return all variables of the root: those that are given, and where the package lies."""
    return {**variables, "analyzer_package_path": PACKAGE_NAME}


def store_names(variables: Mapping[str, JsonValue], account: str) -> StoreNames:
    """Return the names that `bootstrap/` gives its state bucket and lock table."""
    name = variables.get("name") or "delightful"
    return StoreNames(
        state_bucket=str(variables.get("state_bucket_name") or f"{name}-state-{account}"),
        lock_table=str(variables.get("lock_table_name") or f"{name}-locks"),
    )


def account_id(credentials: AwsCredentials) -> str:
    """Return the number of the account that the credentials belong to."""
    with translated("STS", "GetCallerIdentity"):
        return str(aws_client(credentials, "sts").get_caller_identity()["Account"])


def _state_of(stack: TerraformStack) -> AppliedState | None:
    try:
        return stack.outputs()
    except ConfigError as error:
        # Before bootstrap there is no bucket either.
        if error.code not in ("E_NO_STATE", "E_BACKEND"):
            raise
        return None
