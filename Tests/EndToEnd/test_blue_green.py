"""Deployments that run the new revision beside the old one: pauses, bake time, the way back, and a kill in between."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.berth import Agent, ControlPlane
from harness.cluster import SLEEP, Cluster, container
from harness.containers import identities
from harness.host import Host
from harness.namespaces import Switch
from harness.waiting import holds_for, wait_for

# The shortest check there is: without one a task counts as healthy only after 40 s.
CHECK = {"command": ["CMD-SHELL", "true"], "interval": 5, "timeout": 2, "retries": 2}


class Installation:
    """A control plane and one managed host as separate programs."""

    def __init__(self, host: Host, archive: Path) -> None:
        self.control_plane = ControlPlane(host, role="server").ready()
        self.agent = Agent(host, self.control_plane, "--managed")
        self.agent.import_image(archive)
        self.cluster = Cluster(self.control_plane, "beside")


@pytest.fixture(scope="module")
def installed(switch: Switch, archive: Path) -> Iterator[Installation]:
    host = Host(switch)
    try:
        installation = Installation(host, archive)
        yield installation
        installation.cluster.clear()
        installation.agent.down()
        installation.control_plane.down()
    finally:
        left = host.close()
    assert left == [], "\n".join(left)


@pytest.fixture
def cluster(installed: Installation) -> Iterator[Cluster]:
    yield installed.cluster
    installed.cluster.clear()


def strategy(*stages: str, bake: int = 0) -> dict[str, Any]:
    hooks = [{"targetType": "PAUSE", "lifecycleStages": list(stages)}] if stages else []
    return {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": bake, "lifecycleHooks": hooks}


def sleeper(cluster: Cluster, **more: Any) -> str:
    return cluster.register(container(script=SLEEP, healthCheck=CHECK) | more)


def newest(cluster: Cluster, service: str) -> dict[str, Any]:
    arn = cluster.service(service)["currentServiceDeployment"]
    return cluster.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]


def wait_for_status(cluster: Cluster, service: str, status: str, deadline: float = 90) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        found = newest(cluster, service)
        return found if found["status"] == status else None

    return wait_for(f"{service} is {status}", reached, deadline, explain=cluster.explain)


def wait_for_stage(cluster: Cluster, service: str, stage: str, deadline: float = 60) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        found = newest(cluster, service)
        return found if found.get("lifecycleStage") == stage else None

    return wait_for(f"{service} is at {stage}", reached, deadline, explain=cluster.explain)


def wait_for_pause(cluster: Cluster, service: str) -> tuple[dict[str, Any], str]:
    """The deployment that waits, and the hook at which it does."""

    def waiting() -> tuple[dict[str, Any], str] | None:
        found = newest(cluster, service)
        hooks = [each for each in found.get("lifecycleHookDetails", []) if each["status"] == "AWAITING_ACTION"]
        return (found, hooks[0]["hookId"]) if hooks else None

    return wait_for(f"{service} waits at a hook", waiting, 60, explain=cluster.explain)


def told_of_hooks(installed: Installation, deployment: str) -> list[dict[str, Any]]:
    """What EventBridge is told of the hooks of a service deployment."""
    lines = installed.control_plane.must("events", "--since", "1h").splitlines()
    told = [event for event in map(json.loads, lines) if event["detail-type"] == "ECS Hook State Change"]
    return [event["detail"] for event in told if event["resources"] == [deployment]]


def weights(deployment: dict[str, Any]) -> tuple[float, list[float]]:
    """Production traffic of the new revision and of those before it."""
    target, sources = deployment["targetServiceRevision"], deployment["sourceServiceRevisions"]
    return (
        target["requestedProductionTrafficWeight"],
        [each["requestedProductionTrafficWeight"] for each in sources])


def begun(cluster: Cluster, configuration: dict[str, Any], count: int = 2) -> tuple[str, dict[str, Any]]:
    """A service of the strategy whose first deployment is complete, and what its tasks are."""
    service = cluster.serve(
        sleeper(cluster), count, deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0})
    wait_for_status(cluster, service, "SUCCESSFUL")
    old = identities(cluster.wait_for_running(service, count))
    cluster.ecs.update_service(
        cluster=cluster.name, service=service, taskDefinition=sleeper(cluster), deploymentConfiguration=configuration)
    return service, old


def test_a_pause_is_continued(installed: Installation, cluster: Cluster) -> None:
    service, old = begun(cluster, strategy("POST_TEST_TRAFFIC_SHIFT"))
    deployment, hook = wait_for_pause(cluster, service)
    assert deployment["lifecycleStage"] == "POST_TEST_TRAFFIC_SHIFT"
    assert weights(deployment) == (0, [100])
    assert deployment["targetServiceRevision"]["requestedTestTrafficWeight"] == 100
    assert deployment["targetServiceRevision"]["runningTaskCount"] == 2
    assert len(cluster.running(service)) == 4
    counts = [(each["status"], each["desiredCount"], each["runningCount"]) for each in
              cluster.service(service)["deployments"]]
    assert counts == [("PRIMARY", 2, 2), ("ACTIVE", 2, 2)]
    holds_for("it waits", lambda: newest(cluster, service)["status"] == "IN_PROGRESS", 2)

    arn = deployment["serviceDeploymentArn"]
    waiting = told_of_hooks(installed, arn)
    assert [(each["eventName"], each["hookId"]) for each in waiting] == [("HOOK_AWAITING_ACTION", hook)]
    assert waiting[0]["lifecycleStage"] == "POST_TEST_TRAFFIC_SHIFT" and waiting[0]["hookType"] == "PAUSE"
    with pytest.raises(cluster.ecs.exceptions.InvalidParameterException, match="not paused"):
        cluster.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId="another")
    answer = cluster.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook)
    assert answer["serviceDeploymentArn"] == arn
    done = wait_for_status(cluster, service, "SUCCESSFUL")
    assert weights(done) == (100, [0]) and done["lifecycleStage"] == "CLEAN_UP"
    assert [each["status"] for each in done["lifecycleHookDetails"]] == ["SUCCEEDED"]
    assert [each["eventName"] for each in told_of_hooks(installed, arn)] == ["HOOK_AWAITING_ACTION", "HOOK_SUCCEEDED"]
    new = {task["taskArn"] for task in cluster.wait_for_running(service, 2)}
    assert not new & set(old)
    cluster.wait_for_event(service, "deployment completed")


def test_a_pause_is_answered_with_a_rollback(cluster: Cluster) -> None:
    service, old = begun(cluster, strategy("POST_PRODUCTION_TRAFFIC_SHIFT"))
    deployment, hook = wait_for_pause(cluster, service)
    assert weights(deployment) == (100, [0])
    arn = deployment["serviceDeploymentArn"]
    cluster.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook, action="ROLLBACK")
    back = wait_for_status(cluster, service, "ROLLBACK_SUCCESSFUL")
    assert weights(back) == (0, [100])
    assert back["rollback"]["serviceRevisionArn"] == back["sourceServiceRevisions"][0]["arn"]
    assert [each["status"] for each in back["lifecycleHookDetails"]] == ["FAILED"]
    # The old tasks never went away.
    assert identities(cluster.wait_for_running(service, 2)) == old


def test_the_bake_time_keeps_the_old_revision_and_a_stop_in_it_is_instant(cluster: Cluster) -> None:
    service, old = begun(cluster, strategy(bake=1))
    deployment = wait_for_stage(cluster, service, "BAKE_TIME")
    assert weights(deployment) == (100, [0])
    assert len(cluster.running(service)) == 4
    cluster.ecs.stop_service_deployment(serviceDeploymentArn=deployment["serviceDeploymentArn"], stopType="ROLLBACK")
    back = wait_for_status(cluster, service, "ROLLBACK_SUCCESSFUL", 10)
    assert weights(back) == (0, [100])
    assert identities(cluster.wait_for_running(service, 2)) == old

    cluster.ecs.update_service(cluster=cluster.name, service=service, forceNewDeployment=True)
    wait_for_stage(cluster, service, "BAKE_TIME")
    done = wait_for_status(cluster, service, "SUCCESSFUL", 120)
    assert (done["finishedAt"] - done["startedAt"]).total_seconds() >= 60
    assert not set(identities(cluster.wait_for_running(service, 2))) & set(old)


def test_a_killed_control_plane_goes_on_where_it_paused(installed: Installation, cluster: Cluster) -> None:
    service, old = begun(cluster, strategy("POST_SCALE_UP"), count=1)
    deployment, hook = wait_for_pause(cluster, service)
    both = identities(cluster.wait_for_running(service, 2))
    installed.control_plane.program.kill9()
    installed.control_plane.restart()
    still, same = wait_for_pause(cluster, service)
    assert (still["serviceDeploymentArn"], same) == (deployment["serviceDeploymentArn"], hook)
    assert weights(still) == (0, [100])
    assert identities(cluster.wait_for_running(service, 2)) == both
    cluster.ecs.continue_service_deployment(serviceDeploymentArn=still["serviceDeploymentArn"], hookId=hook)
    wait_for_status(cluster, service, "SUCCESSFUL")
    left = identities(cluster.wait_for_running(service, 1))
    assert left.items() <= both.items() and not set(left) & set(old)


def test_a_revision_that_cannot_start_never_serves(cluster: Cluster) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    service, old = begun(cluster, strategy() | breaker, count=1)
    wait_for_status(cluster, service, "SUCCESSFUL")
    good = identities(cluster.wait_for_running(service, 1))
    cluster.ecs.update_service(
        cluster=cluster.name, service=service,
        taskDefinition=sleeper(cluster, image="127.0.0.1:1/nothing/here:1"))
    back = wait_for_status(cluster, service, "ROLLBACK_SUCCESSFUL", 120)
    assert back["deploymentCircuitBreaker"]["status"] == "TRIGGERED" and back["lifecycleStage"] == "SCALE_UP"
    assert weights(back)[0] == 0
    assert identities(cluster.wait_for_running(service, 1)) == good


def test_what_cannot_be_carried_out_is_refused(cluster: Cluster) -> None:
    def refused(configuration: dict[str, Any], error: str) -> None:
        with pytest.raises(getattr(cluster.ecs.exceptions, error)):
            cluster.serve(sleeper(cluster), 1, deploymentConfiguration=configuration)

    function = "arn:aws:lambda:us-east-1:000000000000:function:check"
    hook = {"hookTargetArn": function, "roleArn": "arn:aws:iam::000000000000:role/hook", "lifecycleStages": ["PRE_SCALE_UP"]}
    refused(strategy() | {"lifecycleHooks": [hook]}, "UnsupportedFeatureException")
    for stage in ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"):
        refused(strategy(stage), "InvalidParameterException")
    refused({"strategy": "LINEAR"}, "InvalidParameterException")
    refused({"strategy": "CANARY"}, "InvalidParameterException")
    refused({"strategy": "BLUE_GREEN"}, "InvalidParameterException")
