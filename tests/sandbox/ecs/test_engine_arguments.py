"""How containers of one task come to share localhost."""

from itertools import pairwise

from sandbox.ecs.container_runtime import run_arguments
from sandbox.ecs.orders import container_order
from sandbox.ecs.runtime import TaskNetwork, task_network

WEB = container_order(
    {"name": "web", "image": "web", "portMappings": [{"containerPort": 8000}]}, {}, "t"
)
SIDE = container_order(
    {"name": "side", "image": "side", "portMappings": [{"containerPort": 4318}]}, {}, "t"
)


def test_the_first_container_publishes_the_ports_of_the_whole_task() -> None:
    """Those that join its network cannot publish any."""
    network = TaskNetwork({8000: 20001, 4318: 20002})
    arguments = run_arguments(WEB, "web-1", "web", network, "id")
    published = [one for flag, one in pairwise(arguments) if flag == "--publish"]
    assert published == ["127.0.0.1:20001:8000", "127.0.0.1:20002:4318"]
    assert "--network" not in arguments


def test_the_others_join_its_network() -> None:
    """As under awsvpc, every container of a task is on every other's localhost."""
    network = TaskNetwork({8000: 20001, 4318: 20002}, owner="web-1")
    arguments = run_arguments(SIDE, "side-1", "side", network, "id")
    assert arguments[arguments.index("--network") + 1] == "container:web-1"
    assert "--publish" not in arguments


def test_every_container_port_of_a_task_has_a_port_of_its_own() -> None:
    """No two tasks, and no two containers, are given the same."""
    networks = [task_network([WEB, SIDE]) for _ in range(2)]
    assert all(set(network.ports) == {8000, 4318} for network in networks)
    assert len({port for network in networks for port in network.ports.values()}) == 4
    assert networks[0].of(SIDE) == {4318: networks[0].ports[4318]}
