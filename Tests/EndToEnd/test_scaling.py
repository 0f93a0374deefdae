"""Services follow their load: wrk, real containers, and a control plane that is killed in between."""

import datetime
import json
import re
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.balancing import Balancer, behind
from harness.berth import ControlPlane
from harness.cluster import SLEEP, Cluster, container
from harness.host import Host, clean_hosts
from harness.namespaces import Switch
from harness.processes import Program
from harness.waiting import wait_for

pytestmark = pytest.mark.alone

DIMENSION = "ecs:service:DesiredCount"
# One connection asks twenty times a second, so that four of them fill eight tasks of six hundred requests a minute.
PACE = "function delay() return 50 end\n"


class Scaled:
    """A service with a scalable target."""

    def __init__(self, cluster: Cluster, service: str, least: int, most: int) -> None:
        self.cluster, self.service = cluster, service
        self.api = cluster.control_plane.client("application-autoscaling")
        self.target = {
            "ServiceNamespace": "ecs", "ResourceId": f"service/{cluster.name}/{service}", "ScalableDimension": DIMENSION}
        self.api.register_scalable_target(**self.target, MinCapacity=least, MaxCapacity=most)

    def track(self, name: str, target: float, **metric: str) -> None:
        self.api.put_scaling_policy(
            **self.target, PolicyName=name, PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": target, "PredefinedMetricSpecification": metric, "ScaleOutCooldown": 10,
                "ScaleInCooldown": 1})

    @property
    def activities(self) -> list[dict[str, Any]]:
        """The newest first, those that scaled nothing too."""
        return self.api.describe_scaling_activities(
            ServiceNamespace="ecs", ResourceId=self.target["ResourceId"],
            IncludeNotScaledActivities=True)["ScalingActivities"]

    def of(self, description: str) -> list[dict[str, Any]]:
        """The activities that did this, or tried to."""
        return [each for each in self.activities if each["Description"] == description]

    def reasons(self, code: str) -> list[dict[str, Any]]:
        """Why nothing was scaled, where that is the reason."""
        return [reason for each in self.activities for reason in each.get("NotScaledReasons", [])
                if reason["Code"] == code]

    def alarm(self, kind: str) -> dict[str, Any]:
        """The policy's own alarm of this kind, AlarmHigh or AlarmLow."""
        alarms = self.cluster.control_plane.client("cloudwatch").describe_alarms(
            AlarmNamePrefix=f"TargetTracking-{self.target['ResourceId']}-{kind}-")["MetricAlarms"]
        return alarms[0]

    @property
    def desired(self) -> int:
        return self.cluster.service(self.service)["desiredCount"]

    def explain(self) -> str:
        lines = [f"{each['StartTime']:%H:%M:%S} {each['Description']} {each['StatusCode']} {each['Cause']} "
                 f"{each.get('NotScaledReasons', '')}" for each in self.activities]
        alarms = self.cluster.control_plane.client("cloudwatch").describe_alarms()["MetricAlarms"]
        lines += [f"{each['AlarmName']} {each['StateValue']} {each['StateReason']}" for each in alarms]
        return self.cluster.explain() + "\n" + "\n".join(lines)

    def wait_for(self, what: str, condition: Callable[[], Any], deadline: float) -> Any:
        return wait_for(what, condition, deadline, explain=self.explain)


@pytest.fixture(scope="module")
def quick(switch: Switch, archive: Path) -> Iterator[ControlPlane]:
    """`berth up` whose target tracking looks at each second of requests, and at ten seconds of everything else."""
    with clean_hosts(switch, 1) as (host,):
        control_plane = ControlPlane(host, "--scaling-period", "1").ready()
        control_plane.must("image", "import", str(archive))
        yield control_plane
        control_plane.down()


@pytest.fixture
def own(quick: ControlPlane) -> Cluster:
    return Cluster(quick, f"scaling-{time.monotonic_ns() % 1_000_000}")


def wrk(host: Host, name: str, port: int, seconds: int) -> Program:
    """Asks for a name as browsers do, which take it to loopback: wrk asks a resolver, and there is none."""
    script = host.directory / "pace.lua"
    script.write_text(PACE)
    return host.start(
        "wrk", "--threads", "1", "--connections", "4", "--duration", f"{seconds}s", "--script", str(script),
        "--header", f"Host: {name}", f"http://127.0.0.1:{port}/",
        name=f"wrk-{len(host.programs)}")


def simulated(control_plane: ControlPlane, policy: dict[str, Any], *options: str) -> tuple[list[list[str]], str]:
    """What `berth simulate-scaling` says of the policy between two and six tasks: its table's rows, and all of it."""
    file = control_plane.host.directory / "policy.json"
    file.write_text(json.dumps({"MinCapacity": 2, "MaxCapacity": 6, "PolicyName": "tried"} | policy))
    text = control_plane.must("simulate-scaling", "--policy", str(file), *options)
    return [re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if re.match(r"\s+\d+:\d\d ", line)], text


def tracking(target: float, **metric: str) -> dict[str, Any]:
    return {"TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": target, "PredefinedMetricSpecification": metric}}


def test_a_policy_is_tried_on_a_load_before_it_is_put(quick: ControlPlane) -> None:
    load, picture = quick.host.directory / "load.csv", quick.host.directory / "load.svg"
    # Ten quiet minutes, ten of twice as much as two tasks shall carry, and quiet again.
    minutes = [500] * 10 + [2000] * 10 + [500] * 30
    load.write_text("".join(f"{60 * number},{value}\n" for number, value in enumerate(minutes)))
    rows, text = simulated(
        quick, tracking(50, PredefinedMetricType="ECSServiceAverageCPUUtilization"), "--load", str(load),
        "--task-capacity", "1000", "--svg", str(picture), "--cpu", "1024", "--memory", "2048")
    changes = {row[0]: (row[3], row[4], row[-1]) for row in rows if "triggered" in row[-1]}
    # Three minutes of twice the target; a minute later they run. Fifteen minutes of a quarter of it, and they go.
    high, low = (f"monitor alarm Alarm{way} in state ALARM triggered policy tried" for way in ("High", "Low"))
    assert changes == {"0:13": ("4", "2", high), "0:35": ("2", "4", low)}
    assert "50 minutes, 2 changes, 4 tasks at most.\nAbove the target in 3 of 50 minutes (6 %).\n" in text
    # Two tasks for 13 and 15 minutes, four for 22, at Fargate's prices of a vCPU and of two GB.
    hours = (2 * 13 + 4 * 22 + 2 * 15) / 60
    assert f"{hours:.1f} task-hours of 1024 CPU units and 2048 MiB: USD Fargate {hours * 0.04937:.4f}" in text
    drawn = ElementTree.parse(picture).getroot()
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    lines = drawn.findall("{*}polyline")
    # Load and metric, a place for each minute; desired and running, which turn corners.
    assert [len(line.attrib["points"].split()) for line in lines[:2]] == [50, 50] and len(lines) == 4
    assert len([each for each in drawn.findall("{*}rect") if each.get("fill-opacity")]) == 1

    wrong = quick.tool("simulate-scaling", "--policy", str(picture), "--load", str(load))
    assert wrong.returncode == 1 and "is not JSON" in wrong.stderr


class Asked(Scaled):
    """A service of at most four tasks that follows the requests of its load balancer, six hundred a minute for each."""

    def __init__(self, cluster: Cluster, port: int, count: int = 2, least: int = 2) -> None:
        self.balancer = Balancer.make(cluster.control_plane)
        group = self.balancer.group()
        self.balancer.listen(port, group)
        definition = cluster.register(container(portMappings=[{"containerPort": 80}]))
        super().__init__(cluster, cluster.serve(definition, count, loadBalancers=behind(group)), least, 4)
        cluster.wait_for_running(self.service, count)
        self.balancer.wait_for_health(group, *["healthy"] * count)
        cluster.wait_for_event(self.service, "has reached a steady state")
        self.port = port
        self.label = self.balancer.arn.split("loadbalancer/")[1] + "/" + group.rsplit(":", 1)[1]
        self.metric = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": self.label}
        self.track("requests", 600, **self.metric)


@pytest.fixture(scope="module")
def asked(quick: ControlPlane) -> Iterator[Asked]:
    asked = Asked(Cluster(quick, "scaling-asked"), 8090)
    yield asked
    asked.balancer.remove()


def test_a_service_follows_its_requests_up_and_down(quick: ControlPlane, asked: Asked) -> None:
    scaled, own, service = asked, asked.cluster, asked.service
    load = wrk(quick.host, asked.balancer.name, asked.port, 120)
    scaled.wait_for("the load was seen", lambda: scaled.desired == 4, 60)
    # What decides is on disk: a kill changes nothing.
    quick.program.kill9()
    quick.restart()
    own.wait_for_running(service, 4, 60)
    out, = scaled.wait_for("the activity ended", lambda: [
        each for each in scaled.of("Setting desired count to 4.") if each["StatusCode"] == "Successful"], 60)
    assert "AlarmHigh" in out["Cause"] and out["Cause"].endswith("in state ALARM triggered policy requests")
    assert out["StatusMessage"] == "Successfully set desired count to 4. Change successfully fulfilled by ecs."
    # Four are too few for this load, and there may be no more: that is told once.
    most = scaled.wait_for("the most is said", lambda: scaled.reasons("AlreadyAtMaxCapacity"), 30)
    assert most == [{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 4}]

    load.interrupt()
    scaled.wait_for("the rest was seen", lambda: scaled.desired == 2, 60)
    own.wait_for_running(service, 2, 60)
    back, = scaled.wait_for("the activity ended", lambda: [
        each for each in scaled.of("Setting desired count to 2.") if each["StatusCode"] == "Successful"], 60)
    assert "AlarmLow" in back["Cause"] and back["Cause"].endswith("in state ALARM triggered policy requests")
    least = scaled.wait_for("the least is said", lambda: scaled.reasons("AlreadyAtMinCapacity"), 30)
    assert least == [{"Code": "AlreadyAtMinCapacity", "MinCapacity": 2}]
    # Without being asked for them, what was not scaled is not told; nothing else was scaled, up or down.
    shown = scaled.api.describe_scaling_activities(
        ServiceNamespace="ecs", ResourceId=scaled.target["ResourceId"])["ScalingActivities"]
    # The last requests may count for a while.
    done = [each["Description"] for each in shown if each["Description"] != "Setting desired count to 3."]
    assert done == ["Setting desired count to 2.", "Setting desired count to 4."]
    told = quick.client("cloudwatch").describe_alarm_history(
        AlarmName=back["Cause"].split()[2], HistoryItemType="Action")["AlarmHistoryItems"]
    assert told and told[0]["HistorySummary"].startswith("Successfully executed action arn:aws:autoscaling:")


def test_scale_in_waits_for_deployments_and_leaves_protected_tasks(quick: ControlPlane) -> None:
    own = Cluster(quick, "scaling-in")
    scaled = Asked(own, 8091, count=3, least=1)
    service = scaled.service
    # Tasks of the next revision are healthy once this page, which they ask for by name, says so.
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    gate = scaled.balancer.listen(8092, DefaultActions=[answer])
    check = {"command": ["CMD", "wget", "-q", "-O", "/dev/null", f"http://{scaled.balancer.name}:8092/"],
             "interval": 5, "timeout": 2, "retries": 10, "startPeriod": 300}
    definition = own.register(container(portMappings=[{"containerPort": 80}], healthCheck=check))
    own.ecs.update_service(cluster=own.name, service=service, taskDefinition=definition)

    def fresh() -> list[str]:
        return [task["taskArn"] for task in own.running(service) if task["taskDefinitionArn"] == definition]

    arns = scaled.wait_for("three new tasks run", lambda: len(found := fresh()) == 3 and found, 60)
    kept = sorted(arns)[:2]
    protected = own.ecs.update_task_protection(cluster=own.name, tasks=kept, protectionEnabled=True)
    assert protected["failures"] == []

    def rested() -> bool:
        """Whether the service has had far too many tasks for five seconds, of which each would be one too many."""
        low = scaled.alarm("AlarmLow")
        since = datetime.datetime.now(datetime.timezone.utc) - low["StateUpdatedTimestamp"]
        return low["StateValue"] == "ALARM" and since.total_seconds() > 5

    scaled.wait_for("nobody asks", rested, 90)
    rollouts = {each["status"]: each["rolloutState"] for each in own.service(service)["deployments"]}
    assert rollouts["PRIMARY"] == "IN_PROGRESS" and scaled.desired == 3

    answer["FixedResponseConfig"]["StatusCode"] = "200"
    scaled.balancer.elb.modify_listener(ListenerArn=gate, DefaultActions=[answer])
    scaled.wait_for("the deployment is over, and fewer are enough", lambda: scaled.desired == 1, 90)
    own.wait_for_event(service, r"unable to scale in\. Reason: The number of protected tasks")
    assert sorted(task["taskArn"] for task in own.wait_for_running(service, 2)) == kept
    own.ecs.update_task_protection(cluster=own.name, tasks=kept, protectionEnabled=False)
    own.wait_for_running(service, 1)
    own.clear()
    # Its group goes with the last load balancer's.
    scaled.balancer.elb.delete_load_balancer(LoadBalancerArn=scaled.balancer.arn)


def test_a_schedule_and_an_alarm_of_ones_own(own: Cluster) -> None:
    service = own.serve(own.register(container()), 1)
    own.wait_for_running(service, 1)
    scaled = Scaled(own, service, 1, 4)
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
    scaled.api.put_scheduled_action(
        **scaled.target, ScheduledActionName="soon", Schedule=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        ScalableTargetAction={"MinCapacity": 2})
    arn = scaled.api.put_scaling_policy(
        **scaled.target, PolicyName="steps", PolicyType="StepScaling", StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [
                {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
                {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 2}]})["PolicyARN"]
    own.wait_for_running(service, 2, 40)
    causes = [each["Cause"] for each in scaled.activities]
    assert causes.count("minimum capacity was set to 2") == 1
    assert causes.count("scheduled action name soon was triggered") == 1

    watch = own.control_plane.client("cloudwatch")
    watch.put_metric_alarm(
        AlarmName=f"depth-{own.name}", Namespace="Shop", MetricName="Depth", Statistic="Maximum", Period=10,
        EvaluationPeriods=1, Threshold=5, ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=[arn])
    policy, = scaled.api.describe_scaling_policies(
        ServiceNamespace="ecs", ResourceId=scaled.target["ResourceId"])["ScalingPolicies"]
    assert [each["AlarmName"] for each in policy["Alarms"]] == [f"depth-{own.name}"]

    def filled() -> bool:
        watch.put_metric_data(Namespace="Shop", MetricData=[
            {"MetricName": "Depth", "Value": 20.0, "StorageResolution": 1}])
        return scaled.desired == 4

    scaled.wait_for("two more, for the queue is far too long", filled, 60)
    own.wait_for_running(service, 4, 40)
    assert any(each["Cause"] == f"monitor alarm depth-{own.name} in state ALARM triggered policy steps"
               for each in scaled.activities)
    own.clear()


def test_processor_time_scales_out(own: Cluster) -> None:
    service = own.serve(own.register(container(script="while :; do :; done")), 1)
    own.wait_for_running(service, 1)
    scaled = Scaled(own, service, 1, 2)
    scaled.track("cpu", 50, PredefinedMetricType="ECSServiceAverageCPUUtilization")
    scaled.wait_for("the processors are busy", lambda: scaled.desired == 2, 90)
    own.wait_for_running(service, 2, 40)
    own.clear()


def test_memory_scales_out(own: Cluster) -> None:
    # Most of the 512 MiB that it reserves are held by one program for as long as its input does not end.
    script = "(head -c 400m /dev/zero; sleep 100000) | tail -c 400m"
    service = own.serve(own.register(container(script=script)), 1)
    own.wait_for_running(service, 1)
    scaled = Scaled(own, service, 1, 2)
    scaled.track("memory", 50, PredefinedMetricType="ECSServiceAverageMemoryUtilization")
    scaled.wait_for("the memory is full", lambda: scaled.desired == 2, 90)
    out, = scaled.of("Setting desired count to 2.")
    assert "AlarmHigh" in out["Cause"] and out["Cause"].endswith("in state ALARM triggered policy memory")
    own.clear()


def test_a_metric_of_ones_own_scales_out(own: Cluster) -> None:
    """So much work that waits: three times of what one task shall have."""
    service = own.serve(own.register(container(script=SLEEP)), 1)
    own.wait_for_running(service, 1)
    scaled = Scaled(own, service, 1, 4)
    scaled.api.put_scaling_policy(
        **scaled.target, PolicyName="backlog", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 20, "CustomizedMetricSpecification": {
                "Namespace": "Shop", "MetricName": f"Waiting-{own.name}", "Statistic": "Average"}})

    def filled() -> bool:
        own.control_plane.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[
            {"MetricName": f"Waiting-{own.name}", "Value": 60.0, "StorageResolution": 1}])
        return scaled.desired == 3

    scaled.wait_for("three times the target needs three times the tasks", filled, 90)
    own.wait_for_running(service, 3, 40)
    own.clear()


def test_a_policy_is_tried_on_what_a_service_went_through(quick: ControlPlane, asked: Asked) -> None:
    for _ in range(3):
        asked.balancer.ask(asked.port)

    def loads() -> list[float]:
        rows, text = simulated(
            quick, tracking(600, **asked.metric), "--from-history", asked.service, "10m", "--cluster",
            asked.cluster.name)
        assert "10 minutes, " in text and " of 10 minutes (" in text
        return [float(row[1]) for row in rows]

    # Whole minutes count. No more than four connections could ask for.
    seen = wait_for("a minute with requests is over", lambda: (found := loads()) and max(found) > 0 and found, 70,
                    every=1, explain=asked.explain)
    assert seen[0] == 0 and max(seen) <= 4800
