"""Where tasks go on several container instances: placement strategies and constraints, for RunTask and services."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from harness.cluster import QUICK, Cluster, container
from harness.fleet import Fleet
from harness.waiting import wait_for

BINPACK = [{"type": "binpack", "field": "memory"}]
SPREAD = [{"type": "spread", "field": "instanceId"}]
ZONES = [{"type": "spread", "field": "attribute:ecs.availability-zone"}, {"type": "binpack", "field": "memory"}]
RANDOM = [{"type": "random"}]


@pytest.fixture
def fleet(instances: Fleet) -> Iterator[Fleet]:
    """The three instances, empty before and after."""
    yield instances
    instances.cluster.clear()


def definition(cluster: Cluster, memory: int = 32) -> str:
    return cluster.register(
        container(script=QUICK, memory=memory), requiresCompatibilities=["EC2"], networkMode="host", cpu=None, memory=None)


def run(fleet: Fleet, count: int, strategy: list[dict[str, str]], **more: Any) -> list[dict[str, Any]]:
    answer = fleet.cluster.ecs.run_task(
        cluster=fleet.cluster.name, taskDefinition=definition(fleet.cluster), launchType="EC2", count=count,
        placementStrategy=strategy, **more)
    assert answer["failures"] == [], answer["failures"]
    return answer["tasks"]


def serve(fleet: Fleet, count: int, strategy: list[dict[str, str]], **more: Any) -> str:
    return fleet.cluster.serve(
        definition(fleet.cluster), count, launchType="EC2", networkConfiguration=None, placementStrategy=strategy, **more)


def per_instance(tasks: list[dict[str, Any]]) -> list[int]:
    """How many tasks each used instance has, the fullest first."""
    return sorted(Counter(task["containerInstanceArn"] for task in tasks).values(), reverse=True)


def per_zone(tasks: list[dict[str, Any]]) -> list[int]:
    return sorted(Counter(task["availabilityZone"] for task in tasks).values(), reverse=True)


def check_they_run(fleet: Fleet, tasks: list[dict[str, Any]]) -> None:
    for task in tasks:
        fleet.cluster.wait_for_status(task["taskArn"], "RUNNING")
    wait_for(
        "the processes are on the hosts that were chosen",
        lambda: all(fleet.runs_where_it_was_placed(task) for task in tasks), 10, explain=fleet.explain)


def test_spread_gives_every_instance_a_task(fleet: Fleet) -> None:
    tasks = run(fleet, 3, SPREAD)
    assert per_instance(tasks) == [1, 1, 1]
    check_they_run(fleet, tasks)
    assert per_instance(tasks + run(fleet, 3, SPREAD, group="family:other")) == [2, 2, 2]


def test_binpack_fills_one_instance_first(fleet: Fleet) -> None:
    tasks = run(fleet, 3, BINPACK)
    assert per_instance(tasks) == [3]
    check_they_run(fleet, tasks)
    # The instance that has least left now is the one with the three.
    assert per_instance(tasks + run(fleet, 2, BINPACK)) == [5]


def test_zones_come_before_what_is_named_after_them(fleet: Fleet) -> None:
    tasks = run(fleet, 4, ZONES)
    assert per_zone(tasks) == [2, 2]
    assert per_instance(tasks) == [2, 2], "within a zone one instance is filled"


def test_random_uses_several_instances(fleet: Fleet) -> None:
    # That ten land on one of three by chance happens once in twenty thousand times.
    assert len(per_instance(run(fleet, 10, RANDOM))) > 1


def test_a_service_is_placed_by_its_strategy(fleet: Fleet) -> None:
    cluster = fleet.cluster

    def placed(strategy: list[dict[str, str]], shape: list[int]) -> str:
        service = serve(fleet, 3, strategy)
        tasks = cluster.wait_for_running(service, 3)
        assert per_instance(tasks) == shape, fleet.explain()
        check_they_run(fleet, tasks)
        return service

    # One after the other: placed at once, each service's tasks come between the other's.
    spread = placed(SPREAD, [1, 1, 1])
    placed(BINPACK, [3])
    cluster.ecs.update_service(cluster=cluster.name, service=spread, desiredCount=6)
    assert per_instance(cluster.wait_for_running(spread, 6)) == [2, 2, 2]


def test_constraints_leave_out_instances(fleet: Fleet) -> None:
    zone = [{"type": "memberOf", "expression": "attribute:ecs.availability-zone == zone-b"}]
    assert {task["availabilityZone"] for task in run(fleet, 3, SPREAD, placementConstraints=zone)} == {"zone-b"}
    distinct = serve(fleet, 4, SPREAD, placementConstraints=[{"type": "distinctInstance"}])
    fleet.cluster.wait_for_event(distinct, r"unable to place a task because no container instance met all", 30)
    assert per_instance(fleet.cluster.running(distinct)) == [1, 1, 1]


def test_room_is_kept_for_daemons(fleet: Fleet) -> None:
    """The half of a full host that a DAEMON service waits for is not given to others quarter by quarter."""
    cluster = fleet.cluster
    arns = cluster.ecs.list_container_instances(cluster=cluster.name)["containerInstanceArns"]
    hosts = cluster.ecs.describe_container_instances(cluster=cluster.name, containerInstances=arns)["containerInstances"]
    memory = min(
        each["integerValue"] for host in hosts for each in host["remainingResources"] if each["name"] == "MEMORY")
    replicas = cluster.serve(
        definition(cluster, memory // 4), 12, launchType="EC2", networkConfiguration=None, placementStrategy=SPREAD)
    quarters = cluster.wait_for_running(replicas, 12)
    daemon = cluster.name + "-daemon"
    cluster.ecs.create_service(
        cluster=cluster.name, serviceName=daemon, taskDefinition=definition(cluster, memory // 2), launchType="EC2",
        schedulingStrategy="DAEMON")
    cluster.wait_for_event(daemon, "has insufficient memory available", 30)
    chosen = arns[0]
    first, second, *_ = [task for task in quarters if task["containerInstanceArn"] == chosen]
    cluster.ecs.stop_task(cluster=cluster.name, task=first["taskArn"])
    cluster.wait_for_event(replicas, "has insufficient memory available", 30)
    cluster.ecs.stop_task(cluster=cluster.name, task=second["taskArn"])
    wait_for("the daemon runs there", lambda: len(cluster.running(daemon)) == 1, 30, explain=fleet.explain)
    assert cluster.running(daemon)[0]["containerInstanceArn"] == chosen
    left = [task for task in cluster.running(replicas) if task["containerInstanceArn"] == chosen]
    assert len(left) == 2, fleet.explain()
