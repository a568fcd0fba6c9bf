"""Container definitions, overrides and image references, read into orders."""

from pathlib import Path

import pytest
from moto.ecs.exceptions import EcsClientException, InvalidParameterException

from sandbox.ecs.images import UnpackedImage
from sandbox.ecs.orders import ContainerCheck, LogTarget, container_order
from sandbox.ecs.process_runtime import command_of, process_environment
from sandbox.ecs.references import ImageReference, parse_reference
from sandbox.ecs.refusals import has_fargate_size, refuse_fargate_size, refuse_update
from sandbox.ecs.runtime import TaskNetwork

DEFINITION = {
    "name": "web",
    "image": "127.0.0.1:5000/web:abc@sha256:12",
    "portMappings": [{"containerPort": 8000}],
    "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/web", "awslogs-stream-prefix": "p"},
    },
    "healthCheck": {"command": ["CMD", "true"], "retries": 2},
}


def image(tmp_path_root: object, **changes: object) -> UnpackedImage:
    """Return an image with an entry point and a command."""
    values = {
        "digest": "sha256:12",
        "root": tmp_path_root,
        "entry_point": ("python3",),
        "command": ("app.py",),
        "environment": {"A": "image", "C": "image"},
        "working_directory": "/app",
        "labels": {},
    }
    return UnpackedImage(**{**values, **changes})  # type: ignore[arg-type]


def test_overrides_win_over_the_definition() -> None:
    """RunTask's command and variables replace those of the definition, name by name."""
    override = {"command": ["migrate"], "environment": [{"name": "B", "value": "3"}]}
    order = container_order(DEFINITION, override, "task1")
    assert order.command == ("migrate",)
    assert order.environment == {"A": "1", "B": "3"}
    assert order.is_essential


def test_reads_log_and_health_check() -> None:
    """The log stream is named prefix/container/task, the check keeps ECS's defaults."""
    order = container_order(DEFINITION, {}, "task1")
    assert order.log == LogTarget("/web", "p/web/task1", creates_group=False)
    assert order.check == ContainerCheck(("CMD", "true"), 30, 5, 2, 0)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (
            "127.0.0.1:5000/a/b:tag@sha256:12",
            ImageReference("127.0.0.1:5000", "a/b", "tag", "sha256:12"),
        ),
        (
            "docker.io/library/x@sha256:1",
            ImageReference("docker.io", "library/x", None, "sha256:1"),
        ),
        ("python:3.12", ImageReference("", "python", "3.12", None)),
        ("team/app", ImageReference("", "team/app", None, None)),
    ],
)
def test_reads_image_references(text: str, reference: ImageReference) -> None:
    """Registry, repository, tag and digest are told apart."""
    assert parse_reference(text) == reference


def test_new_entry_point_drops_the_images_command() -> None:
    """The image's command goes with its own entry point only."""
    order = container_order({**DEFINITION, "entryPoint": ["sh"]}, {}, "t")
    assert command_of(order, image(None)) == ["sh"]
    assert command_of(container_order(DEFINITION, {}, "t"), image(None)) == ["python3", "app.py"]


def test_process_listens_where_the_sandbox_says() -> None:
    """PORT and HOST are the sandbox's, whatever image and task definition say."""
    definition = {**DEFINITION, "environment": [{"name": "PORT", "value": "8000"}]}
    order, home = container_order(definition, {}, "t"), Path("/tasks/t/home")
    variables = process_environment({"A": "image"}, order, TaskNetwork({8000: 9}), home)
    assert variables["PORT"] == "9"
    assert variables["HOST"] == "127.0.0.1"
    assert variables["A"] == "image"


@pytest.mark.parametrize(
    ("cpu", "memory", "fits"),
    [
        (256, 512, True),
        (256, 1536, False),
        (512, 512, False),
        (1024, 8192, True),
        (300, 512, False),
    ],
)
def test_knows_fargate_sizes(cpu: int, memory: int, fits: bool) -> None:
    """Only Fargate's own pairs of CPU and memory are accepted."""
    assert has_fargate_size(cpu, memory) is fits


def test_refuses_a_fargate_size_in_the_words_of_ecs() -> None:
    """The refusal names the values as ECS does."""
    with pytest.raises(EcsClientException, match="No Fargate configuration exists for given") as e:
        refuse_fargate_size("512", "512")
    assert "512 CPU, 512 memory" in str(e.value)


def test_refuses_a_task_definition_under_codedeploy() -> None:
    """UpdateService may not move a CodeDeploy service, and says who may."""
    with pytest.raises(InvalidParameterException, match="Unable to update task definition on"):
        refuse_update("CODE_DEPLOY", {"task_definition": "web:1"})
    refuse_update("CODE_DEPLOY", {"desired_count": 2})
    refuse_update("ECS", {"task_definition": "web:1"})
