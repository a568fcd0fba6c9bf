"""A real flow run that tells: links to itself, and tokens that Prefect never sees."""

import json

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_UI_URL, temporary_settings
from pydantic import HttpUrl, SecretStr

from blocks.messengers.slack_channel import SlackChannel
from delightful.release import ReleaseState
from flows.messages import announcing
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.test_deploy import deployed
from tests.flows.test_retry import newest_deploy_run
from tests.stand_ins.slack import slack_stand_in

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("prefect_server")]

UI = "http://127.0.0.1:4299"
TOKEN = "xoxb-canary-7783"


def test_a_flow_run_is_linked_and_holds_no_token(
    cloud: FakeCloud, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread leads to the run and the release; run, artifacts and its log hold no token."""
    monkeypatch.setattr(announcing, "LAST_WORDS_SECONDS", 60.0)
    with slack_stand_in() as slack, temporary_settings({PREFECT_UI_URL: UI}):
        cloud.slack = SlackChannel(
            channel="C0RELEASES", token=SecretStr(TOKEN), base_url=HttpUrl(slack.url)
        )
        assert deployed(source, 1).state is ReleaseState.GOOD
        announcing.await_tellers(60.0)
        run = newest_deploy_run()
        (first, *_), messages = list(slack.threads().values()), slack.channels["C0RELEASES"]
    assert len(first) == 3
    links = json.dumps(messages[-1]["blocks"])
    assert f"{UI}/runs/flow-run/{run}" in links
    assert f"{UI}/artifacts/key/release-api-sandbox" in links
    with get_client(sync_client=True) as client:
        seen = [client.read_flow_run(run).model_dump_json()]
        seen += [one.model_dump_json() for one in client.read_artifacts()]
        seen += [one.model_dump_json() for one in client.read_task_runs()]
    assert len(seen) > 5
    assert not [text for text in seen if "canary" in text]
