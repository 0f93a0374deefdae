"""Services behind load balancers: real HAProxy, real containers, clients that never retry."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from harness.balancing import Balancer, answering, behind
from harness.berth import ControlPlane
from harness.cluster import NETWORK, WEB, Cluster, address, container, short
from harness.containers import first_pid
from harness.waiting import wait_for

PORTS = [{"containerPort": 80}]
# Answers a request only after some seconds, so that there is one under way when its task shall stop.
SLOW = (
    "mkdir -p /tmp/www/cgi-bin && cd /tmp/www && echo ready > index.html"
    " && printf '#!/bin/sh\\nsleep 4\\necho Content-Type: text/plain\\necho\\necho whole\\n' > cgi-bin/slow"
    " && chmod +x cgi-bin/slow && exec httpd -f -p 80 -h /tmp/www"
)


@pytest.fixture
def balancer(shared: ControlPlane) -> Iterator[Balancer]:
    balancer = Balancer.make(shared)
    yield balancer
    balancer.remove()


@pytest.fixture
def network(shared: ControlPlane) -> Iterator[Balancer]:
    balancer = Balancer.make(shared, Type="network")
    yield balancer
    balancer.remove()


def web(cluster: Cluster, script: str = WEB, **more: Any) -> str:
    return cluster.register(container(script=script, portMappings=PORTS) | more)


def test_tasks_get_traffic_and_lose_it(cluster: Cluster, balancer: Balancer) -> None:
    group = balancer.group()
    balancer.listen(8080, group)
    service = cluster.serve(web(cluster), 2, loadBalancers=behind(group))
    assert cluster.service(service)["loadBalancers"] == behind(group)
    tasks = cluster.wait_for_running(service, 2)
    seen = balancer.wait_for_health(group, "healthy", "healthy")
    assert set(seen) == {address(task) for task in tasks}
    assert len(answering(balancer, 8080, cluster, 2)) == 2
    cluster.wait_for_event(service, r"registered \d targets in \(target-group " + group)
    cluster.wait_for_event(service, "has reached a steady state")
    described = balancer.elb.describe_load_balancers(LoadBalancerArns=[balancer.arn])["LoadBalancers"][0]
    assert described["State"]["Code"] == "active"
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=1)
    balancer.wait_for_health(group, "healthy")
    cluster.wait_for_running(service, 1)
    cluster.wait_for_event(service, "has begun draining connections on 1 tasks")


@pytest.mark.effect(*(
    f"{operation}.loadBalancers[].{member}" for operation in ("CreateService", "UpdateService")
    for member in ("targetGroupArn", "containerName", "containerPort")))
def test_the_named_port_gets_the_traffic(cluster: Cluster, balancer: Balancer) -> None:
    first, second = balancer.group(), balancer.group()
    balancer.listen(8085, first)
    balancer.listen(8086, second)

    def page(text: str, port: int) -> str:
        return f"mkdir -p /tmp/www && echo {text} > /tmp/www/index.html && exec httpd -f -p {port} -h /tmp/www"

    definition = cluster.register(
        container("web", page("web", 80), portMappings=PORTS),
        container("side", page("side", 81), portMappings=[{"containerPort": 81}]))
    service = cluster.serve(definition, 1, loadBalancers=behind(first, "side", 81))
    cluster.wait_for_running(service, 1)
    balancer.wait_for_health(first, "healthy")
    assert balancer.ask(8085) == "side\n"
    cluster.ecs.update_service(cluster=cluster.name, service=service, loadBalancers=behind(second, "web", 80))
    balancer.wait_for_health(second, "healthy")
    assert balancer.ask(8086) == "web\n"
    wait_for("the old group is empty", lambda: balancer.health(first) == {}, 60, explain=cluster.explain)
    cluster.ecs.update_service(cluster=cluster.name, service=service, loadBalancers=[])
    wait_for("no group has a target", lambda: balancer.health(second) == {}, 120, explain=cluster.explain)


def test_a_network_load_balancer_passes_tcp_on(cluster: Cluster, network: Balancer) -> None:
    balancer, control_plane = network, cluster.control_plane
    group = balancer.group(Protocol="TCP")
    balancer.listen(8087, group, Protocol="TCP")
    service = cluster.serve(web(cluster), 2, loadBalancers=behind(group))
    cluster.wait_for_running(service, 2)
    balancer.wait_for_health(group, "healthy", "healthy")
    described = balancer.elb.describe_load_balancers(LoadBalancerArns=[balancer.arn])["LoadBalancers"][0]
    place, = {each["IpAddress"] for zone in described["AvailabilityZones"] for each in zone["LoadBalancerAddresses"]}
    flows = 12
    pages = [control_plane.host.fetch(f"http://{place}:8087/") for _ in range(flows)]
    assert len(set(pages)) == 2

    def told(name: str, statistic: str, **more: str) -> float:
        """Of the last ten minutes."""
        dimensions = {"LoadBalancer": balancer.arn.split("loadbalancer/")[1]} | more
        now = datetime.datetime.now(datetime.timezone.utc)
        points = control_plane.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/NetworkELB", MetricName=name, Statistics=[statistic], Period=600,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - datetime.timedelta(minutes=10), EndTime=now + datetime.timedelta(seconds=1))["Datapoints"]
        # The last second may be a period of its own.
        values = [point[statistic] for point in points]
        return sum(values) if statistic == "Sum" else max(values, default=0)

    wait_for("every flow is counted", lambda: told("NewFlowCount", "Sum") >= flows, 20, explain=cluster.explain)
    assert told("NewFlowCount", "Sum") == flows
    assert told("ProcessedBytes", "Sum") > sum(map(len, pages))
    assert told("HealthyHostCount", "Maximum", TargetGroup=group.rpartition(":")[2]) == 2
    # What comes from a task that went comes to the other one.
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=1)
    balancer.wait_for_health(group, "healthy")
    assert len({control_plane.host.fetch(f"http://{place}:8087/") for _ in range(4)}) == 1


def test_what_is_under_way_ends_before_its_task(cluster: Cluster, balancer: Balancer) -> None:
    group = balancer.group(delay=8)
    balancer.listen(8081, group)
    service = cluster.serve(web(cluster, SLOW), 1, loadBalancers=behind(group))
    (task,) = cluster.wait_for_running(service, 1)
    balancer.wait_for_health(group, "healthy")
    host = cluster.control_plane.host
    slow = host.start(
        "curl", "--silent", "--show-error", "--fail", "--max-time", "20", f"http://{balancer.name}:8081/cgi-bin/slow",
        name="slow-request")
    wait_for(
        "the request is under way",
        lambda: "slow" in host.shell("ps -eo args").stdout and "sleep 4" in host.shell("ps -eo args").stdout, 10)
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=0)
    draining = cluster.wait_for_status(task["taskArn"], "DEACTIVATING")
    assert draining["desiredStatus"] == "STOPPED"
    # The targets controller comes after the one that stops the task.
    wait_for("its target drains", lambda: balancer.health(group) == {address(task): "draining"}, 3)
    assert slow.exit_code is None
    wait_for("the request ended", lambda: slow.exit_code is not None, 20)
    assert slow.exit_code == 0, slow.tail()
    assert "whole" in slow.tail()
    cluster.wait_for_status(task["taskArn"], "STOPPED", 60)
    assert balancer.health(group) == {}


def test_an_unhealthy_task_is_replaced(cluster: Cluster, balancer: Balancer) -> None:
    group = balancer.group(HealthCheckPath="/index.html")
    balancer.listen(8082, group)
    service = cluster.serve(web(cluster), 2, loadBalancers=behind(group))
    tasks = cluster.wait_for_running(service, 2)
    balancer.wait_for_health(group, "healthy", "healthy")
    victim = tasks[0]
    host = cluster.control_plane.host
    assert host.shell(f"rm /proc/{first_pid(victim)}/root/tmp/www/index.html").returncode == 0
    cluster.wait_for_event(
        service,
        rf"\(task {short(victim['taskArn'])}\) \(port 80\) is unhealthy in \(target-group {group}\) due to "
        r"\(reason Health checks failed with these codes: \[404\]\)", 60)
    stopped = cluster.wait_for_status(victim["taskArn"], "STOPPED", 60)
    assert stopped["stoppedReason"] == f"Task failed ELB health checks in (target-group {group})"
    cluster.wait_for_running(service, 2)
    balancer.wait_for_health(group, "healthy", "healthy")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"containerName": "other"}, "The container other does not exist in the task definition."),
        ({"containerPort": 81}, "The container web did not have a container port 81 defined."),
        ({"targetGroupArn": "nothing"}, "'nothing' is not the ARN of a target group"),
        ({"loadBalancerName": "classic"}, "there are no Classic Load Balancers"),
    ])
def test_what_does_not_fit_is_refused(
    cluster: Cluster, balancer: Balancer, change: dict[str, Any], words: str
) -> None:
    group = balancer.group()
    balancer.listen(8083, group)
    with pytest.raises(cluster.ecs.exceptions.ClientError) as refused:
        cluster.serve(web(cluster), 1, loadBalancers=[behind(group)[0] | change])
    assert words in str(refused.value)


def test_a_group_that_nothing_forwards_to_is_refused(cluster: Cluster, balancer: Balancer) -> None:
    group = balancer.group()
    with pytest.raises(cluster.ecs.exceptions.InvalidParameterException) as refused:
        cluster.serve(web(cluster), 1, loadBalancers=behind(group))
    assert f"The target group with targetGroupArn {group} does not have an associated load balancer." in str(refused.value)
    hosts = balancer.group(TargetType="instance")
    balancer.listen(8084, hosts)
    with pytest.raises(cluster.ecs.exceptions.InvalidParameterException) as refused:
        cluster.serve(web(cluster), 1, loadBalancers=behind(hosts))
    assert "has target type instance, which is incompatible with the awsvpc network mode" in str(refused.value)


def test_task_sets_have_target_groups_of_their_own(cluster: Cluster, balancer: Balancer) -> None:
    blue, green = balancer.group(), balancer.group()
    listener = balancer.listen(8087, blue, green)
    name = "sets"
    cluster.ecs.create_service(
        cluster=cluster.name, serviceName=name, desiredCount=1, deploymentController={"type": "EXTERNAL"})

    def make(group: str, text: str, **more: Any) -> str:
        script = f"mkdir -p /tmp/www && echo {text} > /tmp/www/index.html && exec httpd -f -p 80 -h /tmp/www"
        made = cluster.ecs.create_task_set(
            cluster=cluster.name, service=name, taskDefinition=web(cluster, script), launchType="FARGATE",
            networkConfiguration=NETWORK, scale={"value": 100, "unit": "PERCENT"}, loadBalancers=[behind(group)[0] | more])
        assert made["taskSet"]["loadBalancers"] == behind(group)
        return made["taskSet"]["id"]

    def is_steady(identity: str) -> bool:
        (found,) = cluster.ecs.describe_task_sets(
            cluster=cluster.name, service=name, taskSets=[identity])["taskSets"]
        return found["stabilityStatus"] == "STEADY_STATE"

    with pytest.raises(cluster.ecs.exceptions.InvalidParameterException, match="container port 81"):
        make(blue, "blue", containerPort=81)
    first = make(blue, "blue")
    wait_for("the first is steady", lambda: is_steady(first), 60, explain=cluster.explain)
    assert list(balancer.health(blue).values()) == ["healthy"] and balancer.ask(8087) == "blue\n"
    second = make(green, "green")
    wait_for("the second is steady", lambda: is_steady(second), 60, explain=cluster.explain)
    assert list(balancer.health(green).values()) == ["healthy"] and balancer.ask(8087) == "blue\n"
    # The weights are the caller's.
    balancer.elb.modify_listener(ListenerArn=listener, DefaultActions=[{
        "Type": "forward", "ForwardConfig": {"TargetGroups": [
            {"TargetGroupArn": blue, "Weight": 0}, {"TargetGroupArn": green, "Weight": 1}]}}])
    wait_for("the second has the traffic", lambda: balancer.ask(8087) == "green\n", 20)
    cluster.ecs.delete_task_set(cluster=cluster.name, service=name, taskSet=first, force=True)
    wait_for("the first has drained", lambda: balancer.health(blue) == {}, 30, explain=cluster.explain)
    assert balancer.ask(8087) == "green\n"
