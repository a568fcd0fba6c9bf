"""Flow runs on a Prefect server, asked for and looked at from elsewhere."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    LogFilter,
    LogFilterFlowRunId,
    LogFilterLevel,
    LogFilterTimestamp,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import ArtifactSort, LogSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.settings import (
    PREFECT_API_REQUEST_TIMEOUT,
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
)
from prefect.utilities.urls import url_for
from pydantic import AwareDatetime, Field, JsonValue, ValidationError

from delightful.errors import ConfigError, DelightfulError
from delightful.frozen import Frozen
from delightful.names import artifact_key
from delightful.reading.json import read_json
from delightful.release import Release
from delightful.run_outcome import ARTIFACT_KEY, RunOutcome
from flows.publishing import shown_release
from flows.runs.prefect_answers import answered, no_run, not_registered, not_taken
from flows.runs.prefect_settings import SettingsFor

_INFO = 20
_PAGE = 200
# Retries are the caller's: Prefect's own wait for up to a minute and say nothing.
_at_once = SettingsFor({PREFECT_API_REQUEST_TIMEOUT: 15.0, PREFECT_CLIENT_MAX_RETRIES: 0})


class SeenRun(Frozen):
    """A flow run as Prefect's server has it; `state_type` is one of Prefect's own."""

    id: str
    flow: str
    url: str
    state_type: str
    state_name: str
    message: str = ""
    work_pool: str | None = None
    parameters: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        """Say whether the run is over."""
        return self.state_type in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}

    @property
    def has_begun(self) -> bool:
        """Say whether the flow's own code has run."""
        return self.state_type not in {"SCHEDULED", "PENDING"}


class LogLine(Frozen):
    """One line of a run's log."""

    id: str
    at: AwareDatetime
    message: str


class FlowRuns:
    """The server that PREFECT_API_URL names, for the length of a `with` block.

    Every verb asks once. It raises TransientError where asking again may help
    (E_PREFECT_UNREACHABLE), and ExternalError (E_PREFECT) where the server refuses.
    """

    def __init__(self) -> None:
        """Raises ConfigError E_PREFECT_URL, no server is named."""
        if not PREFECT_API_URL.value():
            raise ConfigError(
                "E_PREFECT_URL",
                "no Prefect server is named",
                hint="set PREFECT_API_URL (and PREFECT_API_AUTH_STRING) to the environment's own",
            )
        self._settings = _at_once()

    def __enter__(self) -> Self:
        self._settings.__enter__()
        self._client: SyncPrefectClient = get_client(sync_client=True)
        self._client.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.__exit__(kind, error, trace)
        self._settings.__exit__(kind, error, trace)

    def create(self, flow: str, parameters: Mapping[str, JsonValue], key: str) -> SeenRun:
        """Ask for a run of the Prefect deployment `flow/flow`; with the same key it is the same.

        Raises:
            ConfigError: E_NOT_REGISTERED, there is no such Prefect deployment; E_PARAMETERS, it
                does not take these.
        """
        with answered("create flow run"):
            try:
                deployment = self._client.read_deployment_by_name(f"{flow}/{flow}")
            except ObjectNotFound as error:
                raise not_registered(flow) from error
            try:
                run = self._client.create_flow_run_from_deployment(
                    deployment.id, parameters=dict(parameters), idempotency_key=key
                )
            except PrefectHTTPStatusError as error:
                if error.response.status_code in (409, 422):
                    raise not_taken(flow, error) from error
                raise
        return _seen(run, flow)

    def look(self, run_id: str) -> SeenRun:
        """Return a run as it stands. Raises ConfigError E_FLOW_RUN, there is no such run."""
        with answered("read flow run"):
            try:
                run = self._client.read_flow_run(_uuid(run_id))
                return _seen(run, self._client.read_flow(run.flow_id).name)
            except ObjectNotFound as error:
                raise no_run(run_id) from error

    def family(self, run_id: str) -> list[str]:
        """Return the ids of a run, its subflow runs, and theirs."""
        found, parents = [run_id], [run_id]
        with answered("read subflow runs"):
            while parents:
                below = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=parents))
                runs = self._client.read_flow_runs(flow_run_filter=below, limit=_PAGE)
                parents = [str(run.id) for run in runs]
                found += parents
        return found

    def lines(self, run_ids: Sequence[str], since: datetime | None) -> list[LogLine]:
        """Return what runs logged from a moment on, oldest first."""
        wanted = LogFilter(
            level=LogFilterLevel(ge_=_INFO),
            flow_run_id=LogFilterFlowRunId(any_=[UUID(one) for one in run_ids]),
            timestamp=LogFilterTimestamp(after_=since) if since else None,
        )
        found: list[LogLine] = []
        with answered("read logs"):
            while len(found) % _PAGE == 0:
                page = self._client.read_logs(
                    wanted, limit=_PAGE, offset=len(found), sort=LogSort.TIMESTAMP_ASC
                )
                found += (
                    LogLine(id=str(one.id), at=one.timestamp, message=one.message) for one in page
                )
                if not page:
                    break
        return found

    def outcome(self, run_id: str) -> RunOutcome | None:
        """Return what a run said of its end, or None where it said nothing that can be read."""
        wanted = ArtifactFilter(
            key=ArtifactFilterKey(any_=[ARTIFACT_KEY]),
            flow_run_id=ArtifactFilterFlowRunId(any_=[UUID(run_id)]),
        )
        with answered("read outcome"):
            found = self._client.read_artifacts(
                artifact_filter=wanted, sort=ArtifactSort.CREATED_DESC, limit=1
            )
        return _outcome_in(found[0].data) if found else None

    def release(
        self, service: str, environment: str, run_ids: Sequence[str], named: str | None
    ) -> Release | None:
        """Return the release that was named, or else the newest that one of the runs published."""
        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[artifact_key(service, environment)]))
        with answered("read release"):
            found = self._client.read_artifacts(
                artifact_filter=wanted, sort=ArtifactSort.CREATED_DESC, limit=_PAGE
            )
        for artifact in found:
            shown = shown_release(artifact)
            is_theirs = str(artifact.flow_run_id) in run_ids
            if shown and (shown.release_id == named if named else is_theirs):
                return shown
        return None


def _seen(run: FlowRun, flow: str) -> SeenRun:
    state = run.state
    return SeenRun(
        id=str(run.id),
        flow=flow,
        url=url_for("flow-run", obj_id=run.id) or str(run.id),
        state_type=state.type.value if state else "PENDING",
        state_name=(state.name if state else None) or "Pending",
        message=(state.message if state else None) or "",
        work_pool=run.work_pool_name,
        parameters=run.parameters,
    )


def _uuid(run_id: str) -> UUID:
    try:
        return UUID(run_id)
    except ValueError as error:
        raise no_run(run_id) from error


def _outcome_in(data: Any) -> RunOutcome | None:
    try:
        told: Any = read_json(data.encode(), "outcome") if isinstance(data, str) else data
        return RunOutcome.model_validate(told[0])
    except (DelightfulError, ValidationError, TypeError, LookupError):
        return None
