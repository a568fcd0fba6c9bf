"""What would make a deploy fail late, judged before it begins: held, broken, or not seen."""

from collections.abc import Sequence

from delightful.frozen import Frozen
from delightful.release import Check, Image, Release


class Capacity(Frozen):
    """Room for a second set of tasks beside the first: `task_vcpu` in cores, addresses in IPs."""

    desired_count: int
    task_vcpu: float
    free_addresses: int
    vcpu_quota: float | None = None


def image_check(found: Image | None, commit: str, *, is_built_here: bool) -> Check:
    """Check that the commit's image is in the registry, or will be built by the deploy."""
    if found is not None:
        return Check(name="image", ok=True, detail=found.reference)
    if is_built_here:
        return Check(name="image", ok=None, detail="not built yet; the deploy builds it")
    detail = f"the registry has no tag {commit}, and this environment does not build"
    return Check(name="image", ok=False, detail=detail)


def attestation_check(is_held: bool | None, detail: str) -> Check:
    """Check that what was written down of the image vouches for it; None where nothing is to."""
    return Check(name="attestation", ok=is_held, detail=detail)


def secrets_check(wanted: Sequence[str], missing: Sequence[str]) -> Check:
    """Check that every secret a container is to be started with exists."""
    if missing:
        return Check(name="secrets", ok=False, detail=f"missing: {', '.join(missing)}")
    return Check(name="secrets", ok=True, detail=f"{len(wanted)} of {len(wanted)} exist")


def roles_check(untrusted: Sequence[str]) -> Check:
    """Check that ECS and CodeDeploy can take on the roles that they are given."""
    if untrusted:
        return Check(name="roles", ok=False, detail="; ".join(untrusted))
    return Check(name="roles", ok=True, detail="ECS and CodeDeploy may take on theirs")


def port_check(registered: int, wanted: int) -> Check:
    """Check that the port that ECS registers behind the load balancer is the container's."""
    detail = f"ECS registers port {registered}, the container listens on {wanted}"
    return Check(name="target group", ok=registered == wanted, detail=detail)


def log_group_check(name: str, *, is_there: bool) -> Check:
    """Check that the tasks can write their logs; without the group none of them starts."""
    detail = name if is_there else f"{name} is gone; applying infrastructure/service makes it again"
    return Check(name="log group", ok=is_there, detail=detail)


def lock_check(state_holder: str | None, in_progress: str | None) -> Check:
    """Check that nobody holds the Terraform state or the service's release slot."""
    held = [
        f"the Terraform state is locked by {state_holder}" if state_holder else None,
        f"attempt {in_progress} is in progress" if in_progress else None,
    ]
    reasons = "; ".join(reason for reason in held if reason)
    return Check(name="locks", ok=not reasons, detail=reasons or "none held")


def way_back_check(good: Release, found: Image | None) -> Check:
    """Check that the release that serves could be started again."""
    if good.image is None or found is None or found.digest != good.image.digest:
        wanted = good.image.digest if good.image else "unknown"
        seen = found.digest if found else "nothing"
        detail = f"{good.release_id} ran {wanted}, the registry has {seen} under its tag"
        return Check(name="way back", ok=False, detail=detail)
    return Check(name="way back", ok=True, detail=f"{good.release_id} can be started again")


def address_check(capacity: Capacity) -> Check:
    """Check that the subnets have addresses for the new tasks beside the old ones."""
    needed, free = capacity.desired_count, capacity.free_addresses
    detail = f"{needed} more needed while both versions run, {free} free in the subnets"
    return Check(name="addresses", ok=free >= needed, detail=detail)


def quota_check(capacity: Capacity) -> Check:
    """Check that the account may run both versions at once; other services count as well."""
    needed = 2 * capacity.desired_count * capacity.task_vcpu
    if capacity.vcpu_quota is None:
        detail = f"{needed:g} vCPU needed while both versions run; the quota could not be read"
        return Check(name="vCPU quota", ok=None, detail=detail)
    detail = f"{needed:g} vCPU needed while both versions run, the account's quota is "
    detail += f"{capacity.vcpu_quota:g} for all of its services"
    return Check(name="vCPU quota", ok=needed <= capacity.vcpu_quota, detail=detail)
