"""Protected tasks stay through scale-in and rollouts."""

import pytest

from harness.cluster import SLEEP, Cluster, container, short

BLOCKED = r"unable to scale in\. Reason: The number of protected tasks are more than the desired count of tasks\."


def test_scale_in_leaves_a_protected_task(cluster: Cluster) -> None:
    ecs = cluster.ecs
    service = cluster.serve(cluster.register(container(script=SLEEP)), 2)
    kept = cluster.wait_for_running(service, 2)[0]["taskArn"]
    answer = ecs.update_task_protection(cluster=cluster.name, tasks=[short(kept)], protectionEnabled=True)
    assert [each["taskArn"] for each in answer["protectedTasks"]] == [kept]
    ecs.update_service(cluster=cluster.name, service=service, desiredCount=0)
    cluster.wait_for_event(service, BLOCKED)
    left = cluster.wait_for_running(service, 1)
    assert [task["taskArn"] for task in left] == [kept]
    ecs.update_task_protection(cluster=cluster.name, tasks=[kept], protectionEnabled=False)
    assert cluster.wait_for_status(kept, "STOPPED")["stopCode"] == "ServiceSchedulerInitiated"


def test_a_rollout_waits_for_protected_tasks(cluster: Cluster) -> None:
    ecs = cluster.ecs
    check = {"command": ["CMD-SHELL", "true"], "interval": 5, "retries": 1, "timeout": 2}
    service = cluster.serve(cluster.register(container(script=SLEEP, healthCheck=check)), 1)
    old = cluster.wait_for_running(service, 1)[0]["taskArn"]
    ecs.update_task_protection(cluster=cluster.name, tasks=[old], protectionEnabled=True, expiresInMinutes=1)
    ecs.update_service(
        cluster=cluster.name, service=service,
        taskDefinition=cluster.register(container(script=SLEEP, healthCheck=check)))
    cluster.wait_for_event(service, BLOCKED)
    assert cluster.task(old)["lastStatus"] == "RUNNING"
    new = next(task["taskArn"] for task in cluster.running(service) if task["taskArn"] != old)
    refused = ecs.update_task_protection(cluster=cluster.name, tasks=[new], protectionEnabled=True)
    assert [each["reason"] for each in refused["failures"]] == ["DEPLOYMENT_BLOCKED"]
    # The minute ends by itself, and the rollout with it.
    cluster.wait_for_running(service, 1, deadline=90)
    cluster.wait_for_event(service, "deployment completed")


def test_a_protected_task_can_still_be_stopped(cluster: Cluster) -> None:
    ecs = cluster.ecs
    service = cluster.serve(cluster.register(container(script=SLEEP)), 1)
    task = cluster.wait_for_running(service, 1)[0]["taskArn"]
    ecs.update_task_protection(cluster=cluster.name, tasks=[task], protectionEnabled=True)
    ecs.stop_task(cluster=cluster.name, task=task)
    cluster.wait_for_status(task, "STOPPED")
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.update_task_protection(
            cluster=cluster.name, tasks=[task], protectionEnabled=True, expiresInMinutes=2881)
    gone = ecs.get_task_protection(cluster=cluster.name, tasks=[task])
    assert [each["reason"] for each in gone["failures"]] == ["MISSING"]
