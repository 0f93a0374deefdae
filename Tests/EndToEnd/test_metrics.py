"""Metrics of real tasks and real traffic: what they are, where they show, and that they outlive a kill."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harness.balancing import Balancer, behind
from harness.berth import ControlPlane
from harness.cluster import Cluster, container
from harness.host import Host
from harness.waiting import wait_for

BURN = "while :; do :; done"
PAGE = "mkdir -p /tmp/www && echo hello > /tmp/www/index.html && exec httpd -f -p 80 -h /tmp/www"
REQUESTS = 137


def statistic(
    control_plane: ControlPlane, namespace: str, name: str, statistic: str, **dimensions: str
) -> list[float]:
    """The minutes of the last quarter of an hour, oldest first."""
    stat: dict[str, Any] = {
        "Metric": {"Namespace": namespace, "MetricName": name,
                   "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()]},
        "Period": 60, "Stat": statistic}
    now = datetime.now(UTC)
    answer = control_plane.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": stat}], StartTime=now - timedelta(minutes=15),
        EndTime=now + timedelta(minutes=1), ScanBy="TimestampAscending")
    return answer["MetricDataResults"][0]["Values"]


def scraped(control_plane: ControlPlane, name: str, *labels: str) -> float | None:
    """The value of a sample of Prometheus' page whose labels hold all these."""
    done = control_plane.host.run("curl", "--silent", "--fail", f"{control_plane.keys.endpoint}/metrics")
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        found = re.fullmatch(rf"{name}(?:{{(.*)}})? (\S+)", line)
        if found and all(label in (found[1] or "") for label in labels):
            return float(found[2])
    return None


def test_use_and_traffic_are_told_exactly_and_survive_a_kill(host: Host, archive: Path) -> None:
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    cluster = Cluster(control_plane, "measured", settings=[{"name": "containerInsights", "value": "enabled"}])
    busy = cluster.serve(cluster.register(container(script=BURN)), 1)
    balancer = Balancer.make(control_plane)
    group = balancer.group()
    balancer.listen(8095, group)
    service = cluster.serve(
        cluster.register(container(script=PAGE, portMappings=[{"containerPort": 80}])), 1, loadBalancers=behind(group))
    cluster.wait_for_running(service, 1)
    cluster.wait_for_running(busy, 1)
    balancer.wait_for_health(group, "healthy")
    for _ in range(REQUESTS // 2):
        balancer.ask(8095)

    # A quarter of a processor is its hard limit, and it uses all of it.
    def burns() -> bool:
        told = scraped(control_plane, "aws_ecs_cpu_utilization_average", f'service_name="{busy}"')
        return told is not None and 60 < told < 110

    wait_for("the busy service's use is told", burns, 40, explain=cluster.explain)
    assert scraped(control_plane, "ecs_container_insights_running_task_count_average", f'service_name="{busy}"') == 1
    assert scraped(control_plane, "berth_agents_connected") == 1

    # What was recorded and what was counted while nobody looked are both there after a kill.
    before = statistic(control_plane, "AWS/ECS", "CPUUtilization", "Maximum", ClusterName="measured", ServiceName=busy)
    control_plane.program.kill9()
    for _ in range(REQUESTS - REQUESTS // 2):
        balancer.ask(8095)
    control_plane.restart()
    after = statistic(control_plane, "AWS/ECS", "CPUUtilization", "Maximum", ClusterName="measured", ServiceName=busy)
    # The minute that it was killed in may have grown since.
    assert before and len(after) >= len(before)
    assert all(new >= old for new, old in zip(after, before, strict=False)), (before, after)
    assert max(before) > 60
    name = "/".join(balancer.arn.split("/")[1:])

    def counted() -> list[float]:
        return statistic(control_plane, "AWS/ApplicationELB", "RequestCount", "Sum", LoadBalancer=name)

    wait_for("every request is counted", lambda: sum(counted()) >= REQUESTS, 30, explain=lambda: str(counted()))
    assert sum(counted()) == REQUESTS
    answers = statistic(
        control_plane, "AWS/ApplicationELB", "HTTPCode_Target_2XX_Count", "Sum", LoadBalancer=name)
    assert sum(answers) == REQUESTS
    times = statistic(control_plane, "AWS/ApplicationELB", "TargetResponseTime", "p99", LoadBalancer=name)
    assert times and all(0 <= value < 5 for value in times)
    control_plane.down()
