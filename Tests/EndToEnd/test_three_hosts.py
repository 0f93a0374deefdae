"""A service on three container instances, beside a managed host: what the scheduler promises, host by host.

What is looked at is the processes on each host.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.cluster import QUICK, container, short
from harness.containers import container_pids
from harness.fleet import Fleet, instance_id
from harness.host import clean_hosts
from harness.namespaces import Switch
from harness.waiting import wait_for

LOST_AFTER = 5
COUNT = 6
SPREAD = [{"type": "spread", "field": "instanceId"}]
# Without a check a task counts as healthy only after 40 s.
HEALTHY = {"command": ["CMD-SHELL", "true"], "interval": 5, "retries": 1, "timeout": 2}


@pytest.fixture(scope="module")
def joined(switch: Switch, archive: Path) -> Iterator[Fleet]:
    with clean_hosts(switch, 4) as hosts:
        fleet = Fleet(hosts, archive, "three", "--lost-after", str(LOST_AFTER), "--own-lost-after", str(LOST_AFTER))
        for host in hosts[:3]:
            fleet.join(host, "--cluster", "three")
        fleet.join(hosts[3], "--managed")
        fleet.wait_for_instances(3)
        yield fleet
        fleet.down()


@pytest.fixture
def fleet(joined: Fleet) -> Iterator[Fleet]:
    """All hosts, empty before and after."""
    yield joined
    joined.cluster.clear()


def definition(fleet: Fleet, family: str, **more: Any) -> str:
    return fleet.cluster.register(
        container(script=QUICK, memory=32, healthCheck=HEALTHY, **more), family=family, requiresCompatibilities=["EC2"],
        networkMode="host", cpu=None, memory=None)


def serve(fleet: Fleet, made_of: str, **more: Any) -> str:
    """A service with two tasks on each host, once they run and count as healthy."""
    service = fleet.cluster.serve(
        made_of, COUNT, launchType="EC2", networkConfiguration=None, placementStrategy=SPREAD, **more)
    fleet.cluster.wait_for_event(service, r"has reached a steady state\.", 90)
    assert on_hosts(fleet, service) == [2, 2, 2, 0], fleet.explain()
    return service


def on_hosts(fleet: Fleet, service: str) -> list[int]:
    """On how many of the service's tasks each host works, in the order in which they joined."""
    pids = [set(container_pids(task)) for task in fleet.cluster.running(service)]
    alive = [{each.pid for each in agent.host.own_processes()} for agent in fleet.agents]
    return [sum(bool(task & here) for task in pids) for here in alive]


def wait_on_hosts(fleet: Fleet, service: str, shape: list[int], deadline: float = 90) -> None:
    wait_for(
        f"{service} has {shape} tasks on the hosts", lambda: on_hosts(fleet, service) == shape, deadline,
        explain=fleet.explain)


def test_a_rollout_replaces_every_task_and_keeps_enough(fleet: Fleet) -> None:
    cluster = fleet.cluster
    old = definition(fleet, "rolled")
    service = serve(fleet, old, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 150})
    new = definition(fleet, "rolled", environment=[{"name": "VERSION", "value": "2"}])
    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=new)
    fewest, most = COUNT, COUNT

    def rolled_out() -> bool:
        nonlocal fewest, most
        tasks = cluster.tasks(service)
        running = [task for task in tasks if task["lastStatus"] == "RUNNING"]
        fewest, most = min(fewest, len(running)), max(most, len(tasks))
        return {task["taskDefinitionArn"] for task in tasks} == {new} and len(running) == COUNT == len(tasks)

    wait_for("the new revision has taken over", rolled_out, 120, explain=fleet.explain)
    assert fewest >= 3 and most <= 9, f"{fewest} to {most} tasks"
    wait_on_hosts(fleet, service, [2, 2, 2, 0])


def test_a_bad_image_is_rolled_back_without_a_gap(fleet: Fleet) -> None:
    cluster = fleet.cluster
    good = definition(fleet, "spoiled-on-three")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    service = serve(fleet, good, deploymentConfiguration=breaker)
    bad = definition(fleet, "spoiled-on-three", image="127.0.0.1:1/nothing/here:1")
    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=bad)
    fewest = COUNT

    def is_back() -> bool:
        nonlocal fewest
        fewest = min(fewest, len(cluster.running(service)))
        deployments = cluster.service(service)["deployments"]
        return [(each["taskDefinition"], each["rolloutState"]) for each in deployments] == [(good, "COMPLETED")]

    cluster.wait_for_event(service, r"deployment failed: tasks failed to start\.", 180)
    cluster.wait_for_event(service, r"rolling back to deployment ecs-svc/\d+\.")
    wait_for("the good revision is back", is_back, 120, explain=fleet.explain)
    # The minimum of 100 percent held all the time, and the rollback's own tasks are spread as well. Those that came while bad
    # ones were still on their way out took the places of those, so that two of a host need not be left at the end.
    assert fewest == COUNT

    def spread() -> bool:
        first, second, third, other = on_hosts(fleet, service)
        return min(first, second, third) >= 1 and first + second + third == COUNT and other == 0

    wait_for("every host of the cluster has some of them", spread, 90, explain=fleet.explain)


def test_a_draining_host_is_emptied_into_the_others(fleet: Fleet) -> None:
    cluster = fleet.cluster
    service = serve(fleet, definition(fleet, "drained"))
    alone = cluster.ecs.start_task(
        cluster=cluster.name, taskDefinition=definition(fleet, "alone"),
        containerInstances=[instance_id(fleet.agents[1])])["tasks"][0]
    cluster.wait_for_status(alone["taskArn"], "RUNNING")
    host = {"cluster": cluster.name, "containerInstances": [instance_id(fleet.agents[1])]}
    cluster.ecs.update_container_instances_state(**host, status="DRAINING")
    try:
        wait_on_hosts(fleet, service, [3, 0, 3, 0])
        left = cluster.ecs.describe_container_instances(**host)["containerInstances"][0]
        assert (left["status"], left["runningTasksCount"]) == ("DRAINING", 1)
        assert container_pids(cluster.task(alone["taskArn"]))
    finally:
        cluster.ecs.update_container_instances_state(**host, status="ACTIVE")


def test_a_lost_hosts_tasks_come_up_on_the_others(fleet: Fleet) -> None:
    cluster = fleet.cluster
    service = serve(fleet, definition(fleet, "lost"))
    agent = fleet.agents[2]
    gone = [task for task in cluster.running(service) if fleet.agent_of(task) is agent]
    agent.host.cut()
    try:
        for task in gone:
            cluster.wait_for_status(task["taskArn"], "STOPPED", LOST_AFTER + 30)
        wait_for(
            "all that are wanted run on the hosts that are left",
            lambda: Counter(short(task["containerInstanceArn"]) for task in cluster.running(service))
            == {instance_id(other): 3 for other in fleet.agents[:2]}, 90, explain=fleet.explain)
        # It goes on with what it has, until it hears otherwise.
        assert all(container_pids(task) for task in gone)
    finally:
        agent.host.mend()
    wait_for(
        "the host that returned ends them", lambda: not any(container_pids(task) for task in gone), 60,
        explain=fleet.explain)
    fleet.wait_for_instances(3)


def test_managed_and_own_capacity_serve_one_cluster(fleet: Fleet) -> None:
    cluster = fleet.cluster
    own = serve(fleet, definition(fleet, "mixed"))
    managed = cluster.serve(cluster.register(container(script=QUICK)), 2)
    tasks = cluster.wait_for_running(managed, 2)
    assert on_hosts(fleet, managed) == [0, 0, 0, 2]
    assert on_hosts(fleet, own) == [2, 2, 2, 0]
    assert all("containerInstanceArn" not in task for task in tasks)
    assert {task["launchType"] for task in cluster.running(own)} == {"EC2"}
    assert cluster.ecs.describe_clusters(clusters=[cluster.name])["clusters"][0][
        "registeredContainerInstancesCount"] == 3
