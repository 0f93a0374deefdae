"""Daemons: one real task on every host of a capacity provider, through joins, leaves, updates and the end."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.berth import Agent, ControlPlane
from harness.certificates import make_certificates
from harness.cloudwatch import alarm_on
from harness.cluster import GROUP, IMAGE, Cluster
from harness.containers import container_pids
from harness.host import Host
from harness.namespaces import Switch
from harness.scripted_agent import scripted_agents
from harness.waiting import wait_for



class Fleet:
    """A control plane on one host, and agents of the provider `own` on others; more can join."""

    def __init__(self, make: Callable[[], Host], archive: Path) -> None:
        first = make()
        self.make, self.archive = make, archive
        self.control_plane = ControlPlane(
            first, role="server", tls=make_certificates(first.directory, first.address)).ready()
        self.cluster = Cluster(self.control_plane, "default")
        self.ecs = self.cluster.ecs
        self.ecs.create_capacity_provider(
            name="own", autoScalingGroupProvider={
                "autoScalingGroupArn": GROUP + "own", "managedScaling": {"status": "DISABLED"}})
        self.ecs.put_cluster_capacity_providers(
            cluster="default", capacityProviders=["own"], defaultCapacityProviderStrategy=[])
        self.agents: list[Agent] = []

    def join(self) -> Agent:
        agent = Agent(self.make(), self.control_plane, "--cluster", "default", "--capacity-provider", "own")
        agent.import_image(self.archive)
        self.agents.append(agent)
        return agent

    def instances(self) -> list[str]:
        return self.ecs.list_container_instances(cluster="default", status="ACTIVE")["containerInstanceArns"]

    def define(self, script: str, **more: Any) -> str:
        container = {
            "name": "agent", "image": IMAGE, "memory": 32, "stopTimeout": 2, "command": ["sh", "-c", script]} | more
        return self.ecs.register_daemon_task_definition(
            family="agent", containerDefinitions=[container])["daemonTaskDefinitionArn"]

    def tasks(self) -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster="default", daemonName="agent")["taskArns"]
        return self.ecs.describe_tasks(cluster="default", tasks=arns, include=["TAGS"])["tasks"] if arns else []

    def wait_for_tasks(self, count: int, definition: str, deadline: float = 60) -> list[dict[str, Any]]:
        """Waits until `count` hosts have one running task of the definition each, and nothing else is wanted."""

        def all_run() -> list[dict[str, Any]] | None:
            tasks = self.tasks()
            good = [
                task for task in tasks
                if task["lastStatus"] == "RUNNING" and task["taskDefinitionArn"] == definition]
            hosts = {task["containerInstanceArn"] for task in good}
            return good if len(hosts) == len(tasks) == count else None

        return wait_for(f"{count} hosts run {definition}", all_run, deadline, explain=self.explain)

    def deployment(self, arn: str) -> dict[str, Any]:
        return self.ecs.describe_daemon_deployments(daemonDeploymentArns=[arn])["daemonDeployments"][0]

    def wait_for_deployment(self, arn: str, status: str, deadline: float = 90) -> dict[str, Any]:
        return wait_for(
            f"{arn} is {status}", lambda: (d := self.deployment(arn))["status"] == status and d, deadline,
            explain=self.explain)

    def explain(self) -> str:
        return "\n".join([self.cluster.explain(), *(agent.program.tail() for agent in self.agents)])


@pytest.fixture(scope="module")
def fleet(switch: Switch, archive: Path) -> Iterator[Fleet]:
    hosts: list[Host] = []

    def make() -> Host:
        hosts.append(Host(switch))
        return hosts[-1]

    try:
        yield Fleet(make, archive)
    finally:
        for host in reversed(hosts):
            host.close()


def test_a_daemon_lives_on_every_host_of_its_provider(fleet: Fleet) -> None:
    """One story, for hosts are dear: create, join, update, a failed update, drain, delete."""
    ecs = fleet.ecs
    for _ in range(2):
        fleet.join()
    wait_for("two hosts are there", lambda: len(fleet.instances()) == 2, 40, explain=fleet.explain)

    first = fleet.define("echo one; exec sleep 100000")
    made = ecs.create_daemon(
        daemonName="agent", daemonTaskDefinitionArn=first, capacityProviderArns=["own"], propagateTags="DAEMON",
        tags=[{"key": "team", "value": "a"}], enableECSManagedTags=True)
    arn = made["daemonArn"]
    ecs.wait_until("daemon_active", daemonArn=arn)
    tasks = fleet.wait_for_tasks(2, first)
    for task in tasks:
        assert container_pids(task, "agent")
        assert task["group"] == "daemon:agent" and task["capacityProviderName"] == "own"
        assert {"key": "team", "value": "a"} in task["tags"]
        assert {"key": "aws:ecs:clusterName", "value": "default"} in task["tags"]
    ecs.wait_until("daemon_deployment_successful", daemonDeploymentArns=[made["deploymentArn"]])
    shown = ecs.describe_daemon(daemonArn=arn)["daemon"]["currentRevisions"]
    assert [each["totalRunningCount"] for each in shown] == [2]
    image = ecs.describe_daemon_revisions(
        daemonRevisionArns=[shown[0]["arn"]])["daemonRevisions"][0]["containerImages"][0]
    assert image["containerName"] == "agent" and image["image"] == IMAGE

    # A third host joins and gets one by itself.
    fleet.join()
    tasks = fleet.wait_for_tasks(3, first)

    # What dies is replaced where it was.
    gone = tasks[0]
    ecs.stop_task(cluster="default", task=gone["taskArn"])
    after = fleet.wait_for_tasks(3, first)
    assert gone["taskArn"] not in {task["taskArn"] for task in after}

    # An update rolls, host after host.
    second = fleet.define("echo two; exec sleep 100000")
    updated = ecs.update_daemon(daemonArn=arn, daemonTaskDefinitionArn=second, capacityProviderArns=["own"])
    tasks = fleet.wait_for_tasks(3, second)
    done = fleet.wait_for_deployment(updated["deploymentArn"], "SUCCESSFUL")
    assert done["targetDaemonRevision"]["totalRunningInstanceCount"] == 3
    assert [each["totalRunningInstanceCount"] for each in done["sourceDaemonRevisions"]] == [0]

    # One that cannot run goes back, and touches one host only.
    bad = fleet.define("exit 1")
    failed = ecs.update_daemon(daemonArn=arn, daemonTaskDefinitionArn=bad, capacityProviderArns=["own"])
    undone = fleet.wait_for_deployment(failed["deploymentArn"], "ROLLBACK_SUCCESSFUL")
    assert undone["circuitBreaker"]["status"] == "TRIGGERED"
    assert undone["rollback"]["rollbackTargetDaemonRevisionArn"] == done["targetDaemonRevision"]["arn"]
    back = fleet.wait_for_tasks(3, second)
    assert len({task["taskArn"] for task in tasks} & {task["taskArn"] for task in back}) == 2

    # So does one whose alarm goes off while it is watched, though its tasks run everywhere.
    cloudwatch = fleet.control_plane.client("cloudwatch")
    cloudwatch.put_metric_alarm(**alarm_on("errors", Period=3600, EvaluationPeriods=1))
    third = fleet.define("echo three; exec sleep 100000")
    watched = ecs.update_daemon(
        daemonArn=arn, daemonTaskDefinitionArn=third, capacityProviderArns=["own"], deploymentConfiguration={
            "drainPercent": 100.0, "bakeTimeInMinutes": 60, "alarms": {"alarmNames": ["errors"], "enable": True}})
    fleet.wait_for_tasks(3, third)
    assert fleet.deployment(watched["deploymentArn"])["alarms"]["status"] == "MONITORING"
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")
    undone = fleet.wait_for_deployment(watched["deploymentArn"], "ROLLBACK_SUCCESSFUL")
    assert undone["alarms"] == {"status": "TRIGGERED", "alarmNames": ["errors"], "triggeredAlarmNames": ["errors"]}
    assert undone["rollback"]["reason"] == "Daemon deployment alarm: errors went off."
    back = fleet.wait_for_tasks(3, second)

    # A host that is drained loses its task and keeps none.
    leaving = back[0]["containerInstanceArn"]
    ecs.update_container_instances_state(cluster="default", containerInstances=[leaving], status="DRAINING")
    rest = fleet.wait_for_tasks(2, second)
    assert leaving not in {task["containerInstanceArn"] for task in rest}
    wait_for("its process is gone", lambda: not container_pids(back[0]), 20, explain=fleet.explain)

    # The end.
    assert ecs.delete_daemon_task_definition(daemonTaskDefinition=second)["daemonTaskDefinitionArn"] == second
    deleted = ecs.delete_daemon(daemonArn=arn)
    assert deleted["status"] == "DELETE_IN_PROGRESS"
    fleet.wait_for_deployment(deleted["deploymentArn"], "SUCCESSFUL")
    assert fleet.tasks() == []
    assert not any(container_pids(task) for task in rest)
    with pytest.raises(ecs.exceptions.DaemonNotFoundException):
        ecs.describe_daemon(daemonArn=arn)
    history = ecs.list_daemon_deployments(daemonArn=arn)["daemonDeployments"]
    assert [each["status"] for each in history] == [
        "SUCCESSFUL", "ROLLBACK_SUCCESSFUL", "ROLLBACK_SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"]
    ecs.wait_until("daemon_task_definition_deleted", daemonTaskDefinition=second)


def paged(ask: Callable[..., dict[str, Any]], found: str, size: int, **more: Any) -> list[list[dict[str, Any]]]:
    """Every page of a list of daemons' things, for which botocore has no paginators."""
    pages: list[list[dict[str, Any]]] = []
    token: dict[str, str] = {}
    while True:
        answer = ask(maxResults=size, **more, **token)
        pages.append(answer[found])
        if "nextToken" not in answer:
            return pages
        token = {"nextToken": answer["nextToken"]}


def test_daemons_and_their_definitions_are_listed_in_pages(host: Host) -> None:
    server = ControlPlane(host, role="server").ready()
    ecs = server.client()
    cluster = ecs.create_cluster(clusterName="listed")["cluster"]["clusterArn"]
    for name in ("one", "two"):
        ecs.create_capacity_provider(name=name, autoScalingGroupProvider={"autoScalingGroupArn": f"{GROUP}own-{name}"})
    ecs.put_cluster_capacity_providers(
        cluster="listed", capacityProviders=["one", "two"], defaultCapacityProviderStrategy=[])

    container = {"name": "agent", "image": "none", "memory": 32, "environment": [{"name": "A", "value": "b"}]}
    definitions = [
        ecs.register_daemon_task_definition(family=family, containerDefinitions=[container])["daemonTaskDefinitionArn"]
        for family in ("listed-a", "listed-a", "listed-a", "listed-b")]
    ecs.wait_until("daemon_task_definition_active", daemonTaskDefinition=definitions[0])
    shown = ecs.describe_daemon_task_definition(daemonTaskDefinition="listed-a")["daemonTaskDefinition"]
    assert (shown["daemonTaskDefinitionArn"], shown["revision"], shown["status"]) == (definitions[2], 3, "ACTIVE")
    assert shown["containerDefinitions"][0]["environment"] == container["environment"]

    def arns(pages: list[list[dict[str, Any]]], member: str) -> list[list[str]]:
        return [[each[member] for each in page] for page in pages]

    def listed(**more: Any) -> list[list[str]]:
        return arns(paged(
            ecs.list_daemon_task_definitions, "daemonTaskDefinitions", 2, familyPrefix="listed-", **more), "arn")

    assert listed() == [definitions[:2], definitions[2:]]
    assert listed(sort="DESC") == [definitions[:1:-1], definitions[1::-1]]
    assert listed(revision="LAST_REGISTERED") == [definitions[2:]]
    assert ecs.list_daemon_task_definitions(family="listed-b")["daemonTaskDefinitions"][0]["arn"] == definitions[3]

    daemons = [
        ecs.create_daemon(
            daemonName=f"daemon-{number}", clusterArn=cluster, daemonTaskDefinitionArn=definitions[0],
            capacityProviderArns=[provider])
        for number, provider in enumerate(["one", "two", "one"])]
    names = [each["daemonArn"] for each in daemons]
    assert arns(paged(ecs.list_daemons, "daemonSummariesList", 2, clusterArn=cluster), "daemonArn") == [
        names[:2], names[2:]]
    assert arns(paged(ecs.list_daemons, "daemonSummariesList", 1, clusterArn="listed", capacityProviderArns=["one"]),
                "daemonArn") == [[names[0]], [names[2]]]

    # An update takes the place of a deployment that still waits: the only host never runs anything.
    with scripted_agents(server, "listed", 1, capacityProvider="one"):
        waiting, newer = (
            ecs.update_daemon(
                daemonArn=names[0], daemonTaskDefinitionArn=definition, capacityProviderArns=["one"])["deploymentArn"]
            for definition in definitions[1:3])
        ecs.wait_until("daemon_deployment_stopped", daemonDeploymentArns=[waiting])
        assert arns(paged(ecs.list_daemon_deployments, "daemonDeployments", 1, daemonArn=names[0]),
                    "daemonDeploymentArn") == [[newer], [waiting], [daemons[0]["deploymentArn"]]]
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="was not found"):
        ecs.list_daemons(clusterArn="listed", capacityProviderArns=["nowhere"])
    server.down()
