"""Traffic goes on while everything around it changes: clients that never retry see no failure.

At full size (1,000 requests a second, a minute and more each) by `scripts/bench traffic`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.balancing import Balancer, behind
from harness.berth import ControlPlane
from harness.cluster import Cluster, address, container
from harness.fleet import Fleet
from harness.host import Host, clean_hosts
from harness.namespaces import Switch
from harness.processes import kill9
from harness.traffic import FULL, Traffic
from harness.waiting import wait_for

pytestmark = pytest.mark.alone

# Answers with what its task definition says it is, and with what is posted to it.
VERSIONED = (
    "mkdir -p /tmp/www/cgi-bin && cd /tmp/www && echo $VERSION > index.html"
    " && printf '#!/bin/sh\\necho Content-Type: text/plain\\necho\\necho $VERSION\\ncat\\n' > cgi-bin/echo"
    " && chmod +x cgi-bin/echo && exec httpd -f -p 80 -h /tmp/www"
)


def version(cluster: Cluster, number: int, family: str, **more: Any) -> str:
    return cluster.register(
        container(
            script=VERSIONED, portMappings=[{"containerPort": 80}], memory=64,
            environment=[{"name": "VERSION", "value": f"v{number}"}]),
        family=family, **more)


@pytest.fixture
def balancer(shared: ControlPlane) -> Iterator[Balancer]:
    balancer = Balancer.make(shared)
    yield balancer
    balancer.remove()


def shift(balancer: Balancer, group: str, other: str, rule: str, test: str) -> list[dict[str, Any]]:
    return [behind(group)[0] | {"advancedConfiguration": {
        "alternateTargetGroupArn": other, "productionListenerRule": rule, "testListenerRule": test,
        "roleArn": "arn:aws:iam::000000000000:role/shift"}}]


def default_rule(balancer: Balancer, listener: str) -> str:
    rules = balancer.elb.describe_rules(ListenerArn=listener)["Rules"]
    return next(rule["RuleArn"] for rule in rules if rule["IsDefault"])


def lasts(traffic: Traffic) -> None:
    wait_for("traffic lasted", traffic.has_lasted, 120)


def test_a_rolling_update_loses_nothing(switch: Switch, archive: Path) -> None:
    """On a container instance, where twenty tasks that reserve no processor have room on any machine."""
    count = 10 if FULL else 3
    small = {"requiresCompatibilities": ["EC2"], "cpu": None, "memory": None}
    with clean_hosts(switch, 1) as (host,):
        fleet = Fleet([host], archive, "rolled")
        fleet.join(host, "--cluster", "rolled")
        fleet.wait_for_instances(1)
        roll(fleet.cluster, Balancer.make(fleet.control_plane), host, count, small)
        fleet.cluster.clear()
        fleet.down()


def roll(cluster: Cluster, balancer: Balancer, host: Host, count: int, size: dict[str, Any]) -> None:
    group = balancer.group()
    balancer.listen(8090, group)
    service = cluster.serve(
        version(cluster, 1, "rolled", **size), count, launchType="EC2", loadBalancers=behind(group))
    cluster.wait_for_running(service, count, 90)
    balancer.wait_for_health(group, *["healthy"] * count)

    def rolled() -> bool:
        described = cluster.service(service)
        return described["deployments"][0]["rolloutState"] == "COMPLETED" and len(described["deployments"]) == 1

    with Traffic(host, "127.0.0.1", 8090, balancer.name) as traffic:
        wait_for("traffic flows", lambda: traffic.count > 100, 20)
        cluster.ecs.update_service(cluster=cluster.name, service=service, taskDefinition=version(cluster, 2, "rolled", **size))
        wait_for("the update is through", rolled, 240, explain=cluster.explain)
        wait_for("the old tasks are gone", lambda: len(balancer.health(group)) == count, 60)
        traffic.shares()
        wait_for("the new tasks answer", lambda: traffic.count > 100, 20)
        assert set(traffic.shares()) == {"v2"}
        lasts(traffic)
    assert traffic.failures == []


def test_changes_of_targets_and_listeners_lose_nothing(cluster: Cluster, balancer: Balancer) -> None:
    """Targets come and go by the API; rules and listeners, by which HAProxy is loaded anew under the traffic."""
    group = balancer.group(delay=1)
    listener = balancer.listen(8097, group)
    definition = version(cluster, 1, "changed")
    tasks = [cluster.run(definition) for _ in range(4)]
    targets = [
        {"Id": address(cluster.wait_for_status(task["taskArn"], "RUNNING")), "Port": 80} for task in tasks]
    balancer.elb.register_targets(TargetGroupArn=group, Targets=targets)
    balancer.wait_for_health(group, *["healthy"] * 4)
    stay, go = targets[:2], targets[2:]
    with Traffic(cluster.control_plane.host, "127.0.0.1", 8097, balancer.name) as traffic:
        wait_for("traffic flows", lambda: traffic.count > 100, 20)
        for turn in range(25 if FULL else 5):
            # Each is a change of its own: two come, two go, most before their first check.
            for target in go:
                balancer.elb.deregister_targets(TargetGroupArn=group, Targets=[target])
            wait_for("they are gone", lambda: len(balancer.health(group)) == len(stay), 20)
            for target in go:
                balancer.elb.register_targets(TargetGroupArn=group, Targets=[target])
            if turn % 4 == 3:
                balancer.wait_for_health(group, *["healthy"] * 4)
        for turn in range(20 if FULL else 3):
            balancer.elb.create_rule(
                ListenerArn=listener, Priority=turn + 1, Conditions=[{"Field": "path-pattern", "Values": [f"/{turn}"]}],
                Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "fixed"}}])
            wait_for("the rule counts", lambda turn=turn: balancer.ask(8097, f"/{turn}") == "fixed", 20)
        for port in (8098, 8099):
            balancer.listen(port, group)
            wait_for("the new listener answers", lambda port=port: balancer.ask(port) == "v1\n", 20)
        balancer.elb.modify_listener(ListenerArn=listener, DefaultActions=[{
            "Type": "forward", "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
                "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60}}}])
        before = traffic.total
        wait_for("traffic flows on", lambda: traffic.total > before + 200, 20)
        lasts(traffic)
    assert traffic.failures == []


def test_a_killed_host_fails_only_what_it_had_under_way(switch: Switch, archive: Path) -> None:
    with clean_hosts(switch, 2) as hosts:
        fleet = Fleet(hosts, archive, "halved", "--own-lost-after", "5")
        for host in hosts:
            fleet.join(host, "--cluster", "halved")
        fleet.wait_for_instances(2)
        cluster, balancer = fleet.cluster, Balancer.make(fleet.control_plane)
        group = balancer.group()
        balancer.listen(8090, group)
        definition = version(cluster, 1, "halved")
        service = cluster.serve(definition, 4, launchType="EC2", loadBalancers=behind(group))
        tasks = cluster.wait_for_running(service, 4)
        balancer.wait_for_health(group, *["healthy"] * 4)
        gone = fleet.agents[1]
        lost = {address(task) for task in tasks if fleet.agent_of(task) is gone}
        assert len(lost) == 2
        with Traffic(hosts[0], "127.0.0.1", 8090, balancer.name) as traffic:
            wait_for("traffic flows", lambda: traffic.count > 300, 20)
            for each in gone.host.own_processes():
                kill9(each.pid)
            wait_for(
                "others took over", lambda: sorted(balancer.health(group).values()) == ["healthy"] * 4
                and not lost & set(balancer.health(group)), 120, explain=fleet.explain)
            before = traffic.total
            wait_for("traffic flows on", lambda: traffic.total > before + 200, 20)
            lasts(traffic)
        # Each connection had one request under way at most.
        assert len(traffic.failures) <= len(traffic.threads), traffic.failures
        cluster.clear()
        fleet.down()


def test_kills_lose_nothing(host: Host, archive: Any) -> None:
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    cluster = Cluster(control_plane, "killed")
    balancer = Balancer.make(control_plane)
    group = balancer.group()
    balancer.listen(8090, group)
    service = cluster.serve(version(cluster, 1, "killed"), 2, loadBalancers=behind(group))
    cluster.wait_for_running(service, 2)
    balancer.wait_for_health(group, "healthy", "healthy")
    with Traffic(host, "127.0.0.1", 8090, balancer.name) as traffic:
        wait_for("traffic flows", lambda: traffic.count > 100, 20)
        control_plane.program.kill9()
        before = traffic.count
        wait_for("traffic flows without a control plane", lambda: traffic.count > before + (20_000 if FULL else 200), 40)
        control_plane.restart()
        balancer.wait_for_health(group, "healthy", "healthy")
        # It is the same HAProxy that the new process steers.
        cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=3)
        cluster.wait_for_running(service, 3)
        balancer.wait_for_health(group, *["healthy"] * 3)
        before = traffic.count
        wait_for("traffic flows on", lambda: traffic.count > before + 100, 20)
        lasts(traffic)
    assert traffic.failures == []
    # The other way round: a new HAProxy serves what the old one did.
    old = [each.pid for each in host.own_processes() if each.command.startswith("/usr/sbin/haproxy")]
    assert old
    for pid in old:
        kill9(pid)
    wait_for("a new HAProxy answers", lambda: balancer.ask(8090) == "v1\n", 30, explain=control_plane.program.tail)
    cluster.clear()
    control_plane.down()
    assert host.shell("ip -brief address show dev lo").stdout.count("10.98.") == 0
    assert [each.command for each in host.own_processes()] == []


ADVANCED = [
    f"loadBalancers[].advancedConfiguration.{member}"
    for member in ("alternateTargetGroupArn", "productionListenerRule", "testListenerRule")]


@pytest.mark.effect(*(f"CreateService.{member}" for member in ADVANCED))
def test_traffic_shifts_with_the_weights(cluster: Cluster, balancer: Balancer) -> None:
    blue, green = balancer.group(), balancer.group()
    production = balancer.listen(8093, blue)
    test = balancer.listen(8094, blue)
    service = cluster.serve(
        version(cluster, 1, "shifted"), 1,
        loadBalancers=shift(balancer, blue, green, default_rule(balancer, production), default_rule(balancer, test)),
        deploymentConfiguration={
            "strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 1},
            "bakeTimeInMinutes": 0,
            "lifecycleHooks": [
                {"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}]})
    cluster.wait_for_running(service, 1)
    balancer.wait_for_health(blue, "healthy")
    host = cluster.control_plane.host

    def newest() -> dict[str, Any]:
        arn = cluster.service(service)["currentServiceDeployment"]
        return cluster.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]

    def answer_pause() -> bool:
        found = newest()
        for hook in found.get("lifecycleHookDetails", []):
            if hook["status"] == "AWAITING_ACTION":
                cluster.ecs.continue_service_deployment(
                    serviceDeploymentArn=found["serviceDeploymentArn"], hookId=hook["hookId"])
                return True
        return False

    with Traffic(host, "127.0.0.1", 8093, balancer.name) as traffic:
        cluster.ecs.update_service(
            cluster=cluster.name, service=service, taskDefinition=version(cluster, 2, "shifted"))
        wait_for(
            "the test listener goes to the new revision", lambda: balancer.ask(8094) == "v2\n", 60,
            explain=cluster.explain)
        traffic.shares()
        wait_for("traffic flows", lambda: traffic.count > 200, 20)
        assert set(traffic.shares()) == {"v1"}
        wait_for("the hook is answered", answer_pause, 30, explain=cluster.explain)

        def canary() -> bool:
            traffic.shares()
            wait_for("traffic flows", lambda: traffic.count > 50, 20)
            return set(traffic.shares()) == {"v1", "v2"}

        wait_for("the canary gets traffic", canary, 30, explain=cluster.explain)
        traffic.shares()
        wait_for("traffic flows", lambda: traffic.count > 4000, 55)
        seen = traffic.shares()
        assert abs(100 * seen["v2"] / seen.total() - 20) < 2, seen

        def moved() -> bool:
            traffic.shares()
            wait_for("traffic flows", lambda: traffic.count > 50, 20)
            return set(traffic.shares()) == {"v2"}

        wait_for("all traffic has moved", moved, 90, explain=cluster.explain)
        wait_for("the deployment is done", lambda: newest()["status"] == "SUCCESSFUL", 60, explain=cluster.explain)
        wait_for("the old group is empty", lambda: balancer.health(blue) == {}, 30, explain=cluster.explain)
    assert traffic.failures == []
    assert list(balancer.health(green).values()) == ["healthy"]


@pytest.mark.effect(*(f"UpdateService.{member}" for member in ADVANCED))
def test_a_service_begins_to_shift_its_traffic(cluster: Cluster, balancer: Balancer) -> None:
    blue, green = balancer.group(), balancer.group()
    production, test = balancer.listen(8095, blue), balancer.listen(8096, blue)
    service = cluster.serve(version(cluster, 1, "begun"), 1, loadBalancers=behind(blue))
    cluster.wait_for_running(service, 1)
    balancer.wait_for_health(blue, "healthy")
    cluster.wait_for_event(service, "deployment completed")
    with Traffic(cluster.control_plane.host, "127.0.0.1", 8095, balancer.name) as traffic:
        wait_for("traffic flows", lambda: traffic.count > 50, 20)
        cluster.ecs.update_service(
            cluster=cluster.name, service=service, taskDefinition=version(cluster, 2, "begun"),
            loadBalancers=shift(
                balancer, blue, green, default_rule(balancer, production), default_rule(balancer, test)),
            deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0})
        wait_for("the old group is empty", lambda: balancer.health(blue) == {}, 90, explain=cluster.explain)
        traffic.shares()
        wait_for("traffic flows on", lambda: traffic.count > 50, 20)
        assert set(traffic.shares()) == {"v2"}
    assert traffic.failures == []
    assert balancer.ask(8096) == "v2\n"
    assert list(balancer.health(green).values()) == ["healthy"]
