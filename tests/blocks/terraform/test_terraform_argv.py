"""Terraform's command lines and environment are what they should be, whole."""

from pathlib import Path

from blocks.terraform import argv

BACKEND = argv.Backend(bucket="states", key="a.tfstate", region="eu-west-1", dynamodb_table="locks")


def test_init_locks_by_table_and_by_file() -> None:
    """Both locks are on and the state is encrypted."""
    assert argv.init_argv("terraform", BACKEND) == (
        "terraform",
        "init",
        "-json",
        "-input=false",
        "-reconfigure",
        "-backend-config=bucket=states",
        "-backend-config=key=a.tfstate",
        "-backend-config=region=eu-west-1",
        "-backend-config=dynamodb_table=locks",
        "-backend-config=use_lockfile=true",
        "-backend-config=encrypt=true",
    )


def test_init_keeps_a_state_here_where_no_bucket_has_it() -> None:
    """Without a bucket the state is the file that is named, and no lock is asked for."""
    backend = argv.LocalBackend(path=Path("/states/a.tfstate"))
    assert argv.init_argv("terraform", backend)[-2:] == (
        "-reconfigure",
        "-backend-config=path=/states/a.tfstate",
    )


def test_plan_names_the_image_tag_last() -> None:
    """The tag is given as an argument of its own, after the file, so it wins and can be seen."""
    assert argv.plan_argv("terraform", {"image_tag": "abc"}, Path("v.json"), Path("plan"), 60) == (
        "terraform",
        "plan",
        "-json",
        "-input=false",
        "-detailed-exitcode",
        "-lock-timeout=60s",
        "-out=plan",
        "-var-file=v.json",
        "-var=image_tag=abc",
    )


def test_apply_takes_the_saved_plan_and_nothing_else() -> None:
    """What was planned is what is applied: no variable can be given with it."""
    assert argv.apply_argv("terraform", Path("plan"), 0) == (
        "terraform",
        "apply",
        "-json",
        "-input=false",
        "-lock-timeout=0s",
        "plan",
    )


def test_environment_lets_nothing_steer_terraform() -> None:
    """Variables, arguments, workspaces and secrets of ours stay here; the cloud's are given."""
    ours = {
        "PATH": "/bin",
        "TF_VAR_image_tag": "evil",
        "TF_CLI_ARGS": "-lock=false",
        "TF_WORKSPACE": "other",
        "GITHUB_TOKEN": "secret",
        "AWS_SECRET_ACCESS_KEY": "other account",
    }
    made = argv.terraform_environment(ours, {"AWS_REGION": "x"}, Path("data"), Path("rc"))
    assert made == {
        "PATH": "/bin",
        "AWS_REGION": "x",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_DATA_DIR": "data",
        "TF_CLI_CONFIG_FILE": "rc",
        "CHECKPOINT_DISABLE": "1",
        **argv.GO_RUNTIME,
    }
