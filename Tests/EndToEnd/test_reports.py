"""What a host reports with its own key, by boto3: taken for its tasks, refused for another host's."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.api import Client
from harness.berth import ControlPlane
from harness.cluster import NETWORK, Cluster, container
from harness.scripted_agent import ScriptedAgent, scripted_agents

Placed = tuple[Cluster, ScriptedAgent, ScriptedAgent]


@pytest.fixture(scope="module")
def hosts(server: ControlPlane) -> Iterator[Placed]:
    """A cluster of two hosts that run nothing: the one of the tests, and a stranger."""
    cluster = Cluster(server, "reports")
    with scripted_agents(server, "reports", 2) as (own, stranger):
        cluster.ecs.update_container_instances_state(
            cluster="reports", containerInstances=[stranger.arn], status="DRAINING")
        yield cluster, own, stranger


@pytest.fixture
def task(hosts: Placed) -> dict[str, Any]:
    """A task of two containers on the first host; nobody has said anything of it."""
    cluster, own, _ = hosts
    definition = cluster.register(
        container("web", memory=64), container("side", memory=64), requiresCompatibilities=["EC2"], cpu=None, memory=None)
    task = cluster.run(definition, launchType="EC2", networkConfiguration=NETWORK)
    assert task["containerInstanceArn"] == own.arn
    return task


def report(ecs: Client, task: dict[str, Any], **what: Any) -> None:
    answer = ecs.submit_container_state_change(cluster="reports", task=task["taskArn"], **what)
    assert answer["acknowledgment"]


def attachment_arn(task: dict[str, Any]) -> str:
    return task["taskArn"].partition(":task/")[0] + ":attachment/" + task["attachments"][0]["id"]


def submit_attachment(ecs: Client, task: dict[str, Any], status: str) -> None:
    answer = ecs.submit_attachment_state_changes(
        cluster="reports", attachments=[{"attachmentArn": attachment_arn(task), "status": status}])
    assert answer["acknowledgment"]


def code_of(raised: pytest.ExceptionInfo[ClientError]) -> str:
    return raised.value.response["Error"]["Code"]


def containers(cluster: Cluster, task: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in cluster.task(task["taskArn"])["containers"]}


def test_a_containers_state_is_shown_as_reported(hosts: Placed, task: dict[str, Any]) -> None:
    cluster, own, _ = hosts
    report(
        own.ecs, task, containerName="web", status="RUNNING", runtimeId="r-1",
        networkBindings=[{"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 32768, "protocol": "tcp"}])
    shown = containers(cluster, task)
    assert shown["web"]["lastStatus"] == "RUNNING" and shown["web"]["runtimeId"] == "r-1"
    assert shown["web"]["networkBindings"][0]["hostPort"] == 32768
    assert shown["side"]["lastStatus"] == "PENDING"

    report(own.ecs, task, containerName="web", status="STOPPED", exitCode=3, reason="CannotStartContainerError: no")
    report(own.ecs, task, containerName="web", status="RUNNING")
    shown = containers(cluster, task)
    assert shown["web"]["lastStatus"] == "STOPPED", "a container never moves back"
    assert shown["web"]["exitCode"] == 3 and shown["web"]["reason"] == "CannotStartContainerError: no"
    # The task's own state is the task's to report.
    assert cluster.task(task["taskArn"])["lastStatus"] == "PROVISIONING"


def test_an_attachments_state_is_shown_as_reported(hosts: Placed, task: dict[str, Any]) -> None:
    cluster, own, _ = hosts

    def shown() -> str:
        return cluster.task(task["taskArn"])["attachments"][0]["status"]

    assert shown() == "ATTACHING"
    submit_attachment(own.ecs, task, "ATTACHED")
    assert shown() == "ATTACHED"
    submit_attachment(own.ecs, task, "DETACHED")
    assert shown() == "DETACHED"
    with pytest.raises(own.ecs.exceptions.InvalidParameterException):
        submit_attachment(own.ecs, task, "LOST")


def test_a_task_state_change_confirms_its_attachment_too(hosts: Placed, task: dict[str, Any]) -> None:
    cluster, own, _ = hosts
    own.ecs.submit_task_state_change(
        cluster="reports", task=task["taskArn"],
        attachments=[{"attachmentArn": attachment_arn(task), "status": "ATTACHED"}])
    assert cluster.task(task["taskArn"])["attachments"][0]["status"] == "ATTACHED"


def test_another_host_reports_nothing_of_it(hosts: Placed, task: dict[str, Any]) -> None:
    cluster, _, stranger = hosts
    before = cluster.task(task["taskArn"])
    with pytest.raises(ClientError) as refused:
        report(stranger.ecs, task, containerName="web", status="STOPPED", exitCode=1)
    assert code_of(refused) == "AccessDeniedException"
    with pytest.raises(ClientError) as refused:
        submit_attachment(stranger.ecs, task, "ATTACHED")
    assert code_of(refused) == "InvalidParameterException"
    with pytest.raises(ClientError) as refused:
        stranger.ecs.submit_task_state_change(cluster="reports", task=task["taskArn"], status="STOPPED")
    assert code_of(refused) == "AccessDeniedException"
    assert cluster.task(task["taskArn"]) == before


def test_a_host_may_do_nothing_but_what_hosts_do(hosts: Placed) -> None:
    _, own, _ = hosts
    with pytest.raises(ClientError) as refused:
        own.ecs.list_tasks(cluster="reports")
    assert code_of(refused) == "AccessDeniedException"


def test_a_task_that_is_reported_stopped_keeps_code_and_reason(hosts: Placed, task: dict[str, Any]) -> None:
    cluster, own, _ = hosts
    own.ecs.submit_task_state_change(cluster="reports", task=task["taskArn"], status="RUNNING")
    own.ecs.submit_task_state_change(
        cluster="reports", task=task["taskArn"], status="STOPPED", reason="Essential container in task exited",
        containers=[{"containerName": "web", "status": "STOPPED", "exitCode": 9}])
    shown = cluster.wait_for_status(task["taskArn"], "STOPPED")
    assert shown["stopCode"] == "EssentialContainerExited"
    assert containers(cluster, task)["web"]["exitCode"] == 9
    assert shown["attachments"][0]["status"] == "DELETED"


def test_a_host_is_told_where_its_sockets_go_and_no_other_hosts(hosts: Placed) -> None:
    cluster, own, stranger = hosts
    told = own.ecs.discover_poll_endpoint(cluster="reports", containerInstance=own.arn)
    assert told["endpoint"] == told["telemetryEndpoint"] == cluster.control_plane.keys.endpoint
    with pytest.raises(ClientError) as refused:
        own.ecs.discover_poll_endpoint(cluster="reports", containerInstance=stranger.arn)
    assert code_of(refused) == "AccessDeniedException"
