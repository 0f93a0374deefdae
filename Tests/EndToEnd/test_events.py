"""The stream of events: what happened to tasks and services, in EventBridge's shape, read and followed over a kill."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.berth import ControlPlane, binary
from harness.cluster import QUICK, Cluster, container
from harness.host import Host
from harness.waiting import wait_for

STATES = ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"]
ENVELOPE = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}


def events(text: str) -> list[dict[str, Any]]:
    # The last line may be half written.
    return [json.loads(line) for line in text.split("\n")[:-1]]


def of(told: list[dict[str, Any]], arn: str) -> list[dict[str, Any]]:
    """The details of the events of one resource."""
    return [event["detail"] for event in told if event["resources"] == [arn]]


def check_life(told: list[dict[str, Any]], task: dict[str, Any]) -> None:
    """Every step of a stopped task's life is told once, in order."""
    life = of(told, task["taskArn"])
    versions = [each["version"] for each in life]
    assert versions == sorted(set(versions)), versions
    assert versions[0] == 1 and versions[-1] == task["version"], (versions, task["version"])
    steps = [STATES.index(each["lastStatus"]) for each in life]
    assert steps == sorted(steps), [each["lastStatus"] for each in life]
    assert {"PROVISIONING", "RUNNING", "STOPPED"} <= {each["lastStatus"] for each in life}
    wanted = [each["desiredStatus"] for each in life]
    assert wanted == sorted(wanted), wanted
    last = life[-1]
    for name in ("taskArn", "clusterArn", "group", "launchType", "stopCode", "stoppedReason", "availabilityZone"):
        assert last[name] == task[name], name
    assert [each["exitCode"] for each in last["containers"]] == [each["exitCode"] for each in task["containers"]]
    assert last["attachments"][0]["type"] == "eni"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", last[name]) for name in last if name.endswith("At"))


def test_a_life_is_told_once_and_in_order_over_kills(make_host: Callable[[], Host], archive: Path) -> None:
    host = make_host()
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    follower = host.start(
        binary(), "events", "--follow", "--since", "1h", "--data-dir", str(control_plane.data), name="follower")
    cluster = Cluster(control_plane, "told")
    definition = cluster.register(container(script=QUICK))

    def kill() -> list[dict[str, Any]]:
        """What was told before the control plane and the agent were killed."""
        control_plane.program.kill9()
        control_plane.restart()
        return events(control_plane.must("events"))

    service = cluster.serve(definition, 1)
    served = cluster.wait_for_running(service, 1)[0]
    first = kill()
    # Whoever got an answer finds the event of what was answered.
    arn = cluster.run(definition)["taskArn"]
    second = kill()
    assert [each["lastStatus"] for each in of(second, arn)][:1] == ["PROVISIONING"]
    cluster.wait_for_status(arn, "RUNNING")
    cluster.ecs.stop_task(cluster=cluster.name, task=arn)
    third = kill()
    stopped = cluster.wait_for_status(arn, "STOPPED")
    assert [each["desiredStatus"] for each in of(third, arn)].count("STOPPED") >= 1
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=0)
    gone = cluster.wait_for_status(served["taskArn"], "STOPPED")

    told = events(control_plane.must("events"))
    for before, after in ((first, second), (second, third), (third, told)):
        assert after[:len(before)] == before, "what was told once is told again, the same"
    assert len({event["id"] for event in told}) == len(told)
    assert all(set(event) == ENVELOPE and event["source"] == "aws.ecs" for event in told)
    check_life(told, stopped)
    check_life(told, gone)
    service_arn = cluster.service(service)["serviceArn"]
    said = [each["eventName"] for each in of(told, service_arn)]
    assert said[0] == "SERVICE_DEPLOYMENT_IN_PROGRESS"
    assert "TASKS_STOPPED" in said

    wait_for(
        "the follower has all of it, none twice", lambda: (seen := events(follower.stdout))[:len(told)] == told
        and len({event["id"] for event in seen}) == len(seen), 30, explain=follower.tail)
    middle = told[len(told) // 2]
    rest = events(control_plane.must("events", "--after", middle["id"]))
    assert rest[:len(told) - len(told) // 2 - 1] == told[len(told) // 2 + 1:]
    assert events(control_plane.must("events", "--since", "0s")) == []
    assert control_plane.tool("events", "--since", "yesterday").returncode != 0
    follower.close()
    cluster.clear()
    control_plane.down()


def test_an_instance_tells_that_it_drains(make_host: Callable[[], Host]) -> None:
    control_plane = ControlPlane(make_host(), "--instance").ready()
    ecs = control_plane.client()
    arn = wait_for(
        "it is registered", lambda: next(iter(ecs.list_container_instances()["containerInstanceArns"]), None), 40)
    ecs.update_container_instances_state(containerInstances=[arn], status="DRAINING")
    told = of(events(control_plane.must("events")), arn)
    assert [each["status"] for each in told][-1] == "DRAINING"
    assert told[0]["status"] == "ACTIVE" and told[0]["agentConnected"] is True
    assert [each["version"] for each in told] == sorted({each["version"] for each in told})
    assert {each["name"] for each in told[0]["registeredResources"]} >= {"CPU", "MEMORY", "PORTS"}
    control_plane.down()
