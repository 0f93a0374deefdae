"""The API as clients see it on the wire."""

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
import pytest

from harness.berth import ControlPlane
from harness.cluster import SLEEP, Cluster, container
from harness.wire import kind, post, sign_and_send

# What makes something of an empty request, which other tests would meet.
MAKERS = {"CreateCluster", "RegisterContainerInstance"}


def root(control_plane: ControlPlane) -> tuple[str, str]:
    return control_plane.keys.access_key, control_plane.keys.secret_key


def model() -> Any:
    client = boto3.client("ecs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    return client.meta.service_model


def empty_members(value: Any, path: str = "") -> list[str]:
    """Where a value is null or an object without members."""
    if value is None or value == {}:
        return [path]
    if isinstance(value, dict):
        return [found for name, each in value.items() for found in empty_members(each, f"{path}.{name}")]
    if isinstance(value, list):
        return [found for each in value for found in empty_members(each, f"{path}[]")]
    return []


def test_every_answer_carries_a_request_id(shared: ControlPlane) -> None:
    _, good, _ = post(shared, "ListClusters", {}, root(shared))
    _, bad, _ = post(shared, "DescribeServices", {"cluster": "no", "services": ["no"]}, root(shared))
    assert re.fullmatch(r"[0-9a-f-]{36}", good["x-amzn-requestid"])
    assert re.fullmatch(r"[0-9a-f-]{36}", bad["x-amzn-requestid"])
    assert good["x-amzn-requestid"] != bad["x-amzn-requestid"]
    assert good["content-type"] == "application/x-amz-json-1.1"


def test_every_answer_says_what_time_it_is(shared: ControlPlane) -> None:
    """Clients correct their clocks by it."""
    _, good, _ = post(shared, "ListClusters", {}, root(shared))
    _, bad, _ = post(shared, "DescribeServices", {"cluster": "no", "services": ["no"]}, root(shared))
    for headers in (good, bad):
        told = parsedate_to_datetime(headers["date"])
        assert abs((datetime.now(timezone.utc) - told).total_seconds()) < 30


def test_absent_members_are_omitted(cluster: Cluster) -> None:
    definition = cluster.register(container(script=SLEEP, stopTimeout=2))
    service = cluster.serve(definition, 1)
    task = cluster.wait_for_running(service, 1)[0]
    key = root(cluster.control_plane)
    asked = [
        ("DescribeClusters", {"clusters": [cluster.name]}),
        ("DescribeTaskDefinition", {"taskDefinition": definition}),
        ("DescribeServices", {"cluster": cluster.name, "services": [service]}),
        ("DescribeTasks", {"cluster": cluster.name, "tasks": [task["taskArn"]]}),
        ("ListTasks", {"cluster": cluster.name}),
    ]
    for operation, body in asked:
        status, _, answer = post(cluster.control_plane, operation, body, key)
        assert status == 200, answer
        assert empty_members(answer) == [], operation
        assert "nextToken" not in answer


def test_an_ec2_service_has_no_network_configuration(cluster: Cluster) -> None:
    definition = cluster.register(
        container(memory=64), requiresCompatibilities=["EC2"], networkMode="bridge", cpu=None, memory=None)
    service = cluster.serve(definition, 0, launchType="EC2", networkConfiguration=None)
    _, _, answer = post(
        cluster.control_plane, "DescribeServices", {"cluster": cluster.name, "services": [service]},
        root(cluster.control_plane))
    assert "networkConfiguration" not in answer["services"][0]


@pytest.mark.parametrize("operation", sorted(set(model().operation_names) - MAKERS))
def test_every_operation_answers_as_its_model_says(shared: ControlPlane, operation: str) -> None:
    described = model().operation_model(operation)
    status, headers, answer = post(shared, operation, minimal(described.input_shape), root(shared))
    assert headers["x-amzn-requestid"]
    if status == 200:
        assert set(answer) <= set(described.output_shape.members)
        return
    assert status == 400, answer
    common = {"AccessDeniedException", "ResourceNotFoundException"}
    assert kind(answer) in {shape.name for shape in described.error_shapes} | common, answer
    assert answer["message"] != f"{operation} is not built yet."


def minimal(shape: Any) -> Any:
    """The least that a shape's required members allow."""
    if shape.type_name == "structure":
        return {name: minimal(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [minimal(shape.member)]
    if shape.type_name == "map":
        return {}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "arn:aws:ecs:us-east-1:000000000000:service/a/b"
    return {"boolean": False, "integer": 1, "long": 1, "double": 1.0, "timestamp": 0}[shape.type_name]


def test_an_operation_that_nobody_knows(shared: ControlPlane) -> None:
    status, _, answer = post(shared, "MakeCoffee", {}, root(shared))
    assert status == 400 and kind(answer) == "UnknownOperationException"


@pytest.mark.parametrize("body", [
    b"{", b"[]", b'{"clusterName": 1}', b"\xff\xfe", b'{"tags":' + b"[" * 5000,
], ids=["cut off", "a list", "another type", "no text", "deep"])
def test_a_body_that_is_no_request(shared: ControlPlane, body: bytes) -> None:
    status, _, answer = sign_and_send(shared, "CreateCluster", body, root(shared))
    assert status == 400, answer
    assert kind(answer) in ("SerializationException", "InvalidParameterException", "ClientException")


def test_what_the_model_requires_is_required(shared: ControlPlane) -> None:
    status, _, answer = post(shared, "RegisterTaskDefinition", {"family": "a"}, root(shared))
    assert status == 400 and "containerdefinitions" in answer["message"].lower()


def test_pages_follow_each_other(shared: ControlPlane) -> None:
    ecs = shared.client()
    family = "paged"
    arns = [
        ecs.register_task_definition(
            family=family, containerDefinitions=[{"name": "a", "image": "b", "memory": 64}],
        )["taskDefinition"]["taskDefinitionArn"] for _ in range(5)]
    first = ecs.list_task_definitions(familyPrefix=family, maxResults=2)
    assert first["taskDefinitionArns"] == arns[:2] and first["nextToken"]
    second = ecs.list_task_definitions(familyPrefix=family, maxResults=2, nextToken=first["nextToken"])
    assert second["taskDefinitionArns"] == arns[2:4]
    last = ecs.list_task_definitions(familyPrefix=family, maxResults=2, nextToken=second["nextToken"])
    assert last["taskDefinitionArns"] == arns[4:] and "nextToken" not in last
    down = ecs.list_task_definitions(familyPrefix=family, sort="DESC")
    assert down["taskDefinitionArns"] == arns[::-1]
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.list_task_definitions(maxResults=101)
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.list_task_definitions(nextToken="made-up")


def test_services_come_in_tens(cluster: Cluster) -> None:
    definition = cluster.register(container())
    made = {cluster.serve(definition, 0) for _ in range(12)}
    page = cluster.ecs.list_services(cluster=cluster.name)
    assert len(page["serviceArns"]) == 10 and page["nextToken"]
    pages = cluster.ecs.pages("list_services", cluster=cluster.name)
    assert {arn.rpartition("/")[2] for each in pages for arn in each["serviceArns"]} == made
    with pytest.raises(cluster.ecs.exceptions.InvalidParameterException):
        cluster.ecs.describe_services(cluster=cluster.name, services=sorted(made)[:11])


def test_what_is_missing_is_a_failure_not_an_error(cluster: Cluster) -> None:
    ecs, name = cluster.ecs, cluster.name
    assert ecs.describe_clusters(clusters=["nowhere"])["failures"][0]["reason"] == "MISSING"
    services = ecs.describe_services(cluster=name, services=["none"])["failures"]
    assert services[0]["reason"] == "MISSING" and services[0]["arn"].endswith(f":service/{name}/none")
    assert ecs.describe_tasks(cluster=name, tasks=["0" * 32])["failures"][0]["reason"] == "MISSING"
    with pytest.raises(ecs.exceptions.ClusterNotFoundException, match=r"Cluster not found\."):
        ecs.describe_tasks(cluster="nowhere", tasks=["0" * 32])


def test_run_task_with_a_token_runs_once(cluster: Cluster) -> None:
    definition = cluster.register(container(script=SLEEP, stopTimeout=2))
    first = cluster.run(definition, clientToken="the-same")
    again = cluster.run(definition, clientToken="the-same")
    assert first["taskArn"] == again["taskArn"]
    with pytest.raises(cluster.ecs.exceptions.ConflictException) as error:
        cluster.run(definition, clientToken="the-same", group="another")
    assert error.value.response["resourceIds"] == [first["taskArn"]]


def test_a_service_is_made_once(cluster: Cluster) -> None:
    definition = cluster.register(container())
    settings = {"cluster": cluster.name, "serviceName": "once", "taskDefinition": definition, "launchType": "FARGATE",
                "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}
    first = cluster.ecs.create_service(desiredCount=0, **settings)["service"]
    assert cluster.ecs.create_service(desiredCount=0, **settings)["service"]["serviceArn"] == first["serviceArn"]
    refusal = cluster.ecs.exceptions.InvalidParameterException
    with pytest.raises(refusal, match="Creation of service was not idempotent"):
        cluster.ecs.create_service(desiredCount=1, **settings)


@pytest.mark.parametrize("setting, word", [
    ({"loadBalancers": [{"loadBalancerName": "classic", "containerName": "web", "containerPort": 80}]},
     "loadBalancers"),
    ({"serviceRegistries": [{"registryArn": "arn:aws:servicediscovery:us-east-1:0:service/srv-1"}]},
     "serviceRegistries"),
    ({"enableExecuteCommand": True}, "enableExecuteCommand"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_nobody_acts_on_yet_is_refused(cluster: Cluster, setting: dict[str, Any], word: str) -> None:
    definition = cluster.register(container(portMappings=[{"containerPort": 80}]))
    with pytest.raises(cluster.ecs.exceptions.UnsupportedFeatureException, match=word):
        cluster.serve(definition, 0, **setting)


def test_secrets_are_refused_before_there_is_a_vault(cluster: Cluster) -> None:
    with pytest.raises(cluster.ecs.exceptions.ClientError, match="secrets") as error:
        cluster.register(container(secrets=[{"name": "A", "valueFrom": "arn:aws:ssm:us-east-1:0:parameter/a"}]))
    assert error.value.response["Error"]["Code"] in ("UnsupportedFeatureException", "ClientException")


def test_task_definitions_have_revisions_that_are_never_used_again(shared: ControlPlane) -> None:
    ecs = shared.client()

    def register() -> str:
        made = ecs.register_task_definition(
            family="counted", containerDefinitions=[{"name": "a", "image": "b", "memory": 64}], tags=[
                {"key": "team", "value": "one"}])
        assert made["tags"] == [{"key": "team", "value": "one"}]
        return made["taskDefinition"]["taskDefinitionArn"]

    first = register()
    assert first.endswith("/counted:1")
    assert ecs.list_tags_for_resource(resourceArn=first)["tags"] == [{"key": "team", "value": "one"}]
    assert ecs.deregister_task_definition(taskDefinition="counted:1")["taskDefinition"]["status"] == "INACTIVE"
    assert register().endswith("/counted:2")
    assert ecs.describe_task_definition(taskDefinition="counted")["taskDefinition"]["revision"] == 2
    assert ecs.describe_task_definition(taskDefinition="counted:1")["taskDefinition"]["status"] == "INACTIVE"
    with pytest.raises(ecs.exceptions.ClientException):
        ecs.describe_task_definition(taskDefinition="counted:3")


def test_clusters_are_made_twice_and_deleted_once_empty(shared: ControlPlane) -> None:
    ecs = shared.client()
    first = ecs.create_cluster(clusterName="twice")["cluster"]
    assert ecs.create_cluster(clusterName="twice")["cluster"]["clusterArn"] == first["clusterArn"]
    assert ecs.delete_cluster(cluster="twice")["cluster"]["status"] == "INACTIVE"
    assert first["clusterArn"] not in ecs.list_clusters()["clusterArns"]
    assert ecs.create_cluster(clusterName="twice")["cluster"]["status"] == "ACTIVE"
    ecs.delete_cluster(cluster="twice")
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.create_cluster(clusterName="no spaces")
