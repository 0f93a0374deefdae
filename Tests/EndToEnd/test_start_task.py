"""StartTask, and what tasks can be asked for and listed by, from boto3."""

import pytest

from harness.berth import ControlPlane
from harness.cluster import SLEEP, Cluster, container, short


def test_a_task_starts_where_it_is_told_to(instance_cluster: Cluster) -> None:
    ecs = instance_cluster.ecs
    name = instance_cluster.name
    arn = ecs.list_container_instances(cluster=name)["containerInstanceArns"][0]
    definition = instance_cluster.register(
        container(script="echo $WHO; exit 3"), requiresCompatibilities=["EC2"], networkMode="host")
    override = {"name": "web", "command": ["sh", "-c", "[ $WHO = me ] && exit 4"], "environment": [
        {"name": "WHO", "value": "me"}]}
    answer = ecs.start_task(
        cluster=name, containerInstances=[short(arn), "0" * 32], taskDefinition=definition, startedBy="starter",
        overrides={"containerOverrides": [override]})
    assert [failure["reason"] for failure in answer["failures"]] == ["MISSING"]
    (task,) = answer["tasks"]
    assert task["containerInstanceArn"] == arn
    assert task["overrides"]["containerOverrides"] == [override]
    ecs.wait_until("tasks_stopped", 30, cluster=name, tasks=[task["taskArn"]])
    assert instance_cluster.task(task["taskArn"])["containers"][0]["exitCode"] == 4
    listed = ecs.list_tasks(cluster=name, startedBy="starter", desiredStatus="STOPPED")["taskArns"]
    assert listed == [task["taskArn"]]


def test_tasks_are_found_by_what_they_are(instance_cluster: Cluster) -> None:
    ecs = instance_cluster.ecs
    name = instance_cluster.name
    host = ecs.list_container_instances(cluster=name)["containerInstanceArns"][0]
    definition = instance_cluster.register(
        container(script=SLEEP), family="found", requiresCompatibilities=["EC2"], networkMode="host")
    service = instance_cluster.serve(definition, 1, launchType="EC2", networkConfiguration=None)
    (served,) = instance_cluster.wait_for_running(service, 1)
    alone = instance_cluster.run(definition, launchType="EC2", networkConfiguration=None, startedBy="finder")
    instance_cluster.wait_for_status(alone["taskArn"], "RUNNING")

    def found(**filters: str) -> set[str]:
        pages = ecs.pages("list_tasks", cluster=name, PaginationConfig={"PageSize": 1}, **filters)
        return {short(arn) for page in pages for arn in page["taskArns"]}

    both = {short(served["taskArn"]), short(alone["taskArn"])}
    assert found(family="found") == found(containerInstance=short(host)) == found(launchType="EC2") == both
    assert found(serviceName=service, containerInstance=host) == {short(served["taskArn"])}
    assert found(startedBy="finder") == {short(alone["taskArn"])}
    assert found(desiredStatus="PENDING") == found(launchType="FARGATE") == set()
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.list_tasks(cluster=name, startedBy="finder", family="found")
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.list_tasks(cluster=name, serviceName="none")


def test_deleted_revisions_go_when_nothing_refers_to_them(server: ControlPlane) -> None:
    ecs = server.client()
    ecs.create_cluster(clusterName="deleting")
    for _ in range(2):
        ecs.register_task_definition(
            family="deleting", containerDefinitions=[{"name": "app", "image": "none", "memory": 64}])
    ecs.create_service(cluster="deleting", serviceName="user", taskDefinition="deleting:2", desiredCount=0)
    kept = ecs.delete_task_definitions(taskDefinitions=["deleting:1", "deleting"])
    assert kept["taskDefinitions"] == []
    assert ["ACTIVE" in failure["reason"] for failure in kept["failures"]] == [True, False]
    for revision in ("deleting:1", "deleting:2"):
        ecs.deregister_task_definition(taskDefinition=revision)
    going = ecs.delete_task_definitions(taskDefinitions=["deleting:1", "deleting:2"])["taskDefinitions"]
    assert [each["status"] for each in going] == ["DELETE_IN_PROGRESS"] * 2
    listed = ecs.pages("list_task_definitions", familyPrefix="deleting", status="DELETE_IN_PROGRESS")
    assert len(listed[0]["taskDefinitionArns"]) == 2
    # What uses a revision may go on scaling with it; nothing new begins.
    ecs.update_service(cluster="deleting", service="user", desiredCount=1)
    with pytest.raises(ecs.exceptions.ClientException, match="inactive"):
        ecs.run_task(cluster="deleting", taskDefinition="deleting:2")


def test_what_is_not_there_says_so(server: ControlPlane) -> None:
    ecs = server.client()
    with pytest.raises(ecs.exceptions.NamespaceNotFoundException):
        ecs.pages("list_services_by_namespace", namespace="internal")
    ecs.create_cluster(clusterName="absent")
    instance = ecs.register_container_instance(
        cluster="absent", versionInfo={"agentVersion": "1.90.0", "agentHash": "0", "dockerVersion": "25"},
        totalResources=[
            {"name": "CPU", "type": "INTEGER", "integerValue": 1024},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 512}])["containerInstance"]["containerInstanceArn"]
    with pytest.raises(ecs.exceptions.NoUpdateAvailableException):
        ecs.update_container_agent(cluster="absent", containerInstance=instance)
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.execute_command(cluster="absent", task="0" * 32, command="sh", interactive=True)
