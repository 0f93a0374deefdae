"""Members of CreateService and UpdateService: each is changed, and something outside the API changes with it.

What is looked at is the processes of the containers and the host each of them is on.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import processes
from harness.berth import Agent, ControlPlane
from harness.certificates import make_certificates
from harness.cluster import SLEEP, Cluster, container
from harness.containers import container_pids, first_pid
from harness.host import Host
from harness.namespaces import Switch
from harness.waiting import holds_for, wait_for

NAME = "effects"


class Fleet:
    """Managed capacity on the first host, and two instances of one cluster."""

    def __init__(self, hosts: list[Host], archive: Path) -> None:
        first = hosts[0]
        self.control_plane = ControlPlane(
            first, role="server", tls=make_certificates(first.directory, first.address)).ready()
        self.cluster = Cluster(self.control_plane, NAME)
        self.managed = Agent(first, self.control_plane, "--managed")
        self.agents = [Agent(host, self.control_plane, "--cluster", NAME) for host in hosts[1:]]
        for agent in (self.managed, *self.agents):
            agent.import_image(archive)
        wait_for("both instances are connected", lambda: len(self.instances()) == 2, 40)

    def instances(self) -> list[str]:
        arns = self.cluster.ecs.list_container_instances(cluster=NAME, filter="agentConnected == true")
        return arns["containerInstanceArns"]

    def host_of(self, task: dict[str, Any]) -> int:
        """The number of the host whose network the task's first process is in."""
        inode = processes.namespace_of(first_pid(task), "net")
        return next(number for number, agent in enumerate(self.agents) if agent.host.namespace.inode == inode)

    def down(self) -> None:
        for agent in (*self.agents, self.managed):
            agent.down()
        self.control_plane.down()


@pytest.fixture(scope="module")
def fleet(switch: Switch, archive: Path) -> Iterator[Fleet]:
    hosts = [Host(switch) for _ in range(3)]
    left: list[str] = []
    try:
        fleet = Fleet(hosts, archive)
        yield fleet
        fleet.cluster.clear()
        fleet.down()
    finally:
        for host in reversed(hosts):
            left += host.close()
    assert left == [], "\n".join(left)


@pytest.fixture
def cluster(fleet: Fleet) -> Iterator[Cluster]:
    yield fleet.cluster
    fleet.cluster.clear()


def effect(*members: str) -> pytest.MarkDecorator:
    """Marks members that both operations have."""
    both = [f"{operation}.{member}" for operation in ("CreateService", "UpdateService") for member in members]
    return pytest.mark.effect(*both)


def own(cluster: Cluster, *containers: dict[str, Any], **more: Any) -> str:
    """A definition for the instances, on the host's network, so that the host of a process can be told."""
    sized = [{"memory": 32, "stopTimeout": 1} | each for each in containers or (container(script=SLEEP),)]
    return cluster.register(*sized, requiresCompatibilities=["EC2"], networkMode="host", cpu=None, memory=None, **more)


def serve(cluster: Cluster, definition: str, count: int, **more: Any) -> str:
    return cluster.serve(definition, count, launchType="EC2", networkConfiguration=None, **more)


def hosts(fleet: Fleet, service: str, count: int) -> Counter[int]:
    """How many tasks of the service each host has, once as many run as are wanted."""
    return Counter(fleet.host_of(task) for task in fleet.cluster.wait_for_running(service, count))


def command_lines(cluster: Cluster, service: str, count: int) -> set[str]:
    return {
        Path(f"/proc/{first_pid(task)}/cmdline").read_text().replace("\0", " ")
        for task in cluster.wait_for_running(service, count)}


@effect("desiredCount", "cluster")
@pytest.mark.effect("UpdateService.service")
def test_as_many_run_as_are_wanted(cluster: Cluster) -> None:
    service = serve(cluster, own(cluster), 1)
    assert [len(container_pids(task)) for task in cluster.wait_for_running(service, 1)] == [1]
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=3)
    assert [len(container_pids(task)) for task in cluster.wait_for_running(service, 3)] == [1, 1, 1]


@effect("taskDefinition")
def test_the_definition_is_what_runs(cluster: Cluster) -> None:
    service = serve(cluster, own(cluster, container(script="exec sleep 111111")), 1)
    assert command_lines(cluster, service, 1) == {"sleep 111111 "}
    second = own(cluster, container(script="exec sleep 222222"))
    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=second)
    wait_for(
        "the second runs alone", lambda: command_lines(cluster, service, 1) == {"sleep 222222 "}, 60,
        explain=cluster.explain)


@pytest.mark.effect("UpdateService.forceNewDeployment")
def test_a_forced_deployment_replaces_processes(cluster: Cluster) -> None:
    service = serve(cluster, own(cluster), 1)
    before = first_pid(cluster.wait_for_running(service, 1)[0])
    cluster.ecs.update_service(cluster=cluster.name, service=service, forceNewDeployment=True)
    wait_for("the first process is gone", lambda: not processes.process(before), 60, explain=cluster.explain)
    cluster.wait_for_running(service, 1)


@pytest.mark.effect("CreateService.launchType")
def test_the_launch_type_decides_whose_capacity_it_is(fleet: Fleet, cluster: Cluster) -> None:
    ours = serve(cluster, own(cluster), 1)
    assert sum(hosts(fleet, ours, 1).values()) == 1
    managed = cluster.serve(cluster.register(container(script=SLEEP)), 1)
    pid = first_pid(cluster.wait_for_running(managed, 1)[0])
    own_processes = {each.pid for each in fleet.control_plane.host.own_processes()}
    assert pid in own_processes
    assert all(pid not in {each.pid for each in agent.host.own_processes()} for agent in fleet.agents)


@effect("capacityProviderStrategy[].capacityProvider")
def test_a_capacity_provider_decides_whose_capacity_it_is(fleet: Fleet) -> None:
    fleet.cluster.ecs.create_cluster(clusterName="providers", capacityProviders=["FARGATE", "FARGATE_SPOT"])
    cluster = Cluster(fleet.control_plane, "providers")
    managed = cluster.serve(
        cluster.register(container(script=SLEEP)), 1, launchType=None,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}])
    pid = first_pid(cluster.wait_for_running(managed, 1)[0])
    assert pid in {each.pid for each in fleet.control_plane.host.own_processes()}
    cluster.ecs.update_service(
        cluster=cluster.name, service=managed, forceNewDeployment=True,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}])
    wait_for("the first process is gone", lambda: not processes.process(pid), 60, explain=cluster.explain)
    cluster.clear()


@effect("placementStrategy[].type", "placementStrategy[].field")
def test_tasks_are_packed_or_spread(fleet: Fleet, cluster: Cluster) -> None:
    service = serve(cluster, own(cluster), 4, placementStrategy=[{"type": "binpack", "field": "memory"}])
    assert sorted(hosts(fleet, service, 4).values()) == [4]
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=0)
    # Tasks that are on their way out still count where the next ones are spread.
    wait_for(
        "none is left", lambda: not cluster.tasks(service) and all(
            task["lastStatus"] == "STOPPED" for task in cluster.tasks(service, "STOPPED")), 40, explain=cluster.explain)
    cluster.ecs.update_service(
        cluster=cluster.name, service=service, desiredCount=4,
        placementStrategy=[{"type": "spread", "field": "instanceId"}])
    assert sorted(hosts(fleet, service, 4).values()) == [2, 2]


@effect("placementConstraints[].type", "placementConstraints[].expression")
def test_constraints_bind_tasks_to_hosts(fleet: Fleet, cluster: Cluster) -> None:
    service = serve(cluster, own(cluster), 2, placementConstraints=[{"type": "distinctInstance"}])
    assert sorted(hosts(fleet, service, 2).values()) == [1, 1]
    cluster.ecs.update_service(
        cluster=cluster.name, service=service, desiredCount=0, placementConstraints=[
            {"type": "memberOf", "expression": "attribute:ecs.os-type == windows"}])
    wait_for("none is left", lambda: not cluster.tasks(service), 40, explain=cluster.explain)
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=1)
    cluster.wait_for_event(service, "was unable to place a task", 30)
    assert not [task for task in cluster.tasks(service) if container_pids(task)]


@pytest.mark.effect("CreateService.schedulingStrategy")
def test_a_daemon_runs_once_on_each_instance(fleet: Fleet, cluster: Cluster) -> None:
    cluster.ecs.create_service(
        cluster=NAME, serviceName="daemon", taskDefinition=own(cluster), launchType="EC2", schedulingStrategy="DAEMON")
    assert sorted(hosts(fleet, "daemon", 2).values()) == [1, 1]


@pytest.mark.effect("CreateService.deploymentController.type")
def test_an_external_controller_brings_its_task_sets(cluster: Cluster) -> None:
    cluster.ecs.create_service(
        cluster=NAME, serviceName="external", desiredCount=1, deploymentController={"type": "EXTERNAL"})
    holds_for("nothing runs by itself", lambda: not cluster.tasks("external"), 2)
    cluster.ecs.create_task_set(
        cluster=NAME, service="external", taskDefinition=own(cluster), launchType="EC2",
        scale={"value": 100, "unit": "PERCENT"})
    assert [len(container_pids(task)) for task in cluster.wait_for_running("external", 1)] == [1]


# Says when it was started and when it was asked to stop.
# Each process is the next one in the diary, says when it is asked to stop, and is healthy once the test says so of its number.
DIARY = (
    "trap 'cat /number >> /out/stopped; exit 0' TERM; echo x >> /out/started; wc -l < /out/started > /number;"
    " while :; do sleep 0.1; done"
)
HEALTHY = {"command": ["CMD-SHELL", "test -e /out/healthy-$(cat /number)"], "interval": 5, "startPeriod": 300}


@effect("deploymentConfiguration.minimumHealthyPercent", "deploymentConfiguration.maximumPercent")
def test_the_bounds_decide_what_comes_first(cluster: Cluster, tmp_path: Path) -> None:
    """With 0 and 100 the old process is stopped whatever becomes of the new one; with 100 and 200 when the new one is healthy."""
    diary = container(script=DIARY, healthCheck=HEALTHY, mountPoints=[{"sourceVolume": "out", "containerPath": "/out"}])
    definition = own(cluster, diary, volumes=[{"name": "out", "host": {"sourcePath": str(tmp_path)}}])
    service = serve(
        cluster, definition, 1, deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 100})

    def numbers(name: str) -> list[int]:
        file = tmp_path / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def wait(what: str, condition: Callable[[], bool]) -> None:
        wait_for(what, condition, 60, explain=cluster.explain)

    def started() -> int:
        file = tmp_path / "started"
        return len(file.read_text().split()) if file.exists() else 0

    def healthy(number: int) -> None:
        (tmp_path / f"healthy-{number}").touch()
        wait("it is healthy", lambda: "HEALTHY" in [
            task["healthStatus"] for task in cluster.tasks(service) if task["lastStatus"] == "RUNNING"])

    wait("the first is started", lambda: started() == 1)
    healthy(1)
    cluster.ecs.update_service(cluster=cluster.name, service=service, forceNewDeployment=True)
    wait("the first is asked to stop and the second is started", lambda: numbers("stopped") == [1] and started() == 2)

    healthy(2)
    cluster.ecs.update_service(
        cluster=cluster.name, service=service, forceNewDeployment=True,
        deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 200})
    wait("the third is started beside the second", lambda: started() == 3)
    holds_for("the second is left alone", lambda: numbers("stopped") == [1], 3)
    healthy(3)
    wait("the second is asked to stop", lambda: numbers("stopped") == [1, 2])


@effect(
    "deploymentConfiguration.deploymentCircuitBreaker.enable",
    "deploymentConfiguration.deploymentCircuitBreaker.rollback")
@pytest.mark.parametrize("at_creation", [True, False])
def test_the_circuit_breaker_brings_the_old_definition_back(cluster: Cluster, at_creation: bool) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    good = own(cluster, container(script="exec sleep 333333"))
    settings = {"deploymentConfiguration": breaker} if at_creation else {}
    service = serve(cluster, good, 1, **settings)
    cluster.wait_for_event(service, "deployment completed", 90)
    bad = own(cluster, container() | {"image": "127.0.0.1:1/nothing/here:1"})
    cluster.ecs.update_service(
        cluster=cluster.name, service=service, taskDefinition=bad,
        **({} if at_creation else {"deploymentConfiguration": breaker}))
    cluster.wait_for_event(service, "rolling back to deployment", 120)
    assert command_lines(cluster, service, 1) == {"sleep 333333 "}


@effect("healthCheckGracePeriodSeconds")
def test_a_grace_period_lets_a_task_be_unhealthy(cluster: Cluster) -> None:
    check = {"command": ["CMD-SHELL", "false"], "interval": 5, "timeout": 2, "retries": 1}
    service = serve(
        cluster, own(cluster, container(script=SLEEP, healthCheck=check)), 1, healthCheckGracePeriodSeconds=3600)
    task = cluster.wait_for_running(service, 1)[0]
    pid = first_pid(task)
    wait_for("it is unhealthy", lambda: cluster.task(task["taskArn"])["healthStatus"] == "UNHEALTHY", 40)
    holds_for("it is left alone", lambda: processes.process(pid) is not None, 3)
    cluster.ecs.update_service(cluster=cluster.name, service=service, healthCheckGracePeriodSeconds=0)
    wait_for("it is replaced", lambda: not processes.process(pid), 40, explain=cluster.explain)


@effect(
    "deploymentConfiguration.strategy", "deploymentConfiguration.bakeTimeInMinutes",
    "deploymentConfiguration.lifecycleHooks[].targetType", "deploymentConfiguration.lifecycleHooks[].lifecycleStages",
    "deploymentConfiguration.lifecycleHooks[].timeoutConfiguration.timeoutInMinutes",
    "deploymentConfiguration.lifecycleHooks[].timeoutConfiguration.action")
@pytest.mark.parametrize("action", ["CONTINUE", "ROLLBACK"])
def test_the_old_process_runs_on_beside_the_new_one(cluster: Cluster, action: str) -> None:
    """Through the pause, which ends by itself after a minute, and through the bake time of another."""
    pause = {
        "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"],
        "timeoutConfiguration": {"timeoutInMinutes": 1, "action": action}}
    strategy = {"deploymentConfiguration": {
        "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1, "lifecycleHooks": [pause]}}
    at_creation = action == "CONTINUE"
    old = own(cluster, container(script="exec sleep 333333"))
    service = serve(cluster, old, 1, **(strategy if at_creation else {}))
    # A first deployment pauses too.
    cluster.wait_for_event(service, "deployment completed", 180)
    new = own(cluster, container(script="exec sleep 444444"))
    cluster.ecs.update_service(
        cluster=cluster.name, service=service, taskDefinition=new, **({} if at_creation else strategy))
    assert command_lines(cluster, service, 2) == {"sleep 333333 ", "sleep 444444 "}
    # Settling takes 40 s and the pause 60 s.
    holds_for("both run", lambda: len(cluster.running(service)) == 2, 90, every=2)
    if at_creation:
        holds_for("both run", lambda: len(cluster.running(service)) == 2, 60, every=2)
    wait_for("one is left", lambda: len(cluster.running(service)) == 1, 60, explain=cluster.explain)
    assert command_lines(cluster, service, 1) == {"sleep 444444 " if at_creation else "sleep 333333 "}
