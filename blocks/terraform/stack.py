"""One Terraform stack: plan to a file, apply exactly that file, read what it left."""

import hashlib
import logging
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl, JsonValue

from blocks.aws import aws_environment, region_name
from blocks.child_process import ChildCommand, Say, required_tool, run_child
from blocks.terraform import argv
from blocks.terraform.directory import TerraformDirectory, default_home, write_variables
from blocks.terraform.messages import Conversation, state_not_saved, without
from blocks.terraform.orphans import import_blocks, orphans_of
from blocks.terraform.plan_reading import judged_plan, read_drift, read_saved_plan
from blocks.terraform.saved_plan import AppliedState, SavedPlan
from blocks.terraform.state import read_state
from blocks.terraform.state_locks import release_lock, state_locks
from blocks.terraform.state_versions import put_back, record_digest, recorded_digest, state_versions
from delightful.agreement import Finding
from delightful.errors import ExternalError, Refused, TransientError
from delightful.locks import StateLock, made_since
from delightful.planned import PlanSummary
from delightful.reading.plan import PlanDocument
from delightful.release import AppliedStack
from delightful.state_health import StateFault, StateJudgement, judge_state

_NOTHING_CHANGES = 0
_CHANGES = 2
# Listeners and rules are found once what they belong to is adopted: three rounds, and one to spare.
_ADOPTION_ROUNDS = 4
ADOPTED_FILE = "adopted.tf"
_quietly = logging.getLogger("delightful.terraform").info
_PROJECT_TOOLS = Path(__file__).resolve().parents[2] / ".tools"


class TerraformStack(Block):
    """
    Runs the Terraform of one root under one state key.

    Example:
        See what an apply would do:
        ```python
        from blocks.terraform.stack import TerraformStack

        stack = TerraformStack.load("BLOCK_NAME")
        saved = stack.plan({"service": "hello"})
        print(saved.summary)
        ```
    """

    _block_type_name = "Terraform Stack"
    _block_type_slug = "terraform-stack"
    _documentation_url = HttpUrl("https://developer.hashicorp.com/terraform/cli/commands/plan")

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    root: str = Field(
        pattern=r"^[a-z]+$", description="Folder of the root module below `infrastructure/`."
    )
    infrastructure_directory: Path = Field(description="Path of the folder `infrastructure/`.")
    state_bucket: str = Field(min_length=3, max_length=63, description="Bucket of the states.")
    state_key: str = Field(
        pattern=r"^[A-Za-z0-9/_.-]+\.tfstate$", description="Key of this stack's state."
    )
    lock_table: str = Field(min_length=3, max_length=255, description="Table of the state locks.")
    cli_config: Path | None = Field(
        default=None, description="File that TF_CLI_CONFIG_FILE names, or none."
    )
    work_directory: Path | None = Field(
        default=None, description="Where work directories are kept, or none for the user's state."
    )
    state_file: Path | None = Field(
        default=None,
        description="File of this machine with the state, while no bucket has it, or none.",
    )
    added_files: dict[str, Path] = Field(
        default_factory=dict,
        description="Files that the root needs beside its own, by the name they get there.",
    )
    locks: bool = Field(
        default=True, description="Whether a plan holds the state's lock; who only reads cannot."
    )
    lock_timeout_seconds: int = Field(
        default=60, ge=0, le=3600, description="How long a held state lock is waited for."
    )
    # A role that is taken on from another one is given for an hour: stopped before it ends,
    # Terraform still can save its state.
    deadline_seconds: int = Field(
        default=3000, ge=60, le=14400, description="How long one Terraform command may take."
    )

    def plan(
        self, variables: Mapping[str, JsonValue], *, adopts: bool = False, say: Say | None = None
    ) -> SavedPlan:
        """Plan to a file. `say` gets each line of progress.

        With `adopts` it takes up what an apply whose state was lost has left: where something that
        would be created is there already, it is imported instead.

        Raises:
            Refused: E_LOCKED, the state lock is held; the message names the holder.
            ExternalError: E_TERRAFORM, Terraform refused or failed.
        """
        with self._ready(say) as directory:
            path = directory.new_plan()
            try:
                plan = self._plan_to(directory, path, variables, say)
                if adopts:
                    plan = self._with_orphans(plan, directory, path, variables, say)
            except BaseException:
                directory.discard_plan(path)
                raise
        return SavedPlan(
            path=path,
            variables=dict(variables),
            summary=judged_plan(plan, region_name(self.credentials)) if plan else PlanSummary(),
            has_changes=plan is not None,
        )

    def drift(
        self, variables: Mapping[str, JsonValue], *, say: Say | None = None
    ) -> tuple[Finding, ...]:
        """Compare what is there with these inputs; the plan is read and thrown away.

        Raises:
            ExternalError: E_TERRAFORM, E_PLAN_FORMAT: nothing could be compared.
        """
        with self._ready(say) as directory:
            path = directory.new_plan()
            try:
                self._plan_status(directory, path, variables, say)
                return read_drift(self._child(directory, argv.show_argv(self._terraform(), path)))
            finally:
                directory.discard_plan(path)

    def apply(self, saved: SavedPlan, *, say: Say | None = None) -> AppliedState:
        """Apply exactly a saved plan, then read the state it left.

        Raises:
            TransientError: E_PLAN_STALE, the state moved since or the plan is gone; plan again.
        """
        directory = self._directory()
        try:
            if saved.has_changes:
                with directory.held():
                    self._apply_held(directory, saved, say)
        finally:
            directory.discard_plan(saved.path)
        return self._recorded_outputs()

    def judged(self, newest: AppliedStack | None) -> StateJudgement | None:
        """Return what is wrong with the state, beside the last apply that the ledger knows."""
        backend = self._backend()
        if isinstance(backend, argv.LocalBackend):
            return None
        digest = recorded_digest(self.credentials, backend)
        now = state_versions(self.credentials, backend, limit=1)
        if judge_state(now, digest, newest) is None:
            return None
        return judge_state(state_versions(self.credentials, backend), digest, newest)

    def mend(self, judged: StateJudgement) -> None:
        """Record the digest that was lost, or put back the version that was recorded.

        Raises:
            Refused: E_STATE_MOVED, somebody else wrote the state or its digest meanwhile.
        """
        backend = self._backend()
        version = judged.version
        if isinstance(backend, argv.LocalBackend) or version is None:
            return
        if judged.fault is StateFault.DIGEST_LOST:
            was = recorded_digest(self.credentials, backend)
            record_digest(self.credentials, backend, version, was or "")
        else:
            put_back(self.credentials, backend, version)

    def outputs(self) -> AppliedState:
        """Read outputs, lineage and serial.

        Raises:
            ConfigError: E_NO_STATE, nothing was ever applied.
        """
        return read_state(self.credentials, self._backend())

    def save_unsaved(self, *, say: Say | None = None) -> None:
        """Push the state that an apply on this machine could not save."""
        with self._ready(say):
            pass

    def push(self, state: Path, *, say: Say | None = None) -> None:
        """Make a file this stack's state; refused where another one is there already."""
        with self._ready(say) as directory:
            self._run(directory, "state push", argv.push_argv(self._terraform(), state), say)

    def locks_held(self) -> tuple[StateLock, ...]:
        """Return the locks on the state; more than one where a dead one's entry was left alone.

        Raises:
            ExternalError: E_STATE_LOCK, an entry is none of Terraform's.
        """
        return state_locks(self.credentials, self._backend())

    def has_unsaved_state(self) -> bool:
        """Say whether an apply on this machine left a state that could not be saved."""
        return self._directory().unsaved_state.is_file()

    def runs_here(self) -> bool:
        """Say whether a Terraform of this stack still works, or may work, on this machine."""
        return self._directory().is_in_use()

    def break_lock(self, lock_id: str) -> None:
        """Release the lock of somebody who is gone, by its exact id, wherever its entries lie.

        Raises:
            Refused: E_NO_LOCK, no entry has this id, or another one lies there by now.
        """
        with self._directory().held():
            if not release_lock(self.credentials, self._backend(), lock_id):
                raise Refused(
                    "E_NO_LOCK",
                    f"lock {lock_id}: not held on {self.state_key}",
                    hint="look with `delightful locks`",
                )

    def destroy(self, variables: Mapping[str, JsonValue], *, say: Say | None = None) -> None:
        """Destroy everything in the state."""
        with self._ready(say) as directory:
            path = directory.new_plan()
            command = argv.destroy_argv(
                self._terraform(),
                variables,
                write_variables(path, variables),
                self.lock_timeout_seconds,
            )
            try:
                self._change(directory, "destroy", command, say)
            finally:
                directory.discard_plan(path)

    @contextmanager
    def _ready(self, say: Say | None) -> Iterator[TerraformDirectory]:
        directory = self._directory()
        with directory.held():
            sources = directory.copy_sources(self._added())
            self._initialise(directory, sources, say)
            if self.locks and directory.unsaved_state.is_file():
                self._push_unsaved(directory, say)
            yield directory

    def _initialise(self, directory: TerraformDirectory, sources: str, say: Say | None) -> None:
        backend = self._backend()
        marks = [sources, *backend.settings().values(), str(self.cli_config)]
        fingerprint = hashlib.sha256("\n".join(marks).encode()).hexdigest()
        if directory.is_initialised(fingerprint):
            return
        self._run(directory, "init", argv.init_argv(self._terraform(), backend), say)
        directory.mark_initialised(fingerprint)

    def _plan_to(
        self,
        directory: TerraformDirectory,
        path: Path,
        variables: Mapping[str, JsonValue],
        say: Say | None,
    ) -> PlanDocument | None:
        """Plan, and return the plan; None where nothing would change, outputs included."""
        if self._plan_status(directory, path, variables, say) == _NOTHING_CHANGES:
            return None
        show = self._child(directory, argv.show_argv(self._terraform(), path))
        return read_saved_plan(show)

    def _plan_status(
        self,
        directory: TerraformDirectory,
        path: Path,
        variables: Mapping[str, JsonValue],
        say: Say | None,
    ) -> int:
        command = argv.plan_argv(
            self._terraform(),
            variables,
            write_variables(path, variables),
            path,
            self.lock_timeout_seconds if self.locks else None,
        )
        heard = Conversation()
        status = self._converse(directory, command, heard, say)
        if status not in (_NOTHING_CHANGES, _CHANGES):
            raise heard.failure("plan")
        return status

    def _with_orphans(
        self,
        plan: PlanDocument | None,
        directory: TerraformDirectory,
        path: Path,
        variables: Mapping[str, JsonValue],
        say: Say | None,
    ) -> PlanDocument | None:
        """Plan again until nothing is to be created that is there already."""
        adopted: dict[str, str] = {}
        for _ in range(_ADOPTION_ROUNDS):
            found = orphans_of(self.credentials, plan) if plan else {}
            if not found:
                break
            for address, import_id in sorted(found.items()):
                (say or _quietly)(f"adopted: {address} is there already as {import_id}")
            adopted |= found
            directory.add_source(ADOPTED_FILE, import_blocks(adopted))
            plan = self._plan_to(directory, path, variables, say)
        return plan

    def _apply_held(self, directory: TerraformDirectory, saved: SavedPlan, say: Say | None) -> None:
        if not saved.path.is_file():
            raise TransientError("E_PLAN_STALE", "the saved plan is gone", hint="plan again")
        command = argv.apply_argv(self._terraform(), saved.path, self.lock_timeout_seconds)
        self._change(directory, "apply", command, say)

    def _change(
        self,
        directory: TerraformDirectory,
        operation: str,
        command: tuple[str, ...],
        say: Say | None,
    ) -> None:
        heard = Conversation()
        try:
            status = self._converse(directory, command, heard, say)
        finally:
            unsaved = directory.rescue_state()
        if unsaved:
            raise state_not_saved(directory.unsaved_state, operation)
        if status == 0:
            return
        lock_id = heard.unreleased_lock()
        if lock_id is None:
            raise heard.failure(operation)
        # All was done and saved, only the lock stayed: it is our own, named by its exact id.
        release_lock(self.credentials, self._backend(), lock_id)

    def _push_unsaved(self, directory: TerraformDirectory, say: Say | None) -> None:
        state = directory.unsaved_state
        self._run(directory, "state push", argv.push_argv(self._terraform(), state), say)
        state.unlink()

    def _run(
        self,
        directory: TerraformDirectory,
        operation: str,
        command: tuple[str, ...],
        say: Say | None,
    ) -> None:
        heard = Conversation()
        if self._converse(directory, command, heard, say) != 0:
            raise heard.failure(operation)

    def _converse(
        self,
        directory: TerraformDirectory,
        command: tuple[str, ...],
        heard: Conversation,
        say: Say | None,
    ) -> int:
        tell = say or _quietly
        child = self._child(directory, command)
        secrets = aws_environment(self.credentials, os.environ)[1]

        def on_line(line: str) -> None:
            shown = heard.hear(without(line, secrets))
            if shown is not None:
                tell(shown)

        began = datetime.now(UTC)
        status = run_child(child, on_line)
        if status < 0 and directory.is_left():
            self._release_locks_since(began)
        return status

    def _release_locks_since(self, began: datetime) -> None:
        """Release what a Terraform of ours that was killed can release no more.

        Nobody else on this machine works on the state: its directory is held by us.
        """
        for lock in made_since(self.locks_held(), socket.gethostname(), began):
            release_lock(self.credentials, self._backend(), lock.lock_id)

    def _child(self, directory: TerraformDirectory, command: tuple[str, ...]) -> ChildCommand:
        cloud, _ = aws_environment(self.credentials, os.environ)
        return ChildCommand(
            argv=command,
            directory=directory.working,
            environment=argv.terraform_environment(
                os.environ, cloud, directory.data, self.cli_config
            ),
            deadline_seconds=self.deadline_seconds,
        )

    def _added(self) -> dict[str, bytes]:
        files = {name: path.read_bytes() for name, path in self.added_files.items()}
        if self.state_file is not None:
            files["backend_override.tf"] = argv.LocalBackend.override
        return files

    def _backend(self) -> argv.Backend | argv.LocalBackend:
        if self.state_file is not None:
            return argv.LocalBackend(path=self.state_file)
        return argv.Backend(
            bucket=self.state_bucket,
            key=self.state_key,
            region=region_name(self.credentials),
            dynamodb_table=self.lock_table,
        )

    def _directory(self) -> TerraformDirectory:
        home = self.work_directory or default_home()
        endpoint = self.credentials.aws_client_parameters.endpoint_url
        identity = f"{endpoint}\n{self.state_bucket}\n{self.state_key}"
        name = f"{self.root}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
        return TerraformDirectory(self.infrastructure_directory, self.root, home / name)

    def _recorded_outputs(self) -> AppliedState:
        """Read the state that an apply of ours left, with its digest recorded where that was lost.

        Terraform ends well where the write of the digest alone failed, and refuses the next plan.
        """
        try:
            return self.outputs()
        except ExternalError as error:
            judged = self.judged(None) if error.code == "E_STATE_DIGEST" else None
            if judged is None or judged.fault is not StateFault.DIGEST_LOST:
                raise
            self.mend(judged)
        return self.outputs()

    def _terraform(self) -> str:
        folders = (_PROJECT_TOOLS, Path(sys.executable).parent)
        return required_tool("terraform", folders, "run `make setup`, or put Terraform on PATH")
