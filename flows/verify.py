"""verify: look, before anything moves, for what would make a deploy fail in its middle."""

from collections.abc import Callable

from prefect import flow

from blocks.delivery_environment import DeliveryEnvironment
from delightful import preflight
from delightful.composition.provenance import provenance_fault
from delightful.errors import DelightfulError
from delightful.frozen import Frozen
from delightful.manifest import Manifest
from delightful.names import commit_sha
from delightful.release import Check, Release, StackOutputs
from delightful.verdict import alarm_check, rollout_check
from flows.analyze import read_service_manifest
from flows.attempts.attempt import good_release
from flows.effects import effect
from flows.environment import delivery_environment
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell, warn
from flows.terraform_apply import stack_of


class Subject(Frozen):
    """What a pre-flight is about: a commit, and the release that serves now, if any."""

    service: str
    environment: str
    commit: str
    manifest: Manifest
    good: Release | None

    @property
    def serving(self) -> Release:
        """Return the release that serves."""
        if self.good is None:
            raise ValueError(f"{self.service} was never good in {self.environment}")
        return self.good

    @property
    def outputs(self) -> StackOutputs:
        """Return where it serves."""
        return stack_of(self.serving).outputs


Point = Callable[[DeliveryEnvironment, Subject], Check]


@flow(
    name="verify",
    flow_run_name="verify {service} → {environment} @ {commit:.7}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
def verify(service: str, environment: str, commit: str, source: str) -> list[Check]:
    """Look for what would make a deploy fail in its middle; nothing is changed.

    A point that could not be looked at is neither held nor broken, and says why.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        commit: The full commit id, 40 hexadecimal digits.
        source: Path of the service's git repository or of a folder inside it, or the address of the
            commit's archive in S3.
    """
    subject = Subject(
        service=service,
        environment=environment,
        commit=commit_sha(commit),
        manifest=read_service_manifest(service, environment, commit, source),
        good=good_release(service, environment),
    )
    names = [*ALWAYS, *(ONCE_IT_SERVES if subject.good else ())]
    if subject.good is None:
        tell(f"{service} was never good in {environment}: what its first deploy makes is left out")
    return [check_point(name, subject) for name in names]


@effect("check", run_name="check {name}")
def check_point(name: str, subject: Subject) -> Check:
    """Look at one point; what cannot be reached leaves it open."""
    judge = (ALWAYS | ONCE_IT_SERVES)[name]
    try:
        seen = judge(delivery_environment(subject.environment), subject)
    except DelightfulError as error:
        seen = Check(name=name, ok=None, detail=f"could not check: {error}")
    say = tell if seen.ok else warn
    say(f"{seen.name}: {seen.detail}")
    return seen


def _image(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    found = delivery.registry(subject.service).find(subject.commit)
    is_built_here = delivery.packaging != "adopt"
    return preflight.image_check(found, subject.commit, is_built_here=is_built_here)


def _attestation(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    found = delivery.registry(subject.service).find(subject.commit)
    if found is None:
        return preflight.attestation_check(None, "the image is not built yet")
    store = delivery.attestations(subject.service)
    written = store.latest(found.digest)
    if written is None:
        is_held = False if delivery.asks_for_scan else None
        return preflight.attestation_check(is_held, f"nothing vouches for {found.digest}")
    fault = provenance_fault(
        store.read(written.provenance),
        digest=found.digest,
        commit=subject.commit,
        rule=store.builder_rule(delivery.build_role(subject.service)),
    )
    return preflight.attestation_check(fault is None, fault or f"{found.digest} is vouched for")


def _secrets(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    wanted = sorted(set(subject.manifest.secrets.values()))
    return preflight.secrets_check(wanted, delivery.preflight().missing_secrets(wanted))


def _locks(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    head = delivery.ledger(subject.service).head(subject.service, subject.environment)
    held = delivery.stack("service", subject.service, read_only=True).locks_held()
    return preflight.lock_check(held[0].holder if held else None, head.in_progress)


def _roles(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    return preflight.roles_check(delivery.preflight().untrusted_roles(subject.outputs))


def _port(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    registered = delivery.preflight().registered_port(subject.outputs)
    return preflight.port_check(registered, subject.manifest.port or subject.outputs.container_port)


def _log_group(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    name = subject.outputs.log_group_name
    return preflight.log_group_check(name, is_there=delivery.preflight().has_log_group(name))


def _alarms(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    return alarm_check(
        subject.serving, delivery.ecs_service(subject.service).observe(subject.outputs)
    )


def _rollout(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    return rollout_check(
        subject.serving, delivery.ecs_service(subject.service).observe(subject.outputs)
    )


def _way_back(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    found = delivery.registry(subject.service).find(subject.serving.commit)
    return preflight.way_back_check(subject.serving, found)


def _addresses(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    return preflight.address_check(delivery.preflight().capacity(subject.outputs))


def _quota(delivery: DeliveryEnvironment, subject: Subject) -> Check:
    return preflight.quota_check(delivery.preflight().capacity(subject.outputs))


ALWAYS: dict[str, Point] = {
    "image": _image,
    "attestation": _attestation,
    "secrets": _secrets,
    "locks": _locks,
}
ONCE_IT_SERVES: dict[str, Point] = {
    "roles": _roles,
    "target group": _port,
    "log group": _log_group,
    "alarms": _alarms,
    "rollout": _rollout,
    "way back": _way_back,
    "addresses": _addresses,
    "vCPU quota": _quota,
}
