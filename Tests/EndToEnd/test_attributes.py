"""Attributes of container instances, from boto3."""

import itertools

import pytest

from harness.api import Client
from harness.berth import ControlPlane
from harness.cluster import SLEEP, Cluster, container

RESOURCES = [
    {"name": "CPU", "type": "INTEGER", "integerValue": 1024}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 512}]
numbers = itertools.count(1)


def hosts(server: ControlPlane, count: int) -> tuple[Client, str, list[str]]:
    """A cluster of its own with hosts that are only registered."""
    ecs = server.client()
    name = f"attributes-{next(numbers)}"
    ecs.create_cluster(clusterName=name)
    return ecs, name, [
        ecs.register_container_instance(cluster=name, totalResources=RESOURCES)["containerInstance"][
            "containerInstanceArn"] for _ in range(count)]


def test_put_list_delete(server: ControlPlane) -> None:
    ecs, cluster, arns = hosts(server, 3)
    for number, arn in enumerate(arns):
        color = "blue" if number else "green"
        given = ecs.put_attributes(cluster=cluster, attributes=[{"name": "stack", "value": color, "targetId": arn}])
        assert given["attributes"] == [{"name": "stack", "value": color, "targetId": arn}]
    pages = ecs.pages(
        "list_attributes", cluster=cluster, targetType="container-instance", attributeName="stack",
        PaginationConfig={"PageSize": 2})
    assert [len(page["attributes"]) for page in pages] == [2, 1]
    assert {each["targetId"] for page in pages for each in page["attributes"]} == set(arns)
    green = ecs.list_attributes(
        cluster=cluster, targetType="container-instance", attributeName="stack", attributeValue="green")
    assert [each["targetId"] for each in green["attributes"]] == arns[:1]
    listed = ecs.list_container_instances(cluster=cluster, filter="attribute:stack == blue")
    assert set(listed["containerInstanceArns"]) == set(arns[1:])
    ecs.delete_attributes(cluster=cluster, attributes=[{"name": "stack", "targetId": arns[0]}])
    with pytest.raises(ecs.exceptions.TargetNotFoundException):
        ecs.put_attributes(
            cluster=cluster,
            attributes=[{"name": "a", "targetId": "0" * 32, "targetType": "container-instance"}])
    described = ecs.describe_container_instances(cluster=cluster, containerInstances=arns[:1])
    assert "stack" not in {each["name"] for each in described["containerInstances"][0]["attributes"]}


def test_ten_of_the_callers_own(server: ControlPlane) -> None:
    ecs, cluster, (arn,) = hosts(server, 1)
    ecs.put_attributes(
        cluster=cluster, attributes=[{"name": f"a{number}", "targetId": arn} for number in range(10)])
    with pytest.raises(ecs.exceptions.AttributeLimitExceededException):
        ecs.put_attributes(cluster=cluster, attributes=[{"name": "b", "targetId": arn}])


def test_a_task_waits_for_the_attribute_it_asks_for(instance_cluster: Cluster) -> None:
    ecs = instance_cluster.ecs
    arn = ecs.list_container_instances(cluster=instance_cluster.name)["containerInstanceArns"][0]
    definition = instance_cluster.register(
        container(script=SLEEP), requiresCompatibilities=["EC2"], networkMode="host")
    rule = [{"type": "memberOf", "expression": "attribute:rack == one"}]
    service = instance_cluster.serve(
        definition, 1, launchType="EC2", networkConfiguration=None, placementConstraints=rule)
    instance_cluster.wait_for_event(service, "MemberOf placement constraint unsatisfied")
    ecs.put_attributes(
        cluster=instance_cluster.name, attributes=[{"name": "rack", "value": "one", "targetId": arn}])
    try:
        instance_cluster.wait_for_running(service, 1)
    finally:
        ecs.delete_attributes(cluster=instance_cluster.name, attributes=[{"name": "rack", "targetId": arn}])
