"""Terraform's command lines and environment, as data."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import JsonValue

from blocks.child_process import inherited_environment
from delightful.frozen import Frozen

# Reading the provider's schemas is most of what Terraform computes, and collecting the garbage of
# it a quarter to a third: let each process grow to about half a GiB first.
GO_RUNTIME = {"GOGC": "400", "GOMEMLIMIT": "512MiB"}


class Backend(Frozen):
    """Where the state of one stack lies, and how it is locked."""

    bucket: str
    key: str
    region: str
    dynamodb_table: str

    def settings(self) -> dict[str, str]:
        """Return what `terraform init -backend-config` takes.

        Both locks are on, so that the DynamoDB table can be dropped by a decision.
        """
        return {
            "bucket": self.bucket,
            "key": self.key,
            "region": self.region,
            "dynamodb_table": self.dynamodb_table,
            "use_lockfile": "true",
            "encrypt": "true",
        }

    @property
    def place(self) -> str:
        """Return where the state lies."""
        return f"s3://{self.bucket}/{self.key}"


class LocalBackend(Frozen):
    """A state in a file of this machine, while there is no bucket for it."""

    path: Path

    # Beside a root's own `backend "s3" {}` this one counts.
    override: ClassVar[bytes] = b'terraform {\n  backend "local" {}\n}\n'

    def settings(self) -> dict[str, str]:
        """Return what `terraform init -backend-config` takes."""
        return {"path": str(self.path)}

    @property
    def place(self) -> str:
        """Return where the state lies."""
        return str(self.path)


def init_argv(terraform: str, backend: Backend | LocalBackend) -> tuple[str, ...]:
    """Return `terraform init` for a backend; another backend of before is forgotten."""
    settings = (f"-backend-config={name}={value}" for name, value in backend.settings().items())
    return (terraform, "init", "-json", "-input=false", "-reconfigure", *settings)


def plan_argv(
    terraform: str,
    variables: Mapping[str, JsonValue],
    variable_file: Path,
    out: Path,
    lock: int | None,
) -> tuple[str, ...]:
    """Return `terraform plan` to a file; its exit status tells whether anything changes.

    `lock` is how many seconds a held lock is waited for, None to plan without one.
    """
    return (
        terraform,
        "plan",
        "-json",
        "-input=false",
        "-detailed-exitcode",
        "-lock=false" if lock is None else f"-lock-timeout={lock}s",
        f"-out={out}",
        *variable_arguments(variables, variable_file),
    )


def show_argv(terraform: str, plan: Path) -> tuple[str, ...]:
    """Return the reading of a saved plan, with all its values: for a machine, never to be shown."""
    return (terraform, "show", "-json", str(plan))


def apply_argv(terraform: str, plan: Path, lock: int) -> tuple[str, ...]:
    """Return the apply of exactly a saved plan."""
    return (terraform, "apply", "-json", "-input=false", f"-lock-timeout={lock}s", str(plan))


def destroy_argv(
    terraform: str, variables: Mapping[str, JsonValue], variable_file: Path, lock: int
) -> tuple[str, ...]:
    """Return the destruction of everything in the state."""
    return (
        terraform,
        "destroy",
        "-json",
        "-input=false",
        "-auto-approve",
        f"-lock-timeout={lock}s",
        *variable_arguments(variables, variable_file),
    )


def push_argv(terraform: str, state: Path) -> tuple[str, ...]:
    """Return the push of a state that could not be saved; lineage and serial are checked."""
    return (terraform, "state", "push", str(state))


def format_argv(terraform: str) -> tuple[str, ...]:
    """Return the question whether everything below a folder is formatted; nothing is rewritten."""
    return (terraform, "fmt", "-no-color", "-check", "-diff", "-recursive")


def init_without_backend_argv(terraform: str) -> tuple[str, ...]:
    """Return `terraform init` for what has no state: the provider is installed, no more."""
    return (terraform, "init", "-json", "-input=false", "-backend=false")


def validate_argv(terraform: str) -> tuple[str, ...]:
    """Return the question whether a folder's Terraform is valid; no account is asked."""
    return (terraform, "validate", "-no-color")


def variable_arguments(variables: Mapping[str, JsonValue], variable_file: Path) -> tuple[str, ...]:
    """Return the arguments that give the variables; the image tag is named last, for all to see."""
    tag = variables.get("image_tag")
    named = (f"-var=image_tag={tag}",) if isinstance(tag, str) else ()
    return (f"-var-file={variable_file}", *named)


def terraform_environment(
    environment: Mapping[str, str], cloud: Mapping[str, str], data: Path, cli_config: Path | None
) -> dict[str, str]:
    """Return the whole environment of a Terraform process.

    Nothing of TF_* comes from ours: a variable or argument there would steer the plan unseen.
    """
    ours = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "TF_DATA_DIR": str(data), **GO_RUNTIME}
    if cli_config is not None:
        ours["TF_CLI_CONFIG_FILE"] = str(cli_config)
    return {**inherited_environment(environment), **cloud, **ours, "CHECKPOINT_DISABLE": "1"}
