"""Task definitions through boto3: what is answered is what was meant, and what is wrong is said in ECS's words."""

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.api import Client
from harness.berth import ControlPlane

numbers = itertools.count(1)

PLAIN: dict[str, Any] = {"name": "app", "image": "web:1", "memory": 64}
# What only an answer has.
ANSWERED = {
    "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy",
}
RICH: dict[str, Any] = {
    "taskRoleArn": "arn:aws:iam::000000000000:role/app", "pidMode": "task", "ipcMode": "task",
    "requiresCompatibilities": ["EC2"], "cpu": "1 vCPU", "memory": "1GB", "ephemeralStorage": {"sizeInGiB": 30},
    "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
    "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}],
    "volumes": [
        {"name": "own"}, {"name": "host", "host": {"sourcePath": "/srv"}},
        {"name": "all", "dockerVolumeConfiguration": {"scope": "shared", "autoprovision": True, "labels": {"a": "b"}}},
    ],
    "containerDefinitions": [
        PLAIN | {
            "cpu": 128, "memoryReservation": 32, "command": ["a", "b"], "entryPoint": ["c"], "user": "1000:1000",
            "environment": [{"name": "A", "value": "ü"}], "workingDirectory": "/w", "hostname": "h", "links": ["side:s"],
            "portMappings": [{"containerPort": 80, "name": "web", "appProtocol": "http"},
                             {"containerPortRange": "8000-8010", "protocol": "udp"}],
            "mountPoints": [{"sourceVolume": "own", "containerPath": "/own", "readOnly": True}],
            "volumesFrom": [{"sourceContainer": "side", "readOnly": True}],
            "dependsOn": [{"containerName": "side", "condition": "HEALTHY"}],
            "linuxParameters": {
                "capabilities": {"add": ["NET_ADMIN"], "drop": ["MKNOD"]}, "initProcessEnabled": True, "maxSwap": 5,
                "swappiness": 10, "sharedMemorySize": 8, "devices": [{"hostPath": "/dev/fuse", "permissions": ["read"]}],
                "tmpfs": [{"containerPath": "/t", "size": 4, "mountOptions": ["ro"]}]},
            "ulimits": [{"name": "nofile", "softLimit": 10, "hardLimit": 20}], "dockerLabels": {"k": "v"},
            "systemControls": [{"namespace": "net.core.somaxconn", "value": "9"}], "extraHosts": [
                {"hostname": "db", "ipAddress": "10.0.0.1"}], "dnsServers": ["10.0.0.2"], "dnsSearchDomains": ["x"],
            "logConfiguration": {"logDriver": "json-file", "options": {"max-size": "1m"}}, "startTimeout": 9,
            "stopTimeout": 8, "restartPolicy": {"enabled": True}, "interactive": True, "pseudoTerminal": True,
            "privileged": False, "readonlyRootFilesystem": True, "dockerSecurityOptions": ["no-new-privileges"],
            "disableNetworking": False, "versionConsistency": "disabled",
        },
        {"name": "side", "image": "side:1", "healthCheck": {"command": ["CMD-SHELL", "true"]}},
    ],
}


@pytest.fixture(scope="module")
def ecs(server: ControlPlane) -> Client:
    return server.client("ecs")


def register(ecs: Client, **members: Any) -> dict[str, Any]:
    settings = {"family": f"definitions-{next(numbers)}", "containerDefinitions": [PLAIN]} | members
    return ecs.register_task_definition(**settings)


def test_every_member_comes_back_and_registers_to_the_same_again(ecs: Client) -> None:
    first = register(ecs, **RICH)["taskDefinition"]
    assert ecs.describe_task_definition(taskDefinition=first["taskDefinitionArn"])["taskDefinition"] == first
    again = ecs.register_task_definition(**{key: first[key] for key in first if key not in ANSWERED})["taskDefinition"]
    changed = {key for key in first if first[key] != again.get(key)}
    assert changed == {"taskDefinitionArn", "revision", "registeredAt"} and again["revision"] == 2

    app = first["containerDefinitions"][0]
    lost = {key for key in RICH["containerDefinitions"][0] if key not in app}
    assert lost == set()
    assert (first["cpu"], first["memory"]) == ("1024", "1024")
    assert app["portMappings"] == [
        {"containerPort": 80, "hostPort": 0, "protocol": "tcp", "name": "web", "appProtocol": "http"},
        {"containerPortRange": "8000-8010", "protocol": "udp"}]
    assert app["restartPolicy"] == {"enabled": True, "ignoredExitCodes": [], "restartAttemptPeriod": 300}
    assert first["containerDefinitions"][1]["healthCheck"] == {
        "command": ["CMD-SHELL", "true"], "interval": 30, "timeout": 5, "retries": 3}
    assert first["volumes"][2]["dockerVolumeConfiguration"] == {
        "scope": "shared", "autoprovision": True, "labels": {"a": "b"}}
    assert first["compatibilities"] == ["EXTERNAL", "EC2"]
    names = {each["name"] for each in first["requiresAttributes"]}
    assert {"ecs.capability.pid-ipc-namespace-sharing", "ecs.capability.container-health-check",
            "ecs.capability.network.container-port-range", "ecs.capability.docker-plugin.local"} <= names


@pytest.mark.parametrize("members, code, words", [
    ({"containerDefinitions": []}, "ClientException", "Container list cannot be empty."),
    ({"cpu": "7"}, "InvalidParameterException", "Invalid 'cpu' setting for task."),
    ({"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc"}, "ClientException",
     "Fargate requires that 'cpu' be defined at the task level."),
    ({"containerDefinitions": [PLAIN | {"links": ["nobody"]}]}, "ClientException", "Unknown container: 'nobody'"),
    ({"containerDefinitions": [PLAIN | {"command": ["x" * 70_000]}]}, "ClientException", "Max allowed length is '65536'"),
    ({"containerDefinitions": [PLAIN | {"repositoryCredentials": {"credentialsParameter": "x"}}]}, "ClientException",
     "Invalid arn syntax."),
    ({"containerDefinitions": [PLAIN | {"firelensConfiguration": {"type": "fluentbit"}}]},
     "UnsupportedFeatureException", "containerDefinitions[0].firelensConfiguration is not supported: "),
    ({"requiresCompatibilities": ["MANAGED_INSTANCES"]}, "UnsupportedFeatureException", "requiresCompatibilities[0]"),
], ids=["no-container", "cpu", "fargate", "link", "large", "arn", "firelens", "managed-instances"])
def test_what_is_wrong_is_said_and_makes_no_revision(ecs: Client, members: dict[str, Any], code: str, words: str) -> None:
    family = f"refused-{next(numbers)}"
    with pytest.raises(ClientError) as refused:
        register(ecs, family=family, **members)
    assert refused.value.response["Error"]["Code"] == code
    assert words in refused.value.response["Error"]["Message"]
    assert ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"] == []


def test_tags_stand_beside_the_definition(ecs: Client) -> None:
    tags = [{"key": "team", "value": "a"}]
    answer = register(ecs, tags=tags)
    assert answer["tags"] == tags and "tags" not in answer["taskDefinition"]
    name = answer["taskDefinition"]["taskDefinitionArn"]
    assert ecs.describe_task_definition(taskDefinition=name, include=["TAGS"])["tags"] == tags
    assert "tags" not in ecs.describe_task_definition(taskDefinition=name)


def test_families_are_listed_in_pages_by_what_they_still_have(ecs: Client) -> None:
    names = [f"families-{letter}" for letter in "abcde"]
    for name in names:
        register(ecs, family=name)
    ecs.deregister_task_definition(taskDefinition="families-c:1")

    def families(**more: Any) -> list[list[str]]:
        return [page["families"] for page in ecs.pages(
            "list_task_definition_families", familyPrefix="families-", PaginationConfig={"PageSize": 2}, **more)]

    assert families() == families(status="ALL") == [names[:2], names[2:4], names[4:]]
    assert families(status="ACTIVE") == [names[:2], names[3:]]
    assert families(status="INACTIVE") == [[names[2]]]
