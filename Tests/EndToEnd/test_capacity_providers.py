"""Capacity providers through boto3, and hosts that join one and run its tasks."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.api import Client
from harness.berth import Agent, ControlPlane
from harness.cluster import GROUP, QUICK, Cluster, container
from harness.fleet import Fleet
from harness.host import Host, clean_hosts
from harness.namespaces import Switch
from harness.waiting import wait_for

BUILT_IN = ["FARGATE", "FARGATE_SPOT"]


def group(name: str, **more: Any) -> dict[str, Any]:
    return {"autoScalingGroupArn": GROUP + name} | more


def items(**weights: int) -> list[dict[str, Any]]:
    return [{"capacityProvider": name, "weight": weight} for name, weight in weights.items()]


@pytest.fixture(scope="module")
def ecs(switch: Switch) -> Iterator[Client]:
    """Of a control plane of their own: the tests count all providers that there are."""
    host = Host(switch)
    try:
        server = ControlPlane(host, role="server").ready()
        yield server.client()
        server.down()
    finally:
        left = host.close()
    assert left == [], "\n".join(left)


@pytest.fixture
def made(ecs: Client) -> Iterator[set[str]]:
    """Names of providers that are deleted after the test."""
    names: set[str] = set()
    yield names
    for name in names:
        ecs.delete_capacity_provider(capacityProvider=name)


def described(ecs: Client, *names: str, **more: Any) -> list[dict[str, Any]]:
    answer = ecs.describe_capacity_providers(capacityProviders=list(names), **more)
    assert answer["failures"] == []
    return answer["capacityProviders"]


def associate(ecs: Client, cluster: str, *names: str, **weights: int) -> dict[str, Any]:
    return ecs.put_cluster_capacity_providers(
        cluster=cluster, capacityProviders=list(names),
        defaultCapacityProviderStrategy=items(**weights))["cluster"]


def test_a_provider_is_made_shown_changed_and_deleted(ecs: Client) -> None:
    tags = [{"key": "team", "value": "a"}]
    made = ecs.create_capacity_provider(name="one", autoScalingGroupProvider=group("one"), tags=tags)["capacityProvider"]
    arn = made["capacityProviderArn"]
    assert arn.endswith(":capacity-provider/one") and made["status"] == "ACTIVE" and made["tags"] == tags
    assert made["autoScalingGroupProvider"] == group(
        "one", managedTerminationProtection="DISABLED", managedDraining="ENABLED", managedScaling={
            "status": "DISABLED", "targetCapacity": 100, "minimumScalingStepSize": 1, "maximumScalingStepSize": 10000,
            "instanceWarmupPeriod": 300})
    assert described(ecs, arn, include=["TAGS"]) == [made]
    assert described(ecs, "one") == [made | {"tags": []}]

    changed = ecs.update_capacity_provider(name="one", autoScalingGroupProvider={
        "managedScaling": {"status": "ENABLED", "targetCapacity": 80}, "managedTerminationProtection": "ENABLED",
    })["capacityProvider"]
    assert changed["updateStatus"] == "UPDATE_COMPLETE"
    provider = changed["autoScalingGroupProvider"]
    assert provider == made["autoScalingGroupProvider"] | {
        "managedTerminationProtection": "ENABLED",
        "managedScaling": made["autoScalingGroupProvider"]["managedScaling"] | {"status": "ENABLED", "targetCapacity": 80}}
    assert described(ecs, "one", include=["TAGS"]) == [changed]
    with pytest.raises(ecs.exceptions.ClientException, match="managed scaling must be enabled"):
        ecs.update_capacity_provider(name="one", autoScalingGroupProvider={"managedScaling": {"status": "DISABLED"}})
    assert described(ecs, "one", include=["TAGS"]) == [changed], "what was refused changed something"

    gone = ecs.delete_capacity_provider(capacityProvider=arn)["capacityProvider"]
    assert (gone["status"], gone["updateStatus"]) == ("INACTIVE", "DELETE_COMPLETE")
    assert described(ecs, "one")[0]["status"] == "INACTIVE"
    assert "one" not in {each["name"] for each in all_providers(ecs)}
    for change in (
        lambda: ecs.delete_capacity_provider(capacityProvider="one"),
        lambda: ecs.update_capacity_provider(name="one", autoScalingGroupProvider={"managedDraining": "DISABLED"}),
    ):
        with pytest.raises(ecs.exceptions.ClientException, match="does not exist"):
            change()
    # Its name and its group are free again.
    ecs.create_capacity_provider(name="one", autoScalingGroupProvider=group("one"))
    ecs.delete_capacity_provider(capacityProvider="one")


def all_providers(ecs: Client, **more: Any) -> list[dict[str, Any]]:
    """Every provider, page by page: botocore has no paginator for them."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = ecs.describe_capacity_providers(**more, **token)
        found += page["capacityProviders"]
        assert page["failures"] == [] and len(page["capacityProviders"]) <= more.get("maxResults", 10)
        if "nextToken" not in page:
            return found
        token = {"nextToken": page["nextToken"]}


def test_pages_hold_ten_and_go_on_whatever_came_and_went(ecs: Client, made: set[str]) -> None:
    names = [f"page-{number}" for number in range(10, 25)]
    made.update(names)
    for name in names:
        ecs.create_capacity_provider(name=name, autoScalingGroupProvider=group(name))
    assert [each["name"] for each in all_providers(ecs)] == BUILT_IN + names
    assert [each["name"] for each in all_providers(ecs, maxResults=4)] == BUILT_IN + names

    first = ecs.describe_capacity_providers()
    assert [each["name"] for each in first["capacityProviders"]] == BUILT_IN + names[:8]
    ecs.create_capacity_provider(name="page-10a", autoScalingGroupProvider=group("page-10a"))
    made.add("page-10a")
    ecs.delete_capacity_provider(capacityProvider=names[7])
    made.discard(names[7])
    second = ecs.describe_capacity_providers(nextToken=first["nextToken"])
    assert [each["name"] for each in second["capacityProviders"]] == names[8:] and "nextToken" not in second
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="maxResults"):
        ecs.describe_capacity_providers(maxResults=11)
    missing = ecs.describe_capacity_providers(capacityProviders=["page-10", "nowhere", "FARGATE"])
    assert [each["name"] for each in missing["capacityProviders"]] == ["FARGATE", "page-10"]
    assert [(each["arn"].rpartition("/")[2], each["reason"]) for each in missing["failures"]] == [("nowhere", "MISSING")]


@pytest.mark.parametrize("name, provider, words", [
    ("fargate-mine", group("x"), "name is invalid"), ("a b", group("x"), "name is invalid"),
    ("ok", group("taken"), "already being used"), ("taken", group("x"), "already exists"),
    ("ok", group("x", managedTerminationProtection="ENABLED"), "managed scaling must be enabled"),
    ("ok", group("x", managedScaling={"minimumScalingStepSize": 3, "maximumScalingStepSize": 2}), "cannot be greater"),
])
def test_a_senseless_provider_is_refused(
    ecs: Client, made: set[str], name: str, provider: dict[str, Any], words: str
) -> None:
    ecs.create_capacity_provider(name="taken", autoScalingGroupProvider=group("taken"))
    made.add("taken")
    with pytest.raises(ecs.exceptions.ClientException, match=words):
        ecs.create_capacity_provider(name=name, autoScalingGroupProvider=provider)
    assert [each["name"] for each in all_providers(ecs)] == [*BUILT_IN, "taken"]


def test_a_cluster_has_providers_and_a_strategy_of_them(ecs: Client, made: set[str]) -> None:
    for name in ("mine", "other"):
        made.add(name)
        arn = ecs.create_capacity_provider(
            name=name, autoScalingGroupProvider=group(name))["capacityProvider"]["capacityProviderArn"]
    ecs.create_cluster(clusterName="associated")
    ecs.create_cluster(clusterName="second")
    cluster = associate(ecs, "associated", "mine", arn, "FARGATE", mine=1, other=2)
    assert cluster["capacityProviders"] == ["mine", "other", "FARGATE"]
    assert cluster["attachmentsStatus"] == "UPDATE_COMPLETE"
    assert cluster["defaultCapacityProviderStrategy"] == [
        {"capacityProvider": "mine", "weight": 1, "base": 0}, {"capacityProvider": "other", "weight": 2, "base": 0}]
    assert [each["name"] for each in all_providers(ecs, cluster="associated")] == ["FARGATE", "mine", "other"]

    invalid = ecs.exceptions.InvalidParameterException
    with pytest.raises(invalid, match="already associated with another cluster"):
        associate(ecs, "second", "mine")
    with pytest.raises(invalid, match="was not found"):
        associate(ecs, "associated", "nowhere")
    with pytest.raises(invalid, match="not associated"):
        associate(ecs, "associated", "mine", FARGATE=1)
    with pytest.raises(invalid, match="mix"):
        associate(ecs, "associated", "mine", "FARGATE", mine=1, FARGATE=1)
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        associate(ecs, "nowhere")
    assert ecs.describe_clusters(clusters=["associated"])["clusters"][0]["capacityProviders"] == [
        "mine", "other", "FARGATE"]

    # One that a cluster has cannot go; the answer says so, as on AWS.
    failed = ecs.delete_capacity_provider(capacityProvider="mine")["capacityProvider"]
    assert (failed["status"], failed["updateStatus"]) == ("ACTIVE", "DELETE_FAILED")
    assert "associated" in failed["updateStatusReason"]
    assert associate(ecs, "associated")["capacityProviders"] == []
    gone = ecs.delete_capacity_provider(capacityProvider="mine")["capacityProvider"]
    assert gone["updateStatus"] == "DELETE_COMPLETE"
    made.discard("mine")
    for name in ("associated", "second"):
        ecs.delete_cluster(cluster=name)


class TestHosts:
    """Two providers of a cluster: `blue` does not wait for hosts, `green` does."""

    @pytest.fixture(scope="class")
    def hosts(self, switch: Switch) -> Iterator[list[Host]]:
        with clean_hosts(switch, 3) as hosts:
            yield hosts

    @pytest.fixture(scope="class")
    def fleet(self, hosts: list[Host], archive: Path) -> Iterator[Fleet]:
        fleet = Fleet(hosts, archive, "colours")
        for name, scaling in (("blue", "DISABLED"), ("green", "ENABLED")):
            fleet.cluster.ecs.create_capacity_provider(
                name=name, autoScalingGroupProvider=group(name, managedScaling={"status": scaling}))
        associate(fleet.cluster.ecs, "colours", "blue", "green", blue=1)
        yield fleet
        fleet.cluster.clear()
        fleet.down()

    def test_a_host_joins_a_provider_and_runs_its_tasks(self, fleet: Fleet, hosts: list[Host]) -> None:
        """One story, for hosts are dear."""
        cluster, ecs = fleet.cluster, fleet.cluster.ecs
        with pytest.raises(ecs.exceptions.InvalidParameterException, match="your capacity provider"):
            run(cluster, blue=1)
        blue = fleet.join(hosts[1], "--cluster", "colours", "--capacity-provider", "blue")
        fleet.wait_for_instances(1)
        # Whoever names no strategy has the cluster's.
        task = cluster.wait_for_status(run(cluster)[0]["taskArn"], "RUNNING")
        assert (task["capacityProviderName"], task["launchType"]) == ("blue", "EC2")
        assert fleet.agent_of(task) is blue and fleet.runs_where_it_was_placed(task)

        # The host of another provider is no help: the task waits for one of its own.
        waiting = run(cluster, green=1)[0]
        assert waiting["lastStatus"] == "PROVISIONING" and "containerInstanceArn" not in waiting
        # Cut off at first, so that the image is there before the host is.
        hosts[2].cut()
        green = fleet.join(hosts[2], "--cluster", "colours", "--capacity-provider", "green")
        assert cluster.task(waiting["taskArn"])["lastStatus"] == "PROVISIONING"
        hosts[2].mend()
        task = cluster.wait_for_status(waiting["taskArn"], "RUNNING", 60)
        assert task["capacityProviderName"] == "green" and fleet.agent_of(task) is green
        assert fleet.runs_where_it_was_placed(task)
        agents = {"blue": blue, "green": green}
        pages = ecs.pages("list_container_instances", cluster="colours", PaginationConfig={"PageSize": 1})
        arns = [page["containerInstanceArns"] for page in pages]
        assert [len(page) for page in arns] == [1, 1]
        instances = ecs.describe_container_instances(
            cluster="colours", containerInstances=arns[0] + arns[1])["containerInstances"]
        assert {each["capacityProviderName"] for each in instances} == set(agents)

        # Weights divide the tasks of one call, and those of a service beside its base.
        tasks = [cluster.wait_for_status(task["taskArn"], "RUNNING") for task in run(cluster, 6, blue=1, green=2)]
        assert Counter(task["capacityProviderName"] for task in tasks) == {"blue": 2, "green": 4}
        service = cluster.serve(
            definition(cluster), 4, launchType=None, networkConfiguration=None, capacityProviderStrategy=[
                {"capacityProvider": "blue", "base": 3, "weight": 0}, {"capacityProvider": "green", "weight": 1}])
        served = cluster.wait_for_running(service, 4)
        assert Counter(task["capacityProviderName"] for task in served) == {"blue": 3, "green": 1}
        for task in tasks + served:
            assert fleet.agent_of(task) is agents[task["capacityProviderName"]]
            assert fleet.runs_where_it_was_placed(task)

        # A provider in use stays with the cluster.
        with pytest.raises(ecs.exceptions.ResourceInUseException):
            associate(ecs, "colours", "blue", blue=1)
        cluster.clear()
        assert associate(ecs, "colours", "blue", blue=1)["capacityProviders"] == ["blue"]

    def test_a_host_does_not_join_a_provider_that_is_not_there(self, fleet: Fleet) -> None:
        host = fleet.control_plane.host
        agent = Agent(host, fleet.control_plane, "--cluster", "colours", "--capacity-provider", "red")
        try:
            assert agent.program.wait(30) != 0
            assert "capacity provider does not exist" in agent.program.tail()
        finally:
            agent.down()


def run(cluster: Cluster, count: int = 1, **weights: int) -> list[dict[str, Any]]:
    """Runs tasks by the strategy given, or by the cluster's own."""
    strategy = {"capacityProviderStrategy": items(**weights)} if weights else {}
    answer = cluster.ecs.run_task(
        cluster=cluster.name, taskDefinition=definition(cluster), count=count, **strategy)
    assert answer["failures"] == [], answer["failures"]
    return answer["tasks"]


def definition(cluster: Cluster) -> str:
    return cluster.register(
        container(script=QUICK, memory=32), requiresCompatibilities=["EC2"], networkMode="host", cpu=None, memory=None)
