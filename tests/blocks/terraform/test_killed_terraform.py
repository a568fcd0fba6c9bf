"""A Terraform that the kernel ends: whoever started it knows it is gone, and frees its lock."""

import stat
import sys
from pathlib import Path

import pytest

from blocks.delivery_environment import DeliveryEnvironment
from blocks.terraform.stack import TerraformStack
from delightful.errors import ExternalError

pytestmark = pytest.mark.sandbox

# What Terraform does at the start of a plan, as far as its lock goes; then it is killed.
TERRAFORM = """\
#!{python}
import datetime, json, os, signal, socket, sys
import boto3
if sys.argv[1] != "plan":
    sys.exit(0)
now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours={hours})
info = json.dumps({{
    "ID": "1234", "Operation": "OperationTypePlan", "Created": now.isoformat(),
    "Who": "root@" + socket.gethostname(),
}})
boto3.client("dynamodb").put_item(
    TableName="{table}", Item={{"LockID": {{"S": "{bucket}/{key}"}}, "Info": {{"S": info}}}}
)
boto3.client("s3").put_object(Bucket="{bucket}", Key="{key}.tflock", Body=info.encode())
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_stack(
    delivery: DeliveryEnvironment, folder: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> TerraformStack:
    """Return a stack whose Terraform dies holding a lock, made some hours ago by its own word."""
    changes = {"state_key": f"killed/{hours}/terraform.tfstate", "work_directory": folder}
    stack = delivery.stack("registry", "killed").model_copy(update=changes)
    script = folder / "terraform"
    script.write_text(
        TERRAFORM.format(
            python=sys.executable,
            hours=hours,
            table=stack.lock_table,
            bucket=stack.state_bucket,
            key=stack.state_key,
        )
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(TerraformStack, "_terraform", lambda self: str(script))
    return stack


def test_lock_of_a_killed_child_is_released(
    delivery: DeliveryEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next plan does not wait for a holder that is no more."""
    stack = killed_stack(delivery, tmp_path, monkeypatch, hours=0)
    with pytest.raises(ExternalError, match="E_TERRAFORM"):
        stack.plan({})
    assert stack.locks_held() == ()


def test_lock_from_before_it_began_is_left(
    delivery: DeliveryEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was locked earlier is somebody else's, whatever machine it names."""
    stack = killed_stack(delivery, tmp_path, monkeypatch, hours=1)
    with pytest.raises(ExternalError, match="E_TERRAFORM"):
        stack.plan({})
    assert [one.lock_id for one in stack.locks_held()] == ["1234"]
