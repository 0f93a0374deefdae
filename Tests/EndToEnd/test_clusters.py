"""Clusters through boto3: made, shown, changed, listed in pages, deleted."""

from collections.abc import Iterator
from typing import Any

import pytest

from harness.api import Client
from harness.berth import ControlPlane

INSIGHTS = "containerInsights"
EXEC = {"executeCommandConfiguration": {"kmsKeyId": "key", "logging": "OVERRIDE", "logConfiguration": {
    "cloudWatchLogGroupName": "exec", "cloudWatchEncryptionEnabled": True, "s3EncryptionEnabled": False}}}
EVERYTHING = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"]


@pytest.fixture(scope="module")
def ecs(server: ControlPlane) -> Client:
    return server.client()


@pytest.fixture
def made(ecs: Client) -> Iterator[set[str]]:
    """Names of clusters that are deleted after the test."""
    names: set[str] = set()
    yield names
    for name in names:
        ecs.delete_cluster(cluster=name)


def insights(value: str) -> list[dict[str, str]]:
    return [{"name": INSIGHTS, "value": value}]


def described(ecs: Client, name: str, *include: str) -> dict[str, Any]:
    answer = ecs.describe_clusters(clusters=[name], include=list(include))
    assert answer["failures"] == []
    return answer["clusters"][0]


def test_a_cluster_shows_what_it_was_made_with_where_that_is_asked_for(ecs: Client, made: set[str]) -> None:
    made.add("shown")
    tags = [{"key": "team", "value": "a"}]
    answer = ecs.create_cluster(
        clusterName="shown", tags=tags, settings=insights("enhanced"), configuration=EXEC,
        capacityProviders=["FARGATE", "FARGATE_SPOT"], serviceConnectDefaults={"namespace": "shop"},
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 2, "base": 1}])["cluster"]
    assert answer["status"] == "ACTIVE" and answer["clusterArn"].endswith(":cluster/shown")

    plain = described(ecs, "shown")
    assert plain["settings"] == plain["tags"] == plain["statistics"] == []
    assert "configuration" not in plain and "attachmentsStatus" not in plain
    full = described(ecs, answer["clusterArn"], *EVERYTHING)
    assert full["tags"] == tags and full["settings"] == insights("enhanced")
    assert full["configuration"] == EXEC and full["serviceConnectDefaults"] == {"namespace": "shop"}
    assert full["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert full["defaultCapacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 2, "base": 1}]
    counts = {each["name"]: each["value"] for each in full["statistics"]}
    assert {"runningEC2TasksCount", "activeFargateServiceCount"} <= set(counts) and set(counts.values()) == {"0"}

    # The same again is the same cluster; something else is no idempotent request.
    again = ecs.create_cluster(clusterName="shown", tags=tags)["cluster"]
    assert again["clusterArn"] == answer["clusterArn"]
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="inconsistent"):
        ecs.create_cluster(clusterName="shown", settings=insights("disabled"))


def test_an_update_changes_what_it_names(ecs: Client, made: set[str]) -> None:
    made.add("changed")
    arn = ecs.create_cluster(clusterName="changed", configuration=EXEC)["cluster"]["clusterArn"]
    storage = {"managedStorageConfiguration": {"kmsKeyId": "disk"}}
    updated = ecs.update_cluster(
        cluster=arn, settings=insights("enabled"), configuration=storage,
        serviceConnectDefaults={"namespace": "shop"})["cluster"]
    assert updated["clusterArn"] == arn and updated["settings"] == insights("enabled")
    shown = described(ecs, "changed", *EVERYTHING)
    assert shown["configuration"] == EXEC | storage and shown["serviceConnectDefaults"] == {"namespace": "shop"}

    settings = ecs.update_cluster_settings(cluster="changed", settings=insights("disabled"))["cluster"]["settings"]
    assert settings == insights("disabled") == described(ecs, arn, "SETTINGS")["settings"]
    assert described(ecs, arn, *EVERYTHING)["configuration"] == EXEC | storage
    ecs.update_cluster(cluster="changed", serviceConnectDefaults={"namespace": ""})
    assert "serviceConnectDefaults" not in described(ecs, "changed")


@pytest.mark.parametrize("operation", ["update_cluster", "update_cluster_settings"])
def test_what_is_wrong_changes_nothing(ecs: Client, made: set[str], operation: str) -> None:
    made.add("kept")
    ecs.create_cluster(clusterName="kept", settings=insights("enabled"))
    change = getattr(ecs, operation)
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        change(cluster="kept", settings=insights("perhaps"))
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        change(cluster="kept", settings=[{"name": "colour", "value": "enabled"}])
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        change(cluster="nowhere", settings=insights("enabled"))
    assert described(ecs, "kept", "SETTINGS")["settings"] == insights("enabled")


def test_a_page_starts_where_the_last_ended_whatever_came_and_went(ecs: Client, made: set[str]) -> None:
    names = [f"paged-{number:02}" for number in range(12)]
    made.update(names)
    for name in names:
        ecs.create_cluster(clusterName=name)

    def found(arns: list[str]) -> list[str]:
        return [name for arn in arns if (name := arn.rpartition("/")[2]).startswith("paged-")]

    pages = [page["clusterArns"] for page in ecs.pages("list_clusters", PaginationConfig={"PageSize": 5})]
    assert all(len(page) == 5 for page in pages[:-1]) and len(pages[-1]) <= 5
    assert found([arn for page in pages for arn in page]) == names

    # The first page that has a third of them; then one before its end comes, and its end goes.
    seen: list[str] = []
    token: dict[str, str] = {}
    while len(found(seen)) < 4:
        page = ecs.list_clusters(maxResults=5, **token)
        seen += page["clusterArns"]
        token = {"nextToken": page["nextToken"]}
    ecs.create_cluster(clusterName="paged-00a")
    made.add("paged-00a")
    last = found(seen)[-1]
    ecs.delete_cluster(cluster=last)
    made.discard(last)
    rest = ecs.list_clusters(maxResults=100, **token)
    assert found(seen + rest["clusterArns"]) == names and "nextToken" not in rest
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="Invalid token"):
        ecs.list_clusters(nextToken="made-up")


def test_a_deleted_cluster_can_be_seen_and_begins_anew(ecs: Client, made: set[str]) -> None:
    ecs.create_cluster(clusterName="gone", settings=insights("enabled"), tags=[{"key": "a", "value": "b"}])
    deleted = ecs.delete_cluster(cluster="gone")["cluster"]
    assert deleted["status"] == "INACTIVE"
    assert described(ecs, "gone", *EVERYTHING)["status"] == "INACTIVE"
    assert not any(arn.endswith("/gone") for page in ecs.pages("list_clusters") for arn in page["clusterArns"])
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.update_cluster(cluster="gone", settings=insights("enabled"))
    made.add("gone")
    again = ecs.create_cluster(clusterName="gone")["cluster"]
    assert again["status"] == "ACTIVE" and again["settings"] == insights("disabled")
    missing = ecs.describe_clusters(clusters=["gone", "never"])
    assert [each["clusterName"] for each in missing["clusters"]] == ["gone"]
    assert [(each["arn"].rpartition("/")[2], each["reason"]) for each in missing["failures"]] == [("never", "MISSING")]
