"""What a running sandbox says of itself, stored as `sandbox.json` in its directory."""

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime

from delightful.frozen import Frozen


class SandboxDescription(Frozen):
    """Addresses, keys and names of one running sandbox; everything a client needs."""

    directory: Path
    aws_endpoint_url: str
    account: str
    region: str
    access_key_id: str
    secret_access_key: str
    registry: str
    prefect_api_url: str | None
    prefect_ui_url: str | None
    tasks_mode: Literal["container", "process"]
    speed: float
    load_balancer: Literal["haproxy", "aiohttp"]
    state_bucket: str
    lock_table: str
    ledger_table: str
    artifact_bucket: str
    terraform_cli_config: Path
    container_storage: Path | None = None
    supervisor_pid: int
    supervisor_started_ticks: int
    started_at: AwareDatetime

    def environment(self) -> dict[str, str]:
        """Return the variables under which AWS clients, Terraform and Prefect meet the sandbox."""
        variables = {
            "AWS_ENDPOINT_URL": self.aws_endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "TF_CLI_CONFIG_FILE": str(self.terraform_cli_config),
        }
        if self.container_storage is not None:
            variables["CONTAINERS_STORAGE_CONF"] = str(self.container_storage)
        if self.prefect_api_url is not None:
            variables["PREFECT_API_URL"] = self.prefect_api_url
        return variables
