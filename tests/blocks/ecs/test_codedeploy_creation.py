"""CreateDeployment has no token: however it is answered, at most one is created."""

from collections.abc import Callable

import pytest
from prefect_aws import AwsCredentials

from blocks.ecs.codedeploy_rollout import CodeDeployRollout
from delightful.appspec import appspec_for, deployment_description
from delightful.errors import ExternalError, Refused, TransientError
from tests.delightful.samples import outputs
from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

RELEASE = "api-sandbox-000007"


class FakeCodeDeploy:
    """One group's CodeDeploy deployments; `creation` decides what a creation is answered."""

    def __init__(self, creation: Callable[["FakeCodeDeploy"], Answer]) -> None:
        self.descriptions: list[str] = []
        self.created = 0
        self._creation = creation

    def answer(self, asked: Asked) -> Answer:
        target = asked.headers["X-Amz-Target"].rpartition(".")[2]
        if target == "CreateDeployment":
            self.created += 1
            return self._creation(self)
        if target == "ListDeployments":
            ids = [f"d-{number}" for number in range(len(self.descriptions))]
            return Answer(body={"deployments": ids})
        if target == "BatchGetDeployments":
            return Answer(body={"deploymentsInfo": self._infos()})
        return Answer(body={"services": [{"taskSets": []}]})

    def accept(self) -> None:
        self.descriptions.append(deployment_description(RELEASE, appspec_for(outputs())))

    def _infos(self) -> list[dict[str, object]]:
        return [
            {
                "deploymentId": f"d-{number}",
                "status": "InProgress",
                "description": text,
                "createTime": number,
            }
            for number, text in enumerate(self.descriptions)
        ]


def engine(server: LocalServer) -> CodeDeployRollout:
    credentials = AwsCredentials(
        aws_access_key_id="a",
        aws_secret_access_key="b",
        region_name="us-east-1",
        aws_client_parameters={"endpoint_url": server.url},
    )
    return CodeDeployRollout(credentials=credentials)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass at once between two looks."""
    monkeypatch.setattr("blocks.ecs.codedeploy_rollout.time.sleep", lambda _: None)


def refusal(code: str, status: int = 400) -> Answer:
    return Answer(status, {"__type": code, "message": "why"})


def begin(fake: FakeCodeDeploy) -> str | None:
    with local_server(fake.answer) as server:
        return engine(server).begin(RELEASE, outputs())


def test_lost_response_is_found_again() -> None:
    """Where the answer to a creation was lost, what it made is adopted and nothing is repeated."""

    def lose(fake: FakeCodeDeploy) -> Answer:
        fake.accept()
        return Answer(drop=True)

    fake = FakeCodeDeploy(lose)
    assert begin(fake) == "d-0"
    assert fake.created == 1


def test_creation_without_any_answer_is_not_repeated() -> None:
    """Where nothing shows up either, the next run decides, not this one."""
    fake = FakeCodeDeploy(lambda _: Answer(drop=True))
    with pytest.raises(TransientError, match="E_ROLLOUT_UNKNOWN"):
        begin(fake)
    assert fake.created == 1


@pytest.mark.parametrize("busy", [refusal("ThrottlingException"), refusal("Unavailable", 503)])
def test_refused_creation_is_tried_again_a_few_times(busy: Answer) -> None:
    """A throttled call was not done: it is repeated, with an end."""
    fake = FakeCodeDeploy(lambda _: busy)
    with pytest.raises(TransientError):
        begin(fake)
    assert fake.created == 4


def test_creation_that_was_done_although_it_was_refused_is_found() -> None:
    """Even after an error the group is looked at before anything is repeated."""

    def fail(fake: FakeCodeDeploy) -> Answer:
        fake.accept()
        return refusal("Unavailable", 503)

    fake = FakeCodeDeploy(fail)
    assert begin(fake) == "d-0"
    assert fake.created == 1


def test_earlier_one_of_the_release_is_adopted_before_anything_is_created() -> None:
    """A run that was killed after the creation is followed by one that adopts."""
    fake = FakeCodeDeploy(lambda _: Answer(body={"deploymentId": "d-9"}))
    fake.descriptions = ["somebody else's", ""]
    fake.accept()
    assert begin(fake) == "d-2"
    assert fake.created == 0


def test_other_active_one_is_not_disturbed() -> None:
    """A group that is busy with something else is a refusal that names it."""
    fake = FakeCodeDeploy(lambda _: Answer())
    fake.descriptions = ["somebody else's"]
    with pytest.raises(Refused, match=r"E_ROLLOUT_ACTIVE .*d-0"):
        begin(fake)
    assert fake.created == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [("DeploymentLimitExceededException", Refused), ("InvalidRevisionException", ExternalError)],
)
def test_creation_that_cannot_work_is_told(code: str, kind: type[Exception]) -> None:
    """A race for the group is a refusal, a wrong request an error; neither is repeated."""
    fake = FakeCodeDeploy(lambda _: refusal(code))
    with pytest.raises(kind):
        begin(fake)
    assert fake.created == 1
