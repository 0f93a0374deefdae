"""`berth explain` says of each host and each filter why a task waits, and what would help."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.berth import ControlPlane
from harness.cluster import GROUP, QUICK, Cluster, container, short
from harness.fleet import Fleet
from harness.host import Host, clean_hosts
from harness.namespaces import Switch
from harness.waiting import wait_for


@pytest.fixture
def hosts(switch: Switch) -> Iterator[list[Host]]:
    with clean_hosts(switch, 2) as hosts:
        yield hosts


def explain(control_plane: ControlPlane, *arguments: str) -> dict[str, Any]:
    return json.loads(control_plane.must("explain", "--json", *arguments))


def problems(host: dict[str, Any]) -> dict[str, str]:
    return {check["filter"]: check["problem"] for check in host["checks"] if not check["admits"]}


def test_what_waits_is_explained_and_the_fix_helps(hosts: list[Host], archive: Path) -> None:
    fleet = Fleet(hosts, archive, "why")
    cluster, control_plane = fleet.cluster, fleet.control_plane
    ecs = cluster.ecs

    def register(cpu: int = 100, **more: Any) -> str:
        settings = {"requiresCompatibilities": ["EC2"], "networkMode": "host", "cpu": None, "memory": None} | more
        port = [{"containerPort": 8080}]
        return cluster.register(container(script=QUICK, cpu=cpu, memory=64, portMappings=port), **settings)

    def waits(service: str) -> dict[str, Any]:
        def one() -> dict[str, Any] | None:
            found = explain(control_plane, service)["waiting"]
            return found[0] if found else None

        return wait_for(f"a task of {service} waits", one, 30, explain=fleet.explain)

    ec2 = {"launchType": "EC2", "networkConfiguration": None}
    # Nobody has joined yet.
    service = cluster.serve(register(), 2, **ec2)
    first = waits(service)
    assert first["count"] == 2 and first["hosts"] == [] and "join one with" in first["nearest"][0]
    agent = fleet.join(hosts[1], "--cluster", "why")
    fleet.wait_for_instances(1)
    # One of the two runs; it holds the port that the other needs.
    running = wait_for(
        "one task runs", lambda: cluster.running(service) or None, 60, explain=fleet.explain)[0]
    waiting = waits(service)
    assert waiting["count"] == 1
    held = f"port 8080/tcp is held by task {short(running['taskArn'])}"
    assert [problems(host) for host in waiting["hosts"]] == [{"ports": held}]
    assert waiting["hosts"][0]["refusal"] == "RESOURCE:PORTS"
    assert f"task {short(running['taskArn'])}, which holds port 8080/tcp, were stopped" in waiting["nearest"][0]
    text = control_plane.must("explain", waiting["task"])
    assert "DISTINCTINSTANCE" in text and f"ports: {held}" in text and "Nearest fix:" in text
    # ECS's own words say the same in its service event and in RunTask's failures.
    cluster.wait_for_event(service, "is already using a port required by your task")
    refused = ecs.run_task(cluster="why", taskDefinition=register(), launchType="EC2")
    assert [failure["reason"] for failure in refused["failures"]] == ["RESOURCE:PORTS"]

    # Everything at once: too large, while the host drains and cannot be heard.
    large = cluster.serve(register(cpu=100_000), 1, **ec2)
    instance = running["containerInstanceArn"]
    ecs.update_container_instances_state(cluster="why", containerInstances=[instance], status="DRAINING")
    agent.program.kill9()
    wait_for(
        "the agent is gone", lambda: "agent" in problems(waits(large)["hosts"][0]), 40, explain=fleet.explain)
    found = problems(waits(large)["hosts"][0])
    assert set(found) >= {"state", "agent", "cpu"} and found["state"] == "it is DRAINING"
    assert found["cpu"].startswith("needs 100000 CPU units, ")
    assert "the task is larger than the host" in waits(large)["nearest"][0]
    agent.restart()
    ecs.update_container_instances_state(cluster="why", containerInstances=[instance], status="ACTIVE")
    ecs.delete_service(cluster="why", service=large, force=True)

    # What was advised is done, and it helps.
    waiting = waits(service)
    ecs.update_service(cluster="why", service=service, desiredCount=1)
    ecs.stop_task(cluster="why", task=running["taskArn"])
    cluster.wait_for_running(service, 1)
    told = explain(control_plane, service)
    assert told["waiting"] == [] and "none waits for a host" in told["text"][0]
    assert "RUNNING on host" in control_plane.must("explain", cluster.running(service)[0]["taskArn"])

    # A task of a provider without hosts waits for them.
    ecs.create_capacity_provider(name="blue", autoScalingGroupProvider={
        "autoScalingGroupArn": GROUP + "blue", "managedScaling": {"status": "ENABLED"}})
    ecs.put_cluster_capacity_providers(
        cluster="why", capacityProviders=["blue"], defaultCapacityProviderStrategy=[])
    task = cluster.run(
        register(), launchType=None, networkConfiguration=None,
        capacityProviderStrategy=[{"capacityProvider": "blue", "weight": 1}])
    told = explain(control_plane, short(task["taskArn"]), "--cluster", "why")["waiting"][0]
    assert told["hosts"] == [] and "capacity provider blue" in told["nearest"][0]
    for wrong in (["nothing"], [service, "--cluster", "nowhere"]):
        assert control_plane.tool("explain", *wrong).returncode != 0
    cluster.clear()
    fleet.down()
