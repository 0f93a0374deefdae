"""A service's tasks move to the zone that has fewest of them, one at a time, without a gap."""

from collections import Counter
from collections.abc import Iterator

import pytest

from harness.cluster import QUICK, container, short
from harness.containers import container_pids
from harness.fleet import Fleet, instance_id
from harness.waiting import holds_for, wait_for

HEALTHY = {"command": ["CMD-SHELL", "true"], "interval": 5, "retries": 1, "timeout": 2}
COUNT = 4


@pytest.fixture
def fleet(instances: Fleet) -> Iterator[Fleet]:
    """Two instances in `zone-a` and one in `zone-b`, which comes back when the test lets it."""
    yield instances
    set_state(instances, "ACTIVE")
    instances.cluster.clear()


def set_state(fleet: Fleet, status: str) -> None:
    """The state of the instance in `zone-b`."""
    answer = fleet.cluster.ecs.update_container_instances_state(
        cluster=fleet.cluster.name, containerInstances=[instance_id(fleet.agents[2])], status=status)
    assert answer["failures"] == []


def serve(fleet: Fleet, rebalancing: str) -> str:
    definition = fleet.cluster.register(
        container(script=QUICK, memory=32, healthCheck=HEALTHY), requiresCompatibilities=["EC2"], networkMode="host",
        cpu=None, memory=None)
    return fleet.cluster.serve(
        definition, COUNT, launchType="EC2", networkConfiguration=None, availabilityZoneRebalancing=rebalancing)


def zones(fleet: Fleet, service: str) -> Counter[str]:
    """How many tasks run in each zone, by the hosts that their processes are on."""
    found: Counter[str] = Counter()
    for task in fleet.cluster.running(service):
        for agent, zone in zip(fleet.agents, ["zone-a", "zone-a", "zone-b"], strict=True):
            here = {each.pid for each in agent.host.own_processes()}
            found[zone] += bool(set(container_pids(task)) & here)
    return +found


@pytest.mark.effect("CreateService.availabilityZoneRebalancing", "UpdateService.availabilityZoneRebalancing")
def test_tasks_move_to_the_emptier_zone(fleet: Fleet) -> None:
    cluster = fleet.cluster
    set_state(fleet, "DRAINING")
    moving, staying = serve(fleet, "ENABLED"), serve(fleet, "DISABLED")
    for service in (moving, staying):
        cluster.wait_for_event(service, r"has reached a steady state\.", 90)
        assert zones(fleet, service) == {"zone-a": COUNT}
    set_state(fleet, "ACTIVE")
    fewest = COUNT

    def even() -> bool:
        nonlocal fewest
        fewest = min(fewest, len(cluster.running(moving)))
        return zones(fleet, moving) == {"zone-a": 2, "zone-b": 2}

    wait_for("the zones are even", even, 120, explain=fleet.explain)
    cluster.wait_for_event(moving, r"is AZ balanced with 2 tasks in zone-[ab], 2 tasks in zone-[ab]\.$", 60)
    assert fewest == COUNT, "a task stopped before the one in its place ran"

    said = cluster.events(moving)
    begun = f"(service {moving}) is not AZ balanced with 4 tasks in zone-a, 0 tasks in zone-b. AZ Rebalancing in progress."
    assert said.count(begun) == 1, said
    started = [text for text in said if "has started 1 tasks in zone-b to AZ Rebalance: (task " in text]
    stopped = [text for text in said if "has stopped 1 running tasks in zone-a due to AZ rebalancing: (task " in text]
    assert len(started) == len(stopped) == 2, said
    # One at a time: start, stop, start, stop.
    order = [text for text in said if text in started + stopped]
    assert order == [started[0], stopped[0], started[1], stopped[1]]
    # An event is there before the task it tells of has gone.
    wait_for(
        "the tasks are gone", lambda: len(ended := cluster.tasks(moving, "STOPPED")) == 2 and all(
            task["lastStatus"] == "STOPPED" for task in ended), 30, explain=fleet.explain)
    for task in cluster.tasks(moving, "STOPPED"):
        assert task["stopCode"] == "ServiceSchedulerInitiated"
        assert task["stoppedReason"].startswith("Scaling activity initiated by (deployment ecs-svc/")
        assert any(short(task["taskArn"]) in text for text in stopped)

    # Who said no is left alone until it says yes.
    holds_for("it stays", lambda: zones(fleet, staying) == {"zone-a": COUNT}, 3)
    answer = cluster.ecs.update_service(
        cluster=cluster.name, service=staying, availabilityZoneRebalancing="ENABLED")
    assert answer["service"]["availabilityZoneRebalancing"] == "ENABLED"
    wait_for(
        "the other is even too", lambda: zones(fleet, staying) == {"zone-a": 2, "zone-b": 2}, 120, explain=fleet.explain)
