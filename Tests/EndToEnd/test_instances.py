"""Own capacity: the machine as a container instance, and EC2 tasks with the host's ports."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.berth import Agent, ControlPlane
from harness.cluster import SLEEP, Cluster, container
from harness.containers import container_pids
from harness.host import Host
from harness.namespaces import Switch
from harness.waiting import wait_for


def on_instance(cluster: Cluster, *containers: dict[str, Any], mode: str = "bridge", **more: Any) -> str:
    sized = [{"memory": 64} | each for each in containers]
    return cluster.register(
        *sized, requiresCompatibilities=["EC2"], networkMode=mode, cpu=None, memory=None, **more)


def run_on_instance(cluster: Cluster, definition: str, **more: Any) -> dict[str, Any]:
    return cluster.run(definition, launchType="EC2", networkConfiguration=None, **more)


def instance(cluster: Cluster) -> dict[str, Any]:
    """The cluster's only container instance."""
    arns = cluster.ecs.list_container_instances(cluster=cluster.name)["containerInstanceArns"]
    assert len(arns) == 1
    return cluster.ecs.describe_container_instances(
        cluster=cluster.name, containerInstances=arns)["containerInstances"][0]


def resource(found: dict[str, Any], kind: str, name: str) -> Any:
    entry = next(each for each in found[f"{kind}Resources"] if each["name"] == name)
    return entry["stringSetValue"] if entry["type"] == "STRINGSET" else entry["integerValue"]


def bindings(task: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return next(each for each in task["containers"] if each["name"] == name)["networkBindings"]


def test_the_machine_shows_as_an_instance_of_the_default_cluster(instance_cluster: Cluster) -> None:
    found = wait_for("the instance is connected", lambda: (i := instance(instance_cluster))["agentConnected"] and i, 20)
    assert found["status"] == "ACTIVE"
    assert resource(found, "registered", "CPU") >= 1024
    assert resource(found, "registered", "MEMORY") > 100
    assert {"PORTS", "PORTS_UDP"} <= {each["name"] for each in found["registeredResources"]}
    names = {each["name"] for each in found["attributes"]}
    assert {"ecs.os-type", "ecs.cpu-architecture"} <= names
    assert found["versionInfo"]["agentVersion"]


def test_a_task_takes_from_what_remains_and_gives_it_back(instance_cluster: Cluster) -> None:
    before = instance(instance_cluster)
    task = run_on_instance(instance_cluster, on_instance(
        instance_cluster, container(script=SLEEP, cpu=128, memory=96, stopTimeout=2)))
    task = instance_cluster.wait_for_status(task["taskArn"], "RUNNING")
    assert task["containerInstanceArn"] == before["containerInstanceArn"] and task["launchType"] == "EC2"
    during = instance(instance_cluster)
    assert resource(during, "remaining", "CPU") == resource(before, "remaining", "CPU") - 128
    assert resource(during, "remaining", "MEMORY") == resource(before, "remaining", "MEMORY") - 96
    assert during["runningTasksCount"] == before["runningTasksCount"] + 1
    instance_cluster.ecs.stop_task(cluster=instance_cluster.name, task=task["taskArn"])
    instance_cluster.wait_for_status(task["taskArn"], "STOPPED")
    wait_for(
        "all is given back",
        lambda: instance(instance_cluster)["remainingResources"] == before["remainingResources"], 10)


def test_two_containers_on_port_80_get_dynamic_host_ports(instance_cluster: Cluster) -> None:
    ports = [{"containerPort": 80, "protocol": "tcp"}]
    task = run_on_instance(instance_cluster, on_instance(
        instance_cluster, container("one", portMappings=ports), container("two", portMappings=ports)))
    task = instance_cluster.wait_for_status(task["taskArn"], "RUNNING")
    host = instance_cluster.control_plane.host
    found = {name: bindings(task, name)[0] for name in ("one", "two")}
    assert len({binding["hostPort"] for binding in found.values()}) == 2
    pages = set()
    for binding in found.values():
        assert binding["containerPort"] == 80 and 32768 <= binding["hostPort"] <= 60999
        url = f"http://{host.address}:{binding['hostPort']}/"
        pages.add(wait_for(f"{url} answers", lambda: host.fetch(url), 15, explain=instance_cluster.explain))
        assert host.fetch(f"http://127.0.0.1:{binding['hostPort']}/")
    assert len(pages) == 2, "the two containers share a namespace"


def test_a_published_port_is_reached_from_another_host(
    instance_cluster: Cluster, make_host: Callable[[], Host]
) -> None:
    task = run_on_instance(instance_cluster, on_instance(
        instance_cluster, container(portMappings=[{"containerPort": 80, "hostPort": 8081}])))
    instance_cluster.wait_for_status(task["taskArn"], "RUNNING")
    other = make_host()
    url = f"http://{instance_cluster.control_plane.host.address}:8081/"
    wait_for(f"{url} answers", lambda: other.fetch(url), 15, explain=instance_cluster.explain)


def test_a_host_mode_task_listens_on_the_host(instance_cluster: Cluster) -> None:
    task = run_on_instance(instance_cluster, on_instance(
        instance_cluster, container(
            environment=[{"name": "PORT", "value": "8082"}], portMappings=[{"containerPort": 8082}]), mode="host"))
    task = instance_cluster.wait_for_status(task["taskArn"], "RUNNING")
    host = instance_cluster.control_plane.host
    wait_for("it answers", lambda: host.fetch("http://127.0.0.1:8082/"), 15, explain=instance_cluster.explain)
    assert bindings(task, "web")[0]["hostPort"] == 8082


@pytest.mark.parametrize("mode", ["bridge", "host"])
def test_a_static_port_is_given_to_one_task_only(instance_cluster: Cluster, mode: str) -> None:
    port = {"bridge": 8083, "host": 8084}[mode]
    inside = 80 if mode == "bridge" else port
    definition = on_instance(instance_cluster, container(
        environment=[{"name": "PORT", "value": str(inside)}], stopTimeout=2,
        portMappings=[{"containerPort": inside, "hostPort": port}]), mode=mode)
    first = run_on_instance(instance_cluster, definition)
    first = instance_cluster.wait_for_status(first["taskArn"], "RUNNING")
    refused = instance_cluster.ecs.run_task(
        cluster=instance_cluster.name, taskDefinition=definition, launchType="EC2")
    assert refused["tasks"] == []
    assert [failure["reason"] for failure in refused["failures"]] == ["RESOURCE:PORTS"]
    assert str(port) in resource(instance(instance_cluster), "remaining", "PORTS")
    instance_cluster.ecs.stop_task(cluster=instance_cluster.name, task=first["taskArn"])
    instance_cluster.wait_for_status(first["taskArn"], "STOPPED")
    wait_for(
        "the port is free",
        lambda: str(port) not in resource(instance(instance_cluster), "remaining", "PORTS"), 10)
    again = run_on_instance(instance_cluster, definition)
    instance_cluster.wait_for_status(again["taskArn"], "RUNNING")


def test_a_port_that_a_stranger_holds_is_not_taken_over(instance_cluster: Cluster) -> None:
    host = instance_cluster.control_plane.host
    stranger = host.start("busybox", "nc", "-l", "-p", "8085", name="stranger")
    wait_for("the stranger listens", lambda: ":8085" in host.run("ss", "-ltn").stdout, 5)
    definition = on_instance(instance_cluster, container(portMappings=[{"containerPort": 80, "hostPort": 8085}]))
    task = run_on_instance(instance_cluster, definition)
    stopped = instance_cluster.wait_for_status(task["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert "8085" in stopped["stoppedReason"] + stopped["containers"][0].get("reason", "")
    assert stranger.exit_code is None
    stranger.close()


def test_what_does_not_fit_is_a_failure_with_its_reason(instance_cluster: Cluster) -> None:
    definition = on_instance(instance_cluster, container(script=SLEEP, memory=4_000_000))
    answer = instance_cluster.ecs.run_task(
        cluster=instance_cluster.name, taskDefinition=definition, launchType="EC2")
    assert answer["tasks"] == []
    assert answer["failures"][0]["reason"] == "RESOURCE:MEMORY"
    assert answer["failures"][0]["arn"] == instance(instance_cluster)["containerInstanceArn"]


def test_a_cluster_without_instances_says_so(shared_instance: ControlPlane) -> None:
    empty = Cluster(shared_instance, "empty")
    definition = on_instance(empty, container(script=SLEEP))
    with pytest.raises(empty.ecs.exceptions.InvalidParameterException, match="No Container Instances were found"):
        empty.ecs.run_task(cluster="empty", taskDefinition=definition, launchType="EC2")
    empty.ecs.delete_cluster(cluster="empty")


class TestJoinedInstance:
    """A host that joins as an instance of a cluster by `berth agent --cluster`."""

    @pytest.fixture(scope="class")
    def joined(self, switch: Switch, archive: Path) -> Iterator[tuple[Cluster, Agent]]:
        host = Host(switch)
        try:
            control_plane = ControlPlane(host, role="server").ready()
            cluster = Cluster(control_plane, "own")
            agent = Agent(host, control_plane, "--cluster", "own")
            agent.import_image(archive)
            wait_for(
                "the instance is connected", lambda: instance(cluster)["agentConnected"], 30,
                explain=agent.program.tail)
            yield cluster, agent
            agent.down()
            control_plane.down()
        finally:
            left = host.close()
        assert left == [], "\n".join(left)

    def test_it_runs_ec2_services_and_is_drained(self, joined: tuple[Cluster, Agent]) -> None:
        cluster, _ = joined
        definition = on_instance(cluster, container(script=SLEEP, stopTimeout=2))
        service = cluster.serve(
            definition, 1, launchType="EC2", networkConfiguration=None,
            deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 100})
        task = cluster.wait_for_running(service, 1)[0]
        arn = instance(cluster)["containerInstanceArn"]
        assert task["containerInstanceArn"] == arn
        changed = cluster.ecs.update_container_instances_state(
            cluster=cluster.name, containerInstances=[arn], status="DRAINING")
        assert changed["containerInstances"][0]["status"] == "DRAINING" and changed["failures"] == []
        cluster.wait_for_status(task["taskArn"], "STOPPED", 60)
        assert cluster.running(service) == []
        cluster.ecs.update_container_instances_state(cluster=cluster.name, containerInstances=[arn], status="ACTIVE")
        cluster.wait_for_running(service, 1)
        cluster.ecs.delete_service(cluster=cluster.name, service=service, force=True)
        wait_for("no tasks", lambda: instance(cluster)["runningTasksCount"] == 0, 30)

    def test_it_is_deregistered_only_by_force_while_tasks_run(self, joined: tuple[Cluster, Agent]) -> None:
        cluster, agent = joined
        task = run_on_instance(cluster, on_instance(cluster, container(script=SLEEP, stopTimeout=2)))
        cluster.wait_for_status(task["taskArn"], "RUNNING")
        arn = instance(cluster)["containerInstanceArn"]
        with pytest.raises(cluster.ecs.exceptions.InvalidParameterException):
            cluster.ecs.deregister_container_instance(cluster=cluster.name, containerInstance=arn)
        answer = cluster.ecs.deregister_container_instance(cluster=cluster.name, containerInstance=arn, force=True)
        assert answer["containerInstance"]["status"] == "INACTIVE"
        assert cluster.ecs.list_container_instances(cluster=cluster.name)["containerInstanceArns"] == []
        cluster.wait_for_status(task["taskArn"], "STOPPED")
        wait_for("its processes are gone", lambda: not container_pids(task), 30, explain=agent.program.tail)
