"""Tags, from boto3."""

from typing import Any

import pytest

from harness.berth import ControlPlane
from harness.cluster import SLEEP, Cluster, container

MINIMAL = [{"name": "app", "image": "none", "memory": 64}]
RESOURCES = [
    {"name": "CPU", "type": "INTEGER", "integerValue": 1024}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 512}]


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in pairs.items()]


def read(ecs: Any, arn: str) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in ecs.list_tags_for_resource(resourceArn=arn)["tags"]}


def test_everything_is_tagged_when_it_is_made_and_later(server: ControlPlane) -> None:
    ecs = server.client()
    cluster = ecs.create_cluster(clusterName="tagged", tags=tags(at="birth"))["cluster"]["clusterArn"]
    definition = ecs.register_task_definition(
        family="tagged", containerDefinitions=MINIMAL, tags=tags(at="birth"))["taskDefinition"]["taskDefinitionArn"]
    service = ecs.create_service(
        cluster="tagged", serviceName="tagged", taskDefinition="tagged", desiredCount=0,
        tags=tags(at="birth"))["service"]["serviceArn"]
    instance = ecs.register_container_instance(
        cluster="tagged", totalResources=RESOURCES, tags=tags(at="birth"))["containerInstance"]["containerInstanceArn"]
    for arn in (cluster, definition, service, instance):
        assert read(ecs, arn) == {"at": "birth"}, arn
        ecs.tag_resource(resourceArn=arn, tags=tags(at="later", more=""))
        assert read(ecs, arn) == {"at": "later", "more": ""}, arn
        ecs.untag_resource(resourceArn=arn, tagKeys=["at"])
        assert read(ecs, arn) == {"more": ""}, arn
    described = ecs.describe_services(cluster="tagged", services=["tagged"], include=["TAGS"])["services"][0]
    assert described["tags"] == tags(more="")
    assert not ecs.describe_services(cluster="tagged", services=["tagged"])["services"][0].get("tags")
    ecs.delete_service(cluster="tagged", service="tagged")
    ecs.wait_until("services_inactive", 20, cluster="tagged", services=["tagged"])
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="inactive"):
        read(ecs, service)


def test_what_has_no_tags(server: ControlPlane) -> None:
    ecs = server.client()
    start = "arn:aws:ecs:us-east-1:000000000000:"
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.tag_resource(resourceArn=start + "cluster/none", tags=tags(a="b"))
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="Long arn format"):
        ecs.tag_resource(resourceArn=start + "service/short", tags=tags(a="b"))
    cluster = ecs.create_cluster(clusterName="untagged")["cluster"]["clusterArn"]
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="reserved"):
        ecs.tag_resource(resourceArn=cluster, tags=[{"key": "aws:x", "value": "y"}])
    ecs.tag_resource(resourceArn=cluster, tags=tags(**{f"k{number}": "v" for number in range(50)}))
    with pytest.raises(ecs.exceptions.LimitExceededException):
        ecs.tag_resource(resourceArn=cluster, tags=tags(one="more"))
    assert len(read(ecs, cluster)) == 50


@pytest.mark.parametrize("source", ["SERVICE", "TASK_DEFINITION", "NONE"])
def test_a_service_gives_its_tasks_tags_when_they_start(cluster: Cluster, source: str) -> None:
    ecs = cluster.ecs
    definition = cluster.register(container(script=SLEEP), tags=tags(of="definition"))
    service = cluster.serve(
        definition, 1, tags=tags(of="service"), propagateTags=source, enableECSManagedTags=True)
    task = cluster.wait_for_running(service, 1)[0]["taskArn"]
    managed = {"aws:ecs:clusterName": cluster.name, "aws:ecs:serviceName": service}
    of = {"SERVICE": {"of": "service"}, "TASK_DEFINITION": {"of": "definition"}, "NONE": {}}[source]
    assert read(ecs, task) == of | managed
    ecs.tag_resource(resourceArn=cluster.service(service)["serviceArn"], tags=tags(of="changed"))
    assert read(ecs, task) == of | managed
    stopped = ecs.stop_task(cluster=cluster.name, task=task)["task"]
    assert stopped["tags"] == []
    described = ecs.describe_tasks(cluster=cluster.name, tasks=[task], include=["TAGS"])["tasks"][0]
    assert described["tags"] == []
