"""FARGATE_SPOT tasks that are interrupted: the operator's command, the warning, what services do about it."""

import json
import time
from collections.abc import Iterator

import pytest

from harness.berth import ControlPlane
from harness.cluster import Cluster, container, short
from harness.containers import container_pids
from harness.waiting import wait_for

# Asked to end, it takes two seconds and says so.
CAREFUL = "trap 'sleep 2; exit 42' TERM; sleep 100000 & wait"
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
REASON = "Your Spot Task was interrupted."


@pytest.fixture
def spot(shared: ControlPlane) -> Iterator[Cluster]:
    cluster = Cluster(shared, "spot", capacityProviders=["FARGATE", "FARGATE_SPOT"])
    yield cluster
    shared.must("interrupt", host(shared), "--return")
    cluster.clear()


def host(control_plane: ControlPlane) -> str:
    """The id of the one managed host."""
    return json.loads(control_plane.must("status", "--json"))["hosts"][0]["id"]


def test_a_task_is_warned_and_replaced(spot: Cluster) -> None:
    definition = spot.register(container(script=CAREFUL, stopTimeout=20))
    service = spot.serve(definition, 1, launchType=None, capacityProviderStrategy=SPOT)
    task = spot.wait_for_running(service, 1)[0]
    assert task["capacityProviderName"] == "FARGATE_SPOT"
    said = spot.control_plane.must("interrupt", short(task["taskArn"])[:12])
    assert said.split() == ["interrupted", task["taskArn"]]

    warned = spot.task(task["taskArn"])
    assert (warned["desiredStatus"], warned["stopCode"], warned["stoppedReason"]) == (
        "STOPPED", "SpotInterruption", REASON)
    assert warned["lastStatus"] != "STOPPED" and container_pids(task), "it is given time"
    stopped = spot.wait_for_status(task["taskArn"], "STOPPED")
    assert stopped["containers"][0]["exitCode"] == 42, "SIGTERM came, and nothing came after it"
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("SpotInterruption", REASON)
    replacement = spot.wait_for_running(service, 1)[0]
    assert replacement["taskArn"] != task["taskArn"]
    assert replacement["capacityProviderName"] == "FARGATE_SPOT"


def test_who_does_not_go_is_killed_after_its_stop_timeout(spot: Cluster) -> None:
    definition = spot.register(container(script="trap '' TERM; while :; do sleep 1; done", stopTimeout=4))
    task = spot.run(definition, launchType=None, capacityProviderStrategy=SPOT)
    spot.wait_for_status(task["taskArn"], "RUNNING")
    began = time.monotonic()
    spot.control_plane.must("interrupt", task["taskArn"])
    stopped = spot.wait_for_status(task["taskArn"], "STOPPED")
    assert time.monotonic() - began > 3.5
    assert stopped["containers"][0]["exitCode"] == 137
    assert stopped["stopCode"] == "SpotInterruption"


def test_a_reclaimed_host_keeps_its_other_tasks_and_takes_new_ones_when_it_is_back(spot: Cluster) -> None:
    control_plane = spot.control_plane
    definition = spot.register(container(script=CAREFUL))
    kept = spot.wait_for_status(spot.run(definition)["taskArn"], "RUNNING")
    service = spot.serve(definition, 2, launchType=None, capacityProviderStrategy=SPOT)
    tasks = spot.wait_for_running(service, 2)
    said = control_plane.must("interrupt", host(control_plane))
    assert all(task["taskArn"] in said for task in tasks) and kept["taskArn"] not in said
    for task in tasks:
        assert spot.wait_for_status(task["taskArn"], "STOPPED")["stopCode"] == "SpotInterruption"
    spot.wait_for_event(service, "unable to place a task", 30)
    assert spot.running(service) == []
    assert spot.task(kept["taskArn"])["lastStatus"] == "RUNNING"

    control_plane.must("interrupt", host(control_plane), "--return")
    spot.wait_for_running(service, 2)
    refused = control_plane.tool("interrupt", kept["taskArn"])
    assert refused.returncode != 0 and "FARGATE_SPOT" in refused.stderr
    wait_for("it runs on", lambda: spot.task(kept["taskArn"])["desiredStatus"] == "RUNNING", 5)
