"""Deployments that alarms watch: one that goes off takes the new revision back, with every strategy."""

import json
from typing import Any

import pytest

from harness.api import Client
from harness.cloudwatch import alarm_on
from harness.cluster import SLEEP, Cluster, container
from harness.waiting import wait_for

# The shortest check there is: without one a task counts as healthy only after 40 s.
CHECK = {"command": ["CMD-SHELL", "true"], "interval": 5, "timeout": 2, "retries": 2}


def sleeper(cluster: Cluster, **more: Any) -> str:
    return cluster.register(container(script=SLEEP, healthCheck=CHECK) | more, family="watched")


def newest(cluster: Cluster, service: str) -> dict[str, Any]:
    arn = cluster.ecs.list_service_deployments(cluster=cluster.name, service=service)["serviceDeployments"][0][
        "serviceDeploymentArn"]
    return cluster.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]


def wait_for_newest(cluster: Cluster, service: str, status: str, deadline: float = 90) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        found = newest(cluster, service)
        return found if found["status"] == status else None

    return wait_for(f"{service} is {status}", reached, deadline,
                    explain=lambda: f"{newest(cluster, service)}\n{cluster.explain()}")


def watched(name: str, **more: Any) -> dict[str, Any]:
    return {"alarms": {"alarmNames": [name], "enable": True, "rollback": True}} | more


def rolled_back(cluster: Cluster, service: str, good: str, alarm: str) -> None:
    back = wait_for_newest(cluster, service, "ROLLBACK_SUCCESSFUL")
    assert back["alarms"] == {"status": "TRIGGERED", "alarmNames": [alarm], "triggeredAlarmNames": [alarm]}
    state = cluster.service(service)
    assert state["taskDefinition"] == good
    assert any("alarm detected" in event["message"] for event in state["events"])


MEMBERS = [f"{operation}.deploymentConfiguration.alarms.{member}" for operation in ("CreateService", "UpdateService")
           for member in ("enable", "alarmNames", "rollback")]


@pytest.mark.effect(*MEMBERS)
def test_a_rolling_deployment_is_taken_back_by_an_alarm_that_is_set(cluster: Cluster) -> None:
    cloudwatch = cluster.control_plane.client("cloudwatch")
    cloudwatch.put_metric_alarm(**alarm_on("by-hand", Period=60, EvaluationPeriods=2))
    good = sleeper(cluster)
    service = cluster.serve(good, 1, deploymentConfiguration=watched("not there"))
    # An alarm that does not exist never goes off and is not waited for.
    first = wait_for_newest(cluster, service, "SUCCESSFUL")
    assert first["alarms"]["status"] == "MONITORING_COMPLETE"

    worse = sleeper(cluster, environment=[{"name": "WORSE", "value": "1"}])
    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=worse,
                               deploymentConfiguration=watched("by-hand"))

    def replaced() -> bool:
        return [task["taskDefinitionArn"] for task in cluster.running(service)] == [worse]

    wait_for("the new revision runs alone", replaced, 60, explain=cluster.explain)
    baking = newest(cluster, service)
    assert baking["status"] == "IN_PROGRESS" and baking["alarms"]["status"] == "MONITORING"
    cloudwatch.set_alarm_state(AlarmName="by-hand", StateValue="ALARM", StateReason="a test")
    rolled_back(cluster, service, good, "by-hand")


def goes_off_by_values(cloudwatch: Client, name: str) -> None:
    def breaches() -> bool:
        cloudwatch.put_metric_data(
            Namespace="Test", MetricData=[{"MetricName": name, "Value": 1, "StorageResolution": 1}])
        return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"] == "ALARM"

    wait_for(f"{name} goes off", breaches, 40)


@pytest.mark.parametrize("strategy", ["ROLLING", "BLUE_GREEN"])
def test_a_deployment_is_taken_back_by_a_metric(cluster: Cluster, strategy: str) -> None:
    cloudwatch = cluster.control_plane.client("cloudwatch")
    name = f"metric-{strategy.lower()}"
    # Long enough a bake time for the alarm to go off in it.
    cloudwatch.put_metric_alarm(**alarm_on(name, name, EvaluationPeriods=6, DatapointsToAlarm=1,
                                           TreatMissingData="notBreaching"))
    settings: dict[str, Any] = {"strategy": strategy} | ({"bakeTimeInMinutes": 10} if strategy == "BLUE_GREEN" else {})
    good = sleeper(cluster)
    service = cluster.serve(good, 1, deploymentConfiguration=settings)
    wait_for_newest(cluster, service, "SUCCESSFUL")

    worse = sleeper(cluster, environment=[{"name": "WORSE", "value": "1"}])
    cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=worse,
                               deploymentConfiguration=watched(name, **settings))
    wait_for("the new revision runs",
             lambda: worse in [task["taskDefinitionArn"] for task in cluster.running(service)], 60,
             explain=cluster.explain)
    goes_off_by_values(cloudwatch, name)
    rolled_back(cluster, service, good, name)
    moves = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert json.loads(moves[0]["HistoryData"])["newState"]["stateValue"] in ("ALARM", "OK")
