"""Services: keeping a count, rolling out, failing, scaling, ending, in ECS's words."""

import re
import time
from typing import Any

import pytest

from harness.cluster import SLEEP, Cluster, address, container, short
from harness.containers import first_pid
from harness.processes import kill9
from harness.waiting import NotInTime, wait_for

# The shortest check there is: without one a task counts as healthy only after 40 s.
CHECK = {"command": ["CMD-SHELL", "test -f /tmp/www/index.html"], "interval": 5, "timeout": 2, "retries": 2}


def web(**more: Any) -> dict[str, Any]:
    return container(healthCheck=CHECK, **more)


def test_a_service_reaches_a_steady_state_and_says_so(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(web()), 2)
    cluster.ecs.wait_until("services_stable", 60, cluster=cluster.name, services=[service])
    tasks = cluster.wait_for_running(service, 2)
    deployment = cluster.service(service)["deployments"][0]
    assert re.fullmatch(r"ecs-svc/\d{19}", deployment["id"])
    assert deployment["status"] == "PRIMARY" and deployment["desiredCount"] == 2
    for task in tasks:
        assert (task["group"], task["startedBy"]) == (f"service:{service}", deployment["id"])
        assert re.fullmatch(r"[0-9a-f]{32}", short(task["taskArn"]))
    started = cluster.wait_for_event(service, r"has started 2 tasks")
    assert all(f"(task {short(task['taskArn'])})" in started for task in tasks)
    assert started.startswith(f"(service {service}) has started 2 tasks: (task ") and started.endswith(").")
    cluster.wait_for_event(service, rf"^\(service {service}\) has reached a steady state\.$")
    cluster.wait_for_event(
        service, rf"^\(service {service}\) \(deployment {deployment['id']}\) deployment completed\.$")
    assert cluster.service(service)["deployments"][0]["rolloutState"] == "COMPLETED"


@pytest.mark.parametrize("minimum, maximum", [(100, 200), (50, 150), (50, 100)])
def test_a_rollout_stays_between_minimum_and_maximum(cluster: Cluster, minimum: int, maximum: int) -> None:
    family = f"rolled-{minimum}-{maximum}"
    old = cluster.register(web(), family=family)
    service = cluster.serve(
        old, 2, deploymentConfiguration={"minimumHealthyPercent": minimum, "maximumPercent": maximum})
    before = cluster.wait_for_running(service, 2)
    wait_for(
        "both are healthy",
        lambda: all(task["healthStatus"] == "HEALTHY" for task in cluster.tasks(service)), 40,
        explain=cluster.explain)
    new = cluster.register(web(environment=[{"name": "V", "value": "2"}]), family=family)
    assert new == old[:-1] + "2"

    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=new)
    samples = []

    def rolled_out() -> bool:
        tasks = [task for task in cluster.tasks(service) if task["desiredStatus"] == "RUNNING"]
        healthy = [t for t in tasks if t["lastStatus"] == "RUNNING" and t["healthStatus"] == "HEALTHY"]
        samples.append((len(healthy), len(tasks)))
        deployments = cluster.service(service)["deployments"]
        return len(deployments) == 1 and deployments[0]["rolloutState"] == "COMPLETED"

    wait_for("the rollout completes", rolled_out, 120, every=0.1, explain=cluster.explain)
    assert min(healthy for healthy, _ in samples) >= 2 * minimum // 100, samples
    assert max(live for _, live in samples) <= 2 * maximum // 100, samples

    deployment = cluster.service(service)["deployments"][0]["id"]
    assert all(task["taskDefinitionArn"] == new for task in cluster.wait_for_running(service, 2))
    for task in before:
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
        assert stopped["stopCode"] == "ServiceSchedulerInitiated"
        assert stopped["stoppedReason"] == f"Scaling activity initiated by (deployment {deployment})"
        assert stopped["containers"][0]["exitCode"] in (143, 137, 0)
    ids = [short(task["taskArn"]) for task in before]
    cluster.wait_for_event(service, rf"has stopped \d running tasks: .*\(task ({'|'.join(ids)})\)")


def test_an_image_that_is_not_there_fails_clearly_and_is_throttled(cluster: Cluster) -> None:
    missing = container() | {"image": "127.0.0.1:1/nothing/here:1"}
    service = cluster.serve(cluster.register(missing), 1)
    first = wait_for("a task failed", lambda: cluster.tasks(service, "STOPPED"), 60, explain=cluster.explain)[0]
    stopped = cluster.wait_for_status(first["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"].startswith("CannotPullContainerError: ")
    assert "exitCode" not in stopped["containers"][0]
    assert stopped["containers"][0]["reason"].startswith("CannotPullContainerError: ")
    assert "startedAt" not in stopped

    seen: list[float] = []

    def four() -> bool:
        made = {task["taskArn"]: task for task in [*cluster.tasks(service), *cluster.tasks(service, "STOPPED")]}
        seen[:] = sorted(task["createdAt"].timestamp() for task in made.values())
        return len(seen) >= 4

    wait_for("four attempts", four, 90, explain=cluster.explain)
    gaps = [later - earlier for earlier, later in zip(seen, seen[1:])]
    assert gaps[2] > gaps[1] + 2 > gaps[0] + 2, f"the waits do not grow: {gaps}"
    assert cluster.service(service)["deployments"][0]["failedTasks"] >= 2
    cluster.wait_for_event(service, "is unable to consistently start tasks successfully", 60)


def test_a_bad_revision_leaves_the_good_tasks_alone(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(web(), family="spoiled"), 2)
    before = {task["taskArn"] for task in cluster.wait_for_running(service, 2)}
    bad = cluster.register(web() | {"image": "127.0.0.1:1/nothing/here:1"}, family="spoiled")
    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=bad)
    wait_for(
        "two failures are counted",
        lambda: cluster.service(service)["deployments"][0]["failedTasks"] >= 2, 60, explain=cluster.explain)
    assert before <= {task["taskArn"] for task in cluster.running(service)}


def test_the_circuit_breaker_rolls_back(cluster: Cluster) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    good = cluster.register(web(), family="broken")
    service = cluster.serve(good, 1, deploymentConfiguration=breaker)
    cluster.wait_for_event(service, "deployment completed", 90)
    bad = cluster.register(web() | {"image": "127.0.0.1:1/nothing/here:1"}, family="broken")
    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=bad)
    cluster.wait_for_event(service, r"deployment failed: tasks failed to start\.", 120)
    cluster.wait_for_event(service, r"rolling back to deployment ecs-svc/\d+\.")
    wait_for(
        "the good revision is back",
        lambda: (deployments := cluster.service(service)["deployments"])[0]["taskDefinition"] == good
        and len(deployments) == 1, 90, explain=cluster.explain)


def test_scaling_up_keeps_the_old_tasks_and_scaling_down_stops_some(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(web()), 1)
    first = {task["taskArn"] for task in cluster.wait_for_running(service, 1)}
    deployment = cluster.service(service)["deployments"][0]["id"]
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=3)
    three = {task["taskArn"] for task in cluster.wait_for_running(service, 3)}
    assert first < three
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=1)
    one = {task["taskArn"] for task in cluster.wait_for_running(service, 1)}
    for arn in three - one:
        stopped = cluster.wait_for_status(arn, "STOPPED")
        assert stopped["stopCode"] == "ServiceSchedulerInitiated"
        assert stopped["stoppedReason"] == f"Scaling activity initiated by (deployment {deployment})"
    assert cluster.service(service)["deployments"][0]["id"] == deployment


def test_a_new_deployment_can_be_forced(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(web()), 1)
    before = cluster.wait_for_running(service, 1)[0]
    deployment = cluster.service(service)["deployments"][0]["id"]
    cluster.ecs.update_service(cluster=cluster.name, service=service, forceNewDeployment=True)
    stopped = cluster.wait_for_status(before["taskArn"], "STOPPED", 60)
    assert stopped["stopCode"] == "ServiceSchedulerInitiated"
    after = cluster.wait_for_running(service, 1)[0]
    assert after["taskDefinitionArn"] == before["taskDefinitionArn"] and after["startedBy"] != deployment


def test_a_crashing_task_is_replaced_at_once(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(container()), 1)
    task = cluster.wait_for_running(service, 1)[0]
    begun = time.monotonic()
    kill9(first_pid(task))
    wait_for(
        "another task runs",
        lambda: {each["taskArn"] for each in cluster.running(service)} - {task["taskArn"]}, 20,
        explain=cluster.explain)
    assert time.monotonic() - begun < 15


def test_an_unhealthy_task_is_replaced(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(web()), 1)
    task = cluster.wait_for_running(service, 1)[0]
    wait_for("it is healthy", lambda: cluster.task(task["taskArn"])["healthStatus"] == "HEALTHY", 40)
    # From outside, as a fault would: the file that the check looks for goes away.
    page = f"/proc/{first_pid(task)}/root/tmp/www/index.html"
    assert cluster.control_plane.host.run("rm", page).returncode == 0
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED", 90)
    assert stopped["stopCode"] == "ServiceSchedulerInitiated"
    assert stopped["stoppedReason"] == "Task failed container health checks"
    assert stopped["healthStatus"] == "UNHEALTHY"
    cluster.wait_for_event(service, rf"\(task {short(task['taskArn'])}\) failed container health checks\.")
    assert cluster.wait_for_running(service, 1)[0]["taskArn"] != task["taskArn"]


def test_a_service_must_be_scaled_down_before_it_is_deleted(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(container(script=SLEEP, stopTimeout=2)), 1)
    cluster.wait_for_running(service, 1)
    with pytest.raises(cluster.ecs.exceptions.InvalidParameterException, match="scaled above 0"):
        cluster.ecs.delete_service(cluster=cluster.name, service=service)
    with pytest.raises(cluster.ecs.exceptions.ClusterContainsServicesException):
        cluster.ecs.delete_cluster(cluster=cluster.name)
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=0)
    cluster.ecs.delete_service(cluster=cluster.name, service=service)
    cluster.ecs.wait_until("services_inactive", 60, cluster=cluster.name, services=[service])
    assert cluster.ecs.list_services(cluster=cluster.name)["serviceArns"] == []


def test_services_list_in_pages_until_they_are_deleted(cluster: Cluster) -> None:
    definition = cluster.register(container(script=SLEEP))
    names = [cluster.serve(definition, 0) for _ in range(12)]
    pages = cluster.ecs.pages("list_services", cluster=cluster.name, PaginationConfig={"PageSize": 5})
    assert [len(page["serviceArns"]) for page in pages] == [5, 5, 2]
    assert sorted(short(arn) for page in pages for arn in page["serviceArns"]) == sorted(names)
    cluster.ecs.wait_until("services_stable", 60, cluster=cluster.name, services=names[:10])
    for name in names:
        cluster.ecs.delete_service(cluster=cluster.name, service=name)
    cluster.ecs.wait_until("services_inactive", 30, cluster=cluster.name, services=names[2:])
    assert cluster.ecs.list_services(cluster=cluster.name)["serviceArns"] == []


def test_a_forced_delete_stops_the_tasks(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(container(script=SLEEP, stopTimeout=2)), 2)
    tasks = cluster.wait_for_running(service, 2)
    answer = cluster.ecs.delete_service(cluster=cluster.name, service=service, force=True)
    assert answer["service"]["status"] == "DRAINING"
    for task in tasks:
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
        assert stopped["stopCode"] == "ServiceSchedulerInitiated"
    cluster.ecs.wait_until("services_inactive", 60, cluster=cluster.name, services=[service])
    with pytest.raises(cluster.ecs.exceptions.ServiceNotActiveException):
        cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=1)


def test_stopping_a_services_task_by_hand_starts_another(cluster: Cluster) -> None:
    service = cluster.serve(cluster.register(container(script=SLEEP, stopTimeout=2)), 1)
    task = cluster.wait_for_running(service, 1)[0]
    cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"])
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "Task stopped by user")
    replaced = cluster.wait_for_running(service, 1)[0]
    assert replaced["taskArn"] != task["taskArn"] and address(replaced)


def test_what_does_not_fit_waits_and_says_why(cluster: Cluster) -> None:
    large = cluster.register(container(script=SLEEP), cpu="16384", memory="32768")
    service = cluster.serve(large, 1)
    cluster.wait_for_event(service, r"was unable to place a task", 30)
    with pytest.raises(NotInTime):
        cluster.wait_for_running(service, 1, deadline=1)
