"""The inputs of an apply: each source wins over the one before it, and only where it spoke."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from delightful.errors import ConfigError
from delightful.fargate import MEMORY_MIB_BY_CPU_UNITS, memory_sizes_mib, pair_fault
from delightful.reading.manifest import read_manifest
from delightful.variables import (
    RECOMMENDABLE,
    STORES,
    manifest_variables,
    restored_variables,
    service_variables,
    sha256_of,
    without_stores,
)
from tests.delightful.samples import commit, digest, image

SERVICE = Path(__file__).parents[2] / "infrastructure" / "service"
DECLARED = set(
    re.findall(r'^variable "(\w+)"', (SERVICE / "variables.tf").read_text("utf-8"), re.MULTILINE)
)
SANDBOX: dict[str, JsonValue] = {"environment": "sandbox", "termination_wait_minutes": 1}


def merged(
    text: str = "", *, recommended: dict[str, JsonValue] | None = None
) -> dict[str, JsonValue]:
    """Return the variables of a manifest with these lines."""
    return service_variables(
        environment=SANDBOX,
        recommended=recommended or {},
        manifest=read_manifest(f"service: api\n{text}".encode()),
        image=image(7),
    )


def test_the_image_comes_last() -> None:
    """Tag and digest are those of the image that was pushed, beside service and environment."""
    assert merged() == {
        "environment": "sandbox",
        "termination_wait_minutes": 1,
        "service": "api",
        "image_tag": commit(7),
        "image_digest": digest(7),
    }


def test_the_manifest_wins_where_it_spoke() -> None:
    """Explicit values win; what the manifest left out stays the recommendation's."""
    variables = merged(
        "port: 9000\nrollout: {bake_seconds: 5}",
        recommended={"container_port": 8000, "cpu_units": 512, "memory_mib": 1024},
    )
    assert variables["container_port"] == 9000
    assert variables["cpu_units"] == 512
    assert variables["termination_wait_minutes"] == 1


def test_stores_are_told_as_they_were_asked_for() -> None:
    """What is left out stays Terraform's to fill in; the release command is no input of it."""
    variables = merged(
        "database: {engine: mysql}\ncache: {engine: redis}\nrelease_command: [migrate]"
    )
    assert variables["database"] == {"engine": "mysql"}
    assert variables["cache"] == {"engine": "redis"}
    assert "release_command" not in variables
    assert "database" not in merged()


def test_stores_stay_when_an_earlier_release_comes_back() -> None:
    """What is there now is kept, what was asked for and is gone is asked for again."""
    now: dict[str, JsonValue] = {"database": {"engine": "mysql"}, "cache": None, "cpu_units": 512}
    earlier: dict[str, JsonValue] = {"cache": {"engine": "redis"}, "cpu_units": 256}
    restored = restored_variables(earlier, now)
    assert restored == {**earlier, "database": {"engine": "mysql"}}
    assert without_stores(restored) == {"cpu_units": 256}
    assert STORES <= DECLARED


def test_an_empty_value_says_nothing() -> None:
    """A key with nothing behind it leaves the recommendation as it is."""
    assert merged("port:", recommended={"container_port": 8000})["container_port"] == 8000


def test_maps_are_merged_key_by_key() -> None:
    """One more environment variable does not drop the recommended ones."""
    variables = merged(
        "environment: {A: mine}\nhealth_check: {path: /up}",
        recommended={
            "environment_variables": {"A": "theirs", "B": "theirs"},
            "health_check": {"path": "/", "matcher": "200"},
        },
    )
    assert variables["environment_variables"] == {"A": "mine", "B": "theirs"}
    assert variables["health_check"] == {"path": "/up", "matcher": "200"}


@pytest.mark.parametrize(
    "name", ["image_tag", "image_digest", "service", "environment", "public", "iam_policy", "x"]
)
def test_refuses_what_an_analysis_may_not_set(name: str) -> None:
    """L04, P05: who is reached, what runs and any unknown name is refused, never dropped."""
    with pytest.raises(ConfigError) as caught:
        merged(recommended={name: "x"})
    assert caught.value.code == "E_TFVARS"


def test_refuses_a_size_that_only_the_merge_makes_illegal() -> None:
    """Cpu of one source and memory of another must be sold together."""
    with pytest.raises(ConfigError, match="allowed 512, 1024, 2048 MiB with cpu_units 256"):
        merged("memory_mib: 8192", recommended={"cpu_units": 256})


def test_every_name_is_declared_by_terraform() -> None:
    """Whatever can be written here is a variable of `infrastructure/service`."""
    everything = (SERVICE.parents[1] / "docs" / "manifest.yaml").read_bytes()
    written = manifest_variables(read_manifest(everything))
    assert len(written) > 10
    assert RECOMMENDABLE | written.keys() | merged().keys() <= DECLARED


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=5))
def test_equal_variables_have_one_digest(variables: dict[str, JsonValue]) -> None:
    """The order in which variables were gathered does not change their digest; a value does."""
    backwards = dict(reversed(variables.items()))
    assert sha256_of(backwards) == sha256_of(variables)
    assert sha256_of({**variables, "more": 1}) != sha256_of(variables)
    assert re.fullmatch("[0-9a-f]{64}", sha256_of(variables))


@given(
    st.sampled_from([None, *MEMORY_MIB_BY_CPU_UNITS]),
    st.none() | st.integers(1, 130_000) | st.sampled_from(memory_sizes_mib(None)),
)
def test_exactly_the_listed_sizes_are_sold(cpu: int | None, memory: int | None) -> None:
    """Y18: a pair is a fault if and only if Fargate's table does not have it."""
    is_sold = memory is None or memory in memory_sizes_mib(cpu)
    assert (pair_fault(cpu, memory) is None) is is_sold


def test_scaling_is_merged_bound_by_bound() -> None:
    """A manifest that widens one bound keeps the environment's other settings."""
    bounds: dict[str, JsonValue] = {"min_count": 2, "max_count": 10, "cpu_percent": 60}
    variables = service_variables(
        environment={"environment": "production", "scaling": bounds, "tracing": True},
        recommended={},
        manifest=read_manifest(b"service: api\nscaling: {max_count: 20}\ntracing: false"),
        image=image(7),
    )
    assert variables["scaling"] == {"min_count": 2, "max_count": 20, "cpu_percent": 60}
    assert variables["tracing"] is False


def test_the_environment_decides_where_the_manifest_is_silent() -> None:
    """Neither scaling nor tracing is said unless somebody says it."""
    assert not {"scaling", "tracing"} & merged().keys()


@pytest.mark.parametrize(
    ("text", "recommended"),
    [
        ("scaling: {requests_per_task: 100}", {}),
        ("scaling: {requests_per_task: 100}\nrollout: {strategy: blue_green}", {}),
        ("scaling: {requests_per_task: 100}", {"deployment_strategy": "blue_green"}),
    ],
)
def test_requests_are_not_counted_under_blue_green(
    text: str, recommended: dict[str, JsonValue]
) -> None:
    """The scaler looks at one target group, and the traffic leaves it with a release."""
    with pytest.raises(ConfigError, match=r"scaling\.requests_per_task") as caught:
        merged(text, recommended=recommended)
    assert caught.value.code == "E_PAIR"


def test_requests_are_counted_under_rolling() -> None:
    """Whoever chose rolling: the manifest, or the recommendation."""
    text = "scaling: {requests_per_task: 100}"
    assert merged(f"{text}\nrollout: {{strategy: rolling}}")["scaling"] == {
        "requests_per_task": 100
    }
    recommended: dict[str, JsonValue] = {"deployment_strategy": "rolling"}
    assert merged(text, recommended=recommended)["scaling"] == {"requests_per_task": 100}
