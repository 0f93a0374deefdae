"""The history of services, and deployments that a caller decides: stopping them, and task sets."""

from typing import Any

import pytest

from harness.berth import ControlPlane
from harness.cluster import NETWORK, SLEEP, Cluster, container, numbers, short
from harness.waiting import wait_for

# The shortest check there is: without one a task counts as healthy only after 40 s.
CHECK = {"command": ["CMD-SHELL", "true"], "interval": 5, "timeout": 2, "retries": 2}


def sleeper(**more: Any) -> dict[str, Any]:
    return container(script=SLEEP, healthCheck=CHECK, **more)


def history(cluster: Cluster, service: str, **filters: Any) -> list[dict[str, Any]]:
    return cluster.ecs.list_service_deployments(
        cluster=cluster.name, service=service, **filters)["serviceDeployments"]


def described(cluster: Cluster, arn: str) -> dict[str, Any]:
    answer = cluster.ecs.describe_service_deployments(serviceDeploymentArns=[arn])
    assert answer["failures"] == []
    return answer["serviceDeployments"][0]


def wait_for_newest(cluster: Cluster, service: str, status: str, deadline: float = 90) -> dict[str, Any]:
    """Waits until the newest service deployment has that status, and describes it."""

    def reached() -> dict[str, Any] | None:
        newest = described(cluster, history(cluster, service)[0]["serviceDeploymentArn"])
        return newest if newest["status"] == status else None

    return wait_for(f"{service} is {status}", reached, deadline, explain=cluster.explain)


def test_stopping_a_deployment_of_a_bad_image_rolls_back(cluster: Cluster) -> None:
    good = cluster.register(sleeper(), family="stopped")
    service = cluster.serve(good, 1)
    first = wait_for_newest(cluster, service, "SUCCESSFUL")
    assert first["sourceServiceRevisions"] == []
    assert first["targetServiceRevision"]["runningTaskCount"] == 1
    task = cluster.wait_for_running(service, 1)[0]

    bad = cluster.register(sleeper() | {"image": "127.0.0.1:1/nothing/here:1"}, family="stopped")
    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=bad)
    going = wait_for_newest(cluster, service, "IN_PROGRESS")
    assert [each["arn"] for each in going["sourceServiceRevisions"]] == [first["targetServiceRevision"]["arn"]]
    arn = going["serviceDeploymentArn"]
    assert cluster.ecs.stop_service_deployment(serviceDeploymentArn=arn)["serviceDeploymentArn"] == arn

    back = wait_for_newest(cluster, service, "ROLLBACK_SUCCESSFUL")
    assert back["serviceDeploymentArn"] == arn
    assert back["rollback"]["serviceRevisionArn"] == first["targetServiceRevision"]["arn"]
    assert back["startedAt"] <= back["rollback"]["startedAt"] <= back["finishedAt"]
    state = cluster.service(service)
    assert state["taskDefinition"] == good and state["currentServiceDeployment"] == arn
    assert [each["arn"] for each in state["currentServiceRevisions"]] == [first["targetServiceRevision"]["arn"]]
    assert [each["taskDefinitionArn"] for each in cluster.wait_for_running(service, 1)] == [good]
    # The bad image never took the good task away before its like was there.
    ended = cluster.task(task["taskArn"])
    assert ended["lastStatus"] == "RUNNING" or ended["stopCode"] == "ServiceSchedulerInitiated"
    with pytest.raises(cluster.ecs.exceptions.ConflictException):
        cluster.ecs.stop_service_deployment(serviceDeploymentArn=arn)
    assert [each["status"] for each in history(cluster, service)] == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]


def test_a_revision_tells_the_digest_that_its_tasks_run(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(container(script=SLEEP)), 1)
    task = cluster.wait_for_running(service, 1)[0]
    revision = history(cluster, service)[0]["targetServiceRevisionArn"]

    def images() -> list[dict[str, Any]] | None:
        answer = cluster.ecs.describe_service_revisions(serviceRevisionArns=[revision])
        images = answer["serviceRevisions"][0]["containerImages"]
        return images if all("imageDigest" in each for each in images) else None

    found = wait_for("the digest is known", images, 20, explain=cluster.explain)
    assert [(each["containerName"], each["imageDigest"]) for each in found] == [
        ("web", task["containers"][0]["imageDigest"])]


def test_no_deployment_waits_for_a_word(server: ControlPlane) -> None:
    """Without hooks there is nothing to continue; each step of the history is a page of its own."""
    cluster = Cluster(server, "continued")
    service = cluster.serve(cluster.register(sleeper()), 0)
    cluster.ecs.update_service(cluster=cluster.name, service=service, forceNewDeployment=True)
    newest = cluster.ecs.list_service_deployments(cluster=cluster.name, service=service, maxResults=1)
    rest = history(cluster, service, nextToken=newest["nextToken"])
    arns = [each["serviceDeploymentArn"] for each in newest["serviceDeployments"] + rest]
    assert len(arns) == len(set(arns)) == 2
    with pytest.raises(cluster.ecs.exceptions.InvalidParameterException, match="not paused"):
        cluster.ecs.continue_service_deployment(serviceDeploymentArn=arns[0], hookId="hook")
    with pytest.raises(cluster.ecs.exceptions.ServiceDeploymentNotFoundException):
        cluster.ecs.continue_service_deployment(serviceDeploymentArn=arns[0][:-21] + "x" * 21, hookId="hook")
    cluster.clear()


def external(cluster: Cluster, count: int) -> str:
    name = f"service-{next(numbers)}"
    cluster.ecs.create_service(
        cluster=cluster.name, serviceName=name, desiredCount=count, deploymentController={"type": "EXTERNAL"})
    return name


def test_task_sets_are_scaled_moved_and_deleted(cluster: Cluster) -> None:
    ecs, name = cluster.ecs, cluster.name
    blue, green = cluster.register(sleeper()), cluster.register(sleeper())
    service = external(cluster, 2)

    def create(definition: str, scale: float) -> str:
        answer = ecs.create_task_set(
            cluster=name, service=service, taskDefinition=definition, launchType="FARGATE",
            networkConfiguration=NETWORK, scale={"value": scale, "unit": "PERCENT"})
        return answer["taskSet"]["id"]

    def task_set(identity: str) -> dict[str, Any]:
        return ecs.describe_task_sets(cluster=name, service=service, taskSets=[identity])["taskSets"][0]

    def steady(identity: str, count: int) -> None:
        wait_for(
            f"{count} tasks of {identity} run",
            lambda: (each := task_set(identity))["stabilityStatus"] == "STEADY_STATE"
            and each["runningCount"] == each["computedDesiredCount"] == count, 60, explain=cluster.explain)

    first = create(blue, 50)
    steady(first, 1)
    tasks = cluster.wait_for_running(service, 1)
    assert (tasks[0]["startedBy"], tasks[0]["taskDefinitionArn"]) == (first, blue)
    ecs.update_task_set(cluster=name, service=service, taskSet=first, scale={"value": 100, "unit": "PERCENT"})
    steady(first, 2)
    ecs.update_service_primary_task_set(cluster=name, service=service, primaryTaskSet=first)
    assert cluster.service(service)["taskDefinition"] == blue

    second = create(green, 50)
    steady(second, 1)
    ecs.update_service_primary_task_set(cluster=name, service=service, primaryTaskSet=second)
    state = cluster.service(service)
    assert state["taskDefinition"] == green and state["deployments"] == []
    assert {each["id"]: each["status"] for each in state["taskSets"]} == {first: "ACTIVE", second: "PRIMARY"}
    old = [task["taskArn"] for task in cluster.tasks(service) if task["startedBy"] == first]
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.delete_task_set(cluster=name, service=service, taskSet=first)
    assert ecs.delete_task_set(
        cluster=name, service=service, taskSet=first, force=True)["taskSet"]["status"] == "DRAINING"
    for arn in old:
        stopped = cluster.wait_for_status(arn, "STOPPED")
        assert stopped["stoppedReason"] == f"Scaling activity initiated by (taskSet {first})"
    wait_for(
        "the first task set is gone",
        lambda: [each["id"] for each in cluster.service(service)["taskSets"]] == [second], 20)

    survivor = cluster.wait_for_running(service, 1)[0]
    ecs.stop_task(cluster=name, task=survivor["taskArn"])
    replaced = wait_for(
        "another task runs", lambda: [t for t in cluster.running(service) if t["taskArn"] != survivor["taskArn"]], 30)
    assert replaced[0]["startedBy"] == second
    ecs.update_service(cluster=name, service=service, desiredCount=0)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="while deployments are active"):
        ecs.delete_service(cluster=name, service=service)
    ecs.delete_task_set(cluster=name, service=service, taskSet=second)
    wait_for("no task set is left", lambda: cluster.service(service)["taskSets"] == [], 30, explain=cluster.explain)
    ecs.delete_service(cluster=name, service=service)
    ecs.wait_until("services_inactive", 60, cluster=name, services=[service])


def test_a_daemon_runs_on_the_host_and_leaves_it_when_it_drains(instance_cluster: Cluster) -> None:
    ecs = instance_cluster.ecs
    definition = instance_cluster.register(
        container(script=SLEEP, memory=64), requiresCompatibilities=["EC2"], networkMode="bridge", cpu=None, memory=None)
    name = f"service-{next(numbers)}"
    ecs.create_service(
        cluster=instance_cluster.name, serviceName=name, taskDefinition=definition, schedulingStrategy="DAEMON")
    assert instance_cluster.service(name)["desiredCount"] == 1
    task = instance_cluster.wait_for_running(name, 1)[0]
    ecs.wait_until("services_stable", 60, cluster=instance_cluster.name, services=[name])
    host = task["containerInstanceArn"]
    ecs.update_container_instances_state(
        cluster=instance_cluster.name, containerInstances=[host], status="DRAINING")
    try:
        instance_cluster.wait_for_status(task["taskArn"], "STOPPED")
        wait_for("no host is eligible", lambda: instance_cluster.service(name)["desiredCount"] == 0, 20)
    finally:
        ecs.update_container_instances_state(
            cluster=instance_cluster.name, containerInstances=[host], status="ACTIVE")
    again = instance_cluster.wait_for_running(name, 1)[0]
    assert short(again["taskArn"]) != short(task["taskArn"])
    ecs.delete_service(cluster=instance_cluster.name, service=name)
    ecs.wait_until("services_inactive", 60, cluster=instance_cluster.name, services=[name])
