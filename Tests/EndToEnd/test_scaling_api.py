"""The API of Application Auto Scaling, from boto3: every operation that is built, and the errors clients match on."""

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from harness.berth import ControlPlane
from harness.waiting import wait_for

NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"
CPU: dict[str, Any] = {
    "TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}
STEPS: dict[str, Any] = {
    "AdjustmentType": "ChangeInCapacity", "Cooldown": 60, "MetricAggregationType": "Maximum",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}]}
numbers = itertools.count(1)


class Scaling:
    """A service to scale, which runs nothing for it has no host."""

    def __init__(self, server: ControlPlane, name: str) -> None:
        self.ecs = server.client("ecs")
        self.api = server.client("application-autoscaling")
        self.name = name
        self.ecs.create_cluster(clusterName=name)
        self.ecs.register_task_definition(
            family=name, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
            containerDefinitions=[{"name": "web", "image": "none", "essential": True}])
        self.resource = self.serve("web")
        self.target = {"ServiceNamespace": NAMESPACE, "ResourceId": self.resource, "ScalableDimension": DIMENSION}

    def serve(self, service: str, **more: Any) -> str:
        settings: dict[str, Any] = {
            "desiredCount": 2, "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}} | more
        self.ecs.create_service(
            cluster=self.name, serviceName=service, taskDefinition=self.name,
            **{key: value for key, value in settings.items() if value is not None})
        return f"service/{self.name}/{service}"

    def serve_on_hosts(self, service: str) -> str:
        """One task on every host."""
        self.ecs.register_task_definition(
            family=service, containerDefinitions=[{"name": "web", "image": "none", "essential": True, "memory": 64}])
        self.ecs.create_service(
            cluster=self.name, serviceName=service, taskDefinition=service, launchType="EC2", schedulingStrategy="DAEMON")
        return f"service/{self.name}/{service}"

    def register(self, **more: Any) -> str:
        return self.api.register_scalable_target(**self.target, **more)["ScalableTargetARN"]

    def policy(self, name: str, config: dict[str, Any], kind: str = "TargetTrackingScaling", **more: Any) -> dict[str, Any]:
        given = {f"{kind}PolicyConfiguration": config} | more
        return self.api.put_scaling_policy(**self.target, PolicyName=name, PolicyType=kind, **given)

    def action(self, name: str, schedule: str, **more: Any) -> None:
        given = {"ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 4}} | more
        self.api.put_scheduled_action(**self.target, ScheduledActionName=name, Schedule=schedule, **given)

    def refused(self, operation: str, **request: Any) -> tuple[str, str]:
        with pytest.raises(self.api.exceptions.ClientError) as caught:
            getattr(self.api, operation)(**(self.target | request))
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


@pytest.fixture
def scaling(server: ControlPlane) -> Iterator[Scaling]:
    scaling = Scaling(server, f"scaled-{next(numbers)}")
    yield scaling
    for arn in scaling.ecs.list_services(cluster=scaling.name)["serviceArns"]:
        scaling.ecs.delete_service(cluster=scaling.name, service=arn, force=True)


def test_a_target_is_registered_changed_listed_and_gone(scaling: Scaling) -> None:
    api = scaling.api
    code, message = scaling.refused("register_scalable_target", MinCapacity=1)
    assert code == "ValidationException" and "MaxCapacity" in message
    arn = scaling.register(MinCapacity=1, MaxCapacity=5, Tags={"team": "shop"})
    assert arn.startswith("arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/")
    assert scaling.register(MaxCapacity=8, SuspendedState={"DynamicScalingInSuspended": True}) == arn
    (target,) = api.describe_scalable_targets(
        ServiceNamespace=NAMESPACE, ResourceIds=[scaling.resource], ScalableDimension=DIMENSION)["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"], target["ScalableTargetARN"]) == (1, 8, arn)
    assert "AWSServiceRoleForApplicationAutoScaling_ECSService" in target["RoleARN"]
    assert target["SuspendedState"] == {
        "DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}
    assert "below" not in scaling.refused("register_scalable_target", MinCapacity=9)[1]

    assert api.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "shop"}
    api.tag_resource(ResourceARN=arn, Tags={"team": "ops", "tier": "1"})
    api.untag_resource(ResourceARN=arn, TagKeys=["tier"])
    assert api.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "ops"}
    with pytest.raises(api.exceptions.ResourceNotFoundException):
        api.list_tags_for_resource(ResourceARN=arn + "0")
    with pytest.raises(api.exceptions.TooManyTagsException):
        api.tag_resource(ResourceARN=arn, Tags={f"k{number}": "v" for number in range(50)})

    api.deregister_scalable_target(**scaling.target)
    code, message = scaling.refused("deregister_scalable_target")
    assert code == "ObjectNotFoundException"
    assert message == (f"No scalable target registered for service namespace: ecs, resource ID: {scaling.resource}, "
                       f"scalable dimension: {DIMENSION}")


def test_only_services_that_are_there_are_scaled(scaling: Scaling) -> None:
    bounds = {"MinCapacity": 1, "MaxCapacity": 2}
    missing = f"service/{scaling.name}/none"
    assert scaling.refused("register_scalable_target", ResourceId=missing, **bounds) == (
        "ValidationException", f"ECS service doesn't exist: {missing}")
    assert scaling.refused("register_scalable_target", ResourceId="web", **bounds)[0] == "ValidationException"
    code, message = scaling.refused(
        "register_scalable_target", ServiceNamespace="dynamodb", ResourceId="table/a",
        ScalableDimension="dynamodb:table:ReadCapacityUnits", **bounds)
    assert code == "ValidationException" and "Unsupported service namespace 'dynamodb'" in message
    assert scaling.refused("register_scalable_target", MinCapacity=3, MaxCapacity=2) == (
        "ValidationException", "Maximum capacity cannot be less than minimum capacity")
    assert scaling.refused("register_scalable_target", MinCapacity=-1, MaxCapacity=2)[0] == "ValidationException"
    daemon = scaling.serve_on_hosts("agent")
    code, message = scaling.refused("register_scalable_target", ResourceId=daemon, **bounds)
    assert code == "ValidationException" and "DAEMON" in message


def test_target_tracking_makes_two_alarms_that_go_with_it(scaling: Scaling) -> None:
    api = scaling.api
    assert scaling.refused("put_scaling_policy", PolicyName="cpu", PolicyType="TargetTrackingScaling",
                           TargetTrackingScalingPolicyConfiguration=CPU)[0] == "ObjectNotFoundException"
    scaling.register(MinCapacity=1, MaxCapacity=5)
    made = scaling.policy("cpu", CPU)
    assert ":scalingPolicy:" in made["PolicyARN"]
    assert made["PolicyARN"].endswith(f":resource/ecs/{scaling.resource}:policyName/cpu")
    names = [alarm["AlarmName"] for alarm in made["Alarms"]]
    assert names[0].startswith(f"TargetTracking-{scaling.resource}-AlarmHigh-")
    assert names[1].startswith(f"TargetTracking-{scaling.resource}-AlarmLow-")
    again = scaling.policy("cpu", CPU | {"TargetValue": 60.0, "ScaleInCooldown": 30, "ScaleOutCooldown": 10})
    assert again["PolicyARN"] == made["PolicyARN"] and again["Alarms"] == made["Alarms"]
    (policy,) = api.describe_scaling_policies(ServiceNamespace=NAMESPACE, ResourceId=scaling.resource)["ScalingPolicies"]
    assert policy["Alarms"] == made["Alarms"] and policy["PolicyType"] == "TargetTrackingScaling"
    assert policy["TargetTrackingScalingPolicyConfiguration"] == CPU | {
        "TargetValue": 60.0, "ScaleInCooldown": 30, "ScaleOutCooldown": 10, "DisableScaleIn": False}
    only_out = scaling.policy("cpu", CPU | {"DisableScaleIn": True})
    assert only_out["Alarms"] == made["Alarms"][:1]
    code, message = scaling.refused(
        "put_scaling_policy", PolicyName="other", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=CPU)
    assert (code, message) == (
        "ValidationException", "Only one TargetTrackingScaling policy for a given metric specification is allowed.")
    api.delete_scaling_policy(**scaling.target, PolicyName="cpu")
    assert scaling.refused("delete_scaling_policy", PolicyName="cpu")[0] == "ObjectNotFoundException"


def test_customized_metrics_and_metric_math_are_kept(scaling: Scaling) -> None:
    scaling.register(MinCapacity=1, MaxCapacity=5)
    own = {"TargetValue": 5.5, "DisableScaleIn": False, "CustomizedMetricSpecification": {
        "MetricName": "Depth", "Namespace": "Shop", "Statistic": "Sum", "Unit": "Count",
        "Dimensions": [{"Name": "Queue", "Value": "a"}]}}
    scaling.policy("own", own)
    stat = {"Metric": {"MetricName": "Depth", "Namespace": "Shop", "Dimensions": [{"Name": "Queue", "Value": "a"}]},
            "Stat": "Sum"}
    math = {"TargetValue": 100.0, "DisableScaleIn": False, "CustomizedMetricSpecification": {"Metrics": [
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        {"Id": "e1", "Expression": "m1 / 2", "Label": "half", "ReturnData": True}]}}
    scaling.policy("math", math)
    shown = scaling.api.describe_scaling_policies(
        ServiceNamespace=NAMESPACE, ResourceId=scaling.resource, PolicyNames=["math", "own"])["ScalingPolicies"]
    assert [each["TargetTrackingScalingPolicyConfiguration"] for each in shown] == [math, own]


@pytest.mark.parametrize("change, word", [
    ({"TargetValue": 0.0}, "TargetValue"),
    ({"PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}}, "namespace ecs"),
    ({"PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget"}}, "ResourceLabel"),
    ({"PredefinedMetricSpecification": {
        "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": "app/a/1/targetgroup/b/2"}}, "target group"),
    ({"ScaleInCooldown": -1}, "ScaleInCooldown"),
    ({"CustomizedMetricSpecification": {"MetricName": "a"}}, "Exactly one"),
])
def test_target_tracking_that_means_nothing_is_refused(scaling: Scaling, change: dict[str, Any], word: str) -> None:
    scaling.register(MinCapacity=1, MaxCapacity=5)
    code, message = scaling.refused(
        "put_scaling_policy", PolicyName="p", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=CPU | change)
    assert code == "ValidationException" and word in message, message


def test_step_scaling_is_kept_and_checked(scaling: Scaling) -> None:
    scaling.register(MinCapacity=1, MaxCapacity=5)
    made = scaling.policy("steps", STEPS, "StepScaling")
    assert made["Alarms"] == []
    (policy,) = scaling.api.describe_scaling_policies(
        ServiceNamespace=NAMESPACE, ResourceId=scaling.resource)["ScalingPolicies"]
    assert policy["StepScalingPolicyConfiguration"] == STEPS and policy["PolicyARN"] == made["PolicyARN"]
    gap = STEPS | {"StepAdjustments": [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 1.0, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 2.0, "ScalingAdjustment": 2}]}
    code, message = scaling.refused(
        "put_scaling_policy", PolicyName="gap", PolicyType="StepScaling", StepScalingPolicyConfiguration=gap)
    assert code == "ValidationException" and "gap" in message
    code, message = scaling.refused(
        "put_scaling_policy", PolicyName="future", PolicyType="PredictiveScaling",
        PredictiveScalingPolicyConfiguration={"MetricSpecifications": [{"TargetValue": 1.0}]})
    assert code == "UnsupportedFeatureException" and "not built" in message
    now = datetime.datetime.now(datetime.timezone.utc)
    code, _ = scaling.refused(
        "get_predictive_scaling_forecast", PolicyName="steps", StartTime=now, EndTime=now + datetime.timedelta(hours=1))
    assert code == "UnsupportedFeatureException"


def test_scheduled_actions_are_made_changed_listed_and_gone(scaling: Scaling) -> None:
    api = scaling.api
    scaling.register(MinCapacity=1, MaxCapacity=5)
    scaling.action("morning", "cron(0 8 ? * MON-FRI *)", Timezone="Europe/Berlin")
    scaling.action("once", "at(2099-01-01T00:00:00)")
    end = datetime.datetime(2098, 1, 1, tzinfo=datetime.timezone.utc)
    scaling.action("often", "rate(5 minutes)", EndTime=end)
    api.put_scheduled_action(
        **scaling.target, ScheduledActionName="morning", ScalableTargetAction={"MinCapacity": 3})
    shown = api.describe_scheduled_actions(
        ServiceNamespace=NAMESPACE, ResourceId=scaling.resource, ScheduledActionNames=["morning", "often"])
    morning, often = shown["ScheduledActions"]
    assert morning["Schedule"] == "cron(0 8 ? * MON-FRI *)" and morning["Timezone"] == "Europe/Berlin"
    assert morning["ScalableTargetAction"] == {"MinCapacity": 3}
    assert morning["ScheduledActionARN"].endswith(f":resource/ecs/{scaling.resource}:scheduledActionName/morning")
    assert often["EndTime"] == end
    for schedule, more, word in [
        ("at(2020-01-01T00:00:00)", {}, "no time in the future"), ("daily", {}, "not valid"),
        ("rate(1 hour)", {"Timezone": "Mars/Olympus"}, "Timezone"),
        ("rate(1 hour)", {"StartTime": end, "EndTime": end}, "EndTime"),
        ("rate(1 hour)", {"ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 2}}, "Maximum capacity"),
        ("rate(1 hour)", {"ScalableTargetAction": {}}, "ScalableTargetAction"),
    ]:
        given = {"ScalableTargetAction": {"MinCapacity": 1}} | more
        code, message = scaling.refused(
            "put_scheduled_action", ScheduledActionName="bad", Schedule=schedule, **given)
        assert code == "ValidationException" and word in message, message
    api.delete_scheduled_action(**scaling.target, ScheduledActionName="once")
    assert scaling.refused("delete_scheduled_action", ScheduledActionName="once")[0] == "ObjectNotFoundException"


def test_lists_have_pages(scaling: Scaling) -> None:
    scaling.register(MinCapacity=1, MaxCapacity=5)
    for number in range(3):
        scaling.policy(f"p{number}", STEPS, "StepScaling")
        scaling.action(f"a{number}", "rate(5 minutes)")
    named = {"ServiceNamespace": NAMESPACE, "ResourceId": scaling.resource, "PaginationConfig": {"PageSize": 2}}
    policies = scaling.api.pages("describe_scaling_policies", **named)
    assert [len(page["ScalingPolicies"]) for page in policies] == [2, 1]
    actions = scaling.api.pages("describe_scheduled_actions", **named)
    assert [len(page["ScheduledActions"]) for page in actions] == [2, 1]
    assert scaling.api.pages("describe_scaling_activities", **named)
    assert scaling.api.pages("describe_scalable_targets", ServiceNamespace=NAMESPACE)
    with pytest.raises(scaling.api.exceptions.InvalidNextTokenException):
        scaling.api.describe_scaling_policies(ServiceNamespace=NAMESPACE, NextToken="made-up")
    with pytest.raises(scaling.api.exceptions.ValidationException):
        scaling.api.describe_scaling_policies(ServiceNamespace=NAMESPACE, MaxResults=51)


def test_there_are_at_most_fifty_policies(scaling: Scaling) -> None:
    scaling.register(MinCapacity=1, MaxCapacity=5)
    for number in range(50):
        scaling.policy(f"p{number}", STEPS, "StepScaling")
    scaling.policy("p0", STEPS, "StepScaling")
    assert scaling.refused("put_scaling_policy", PolicyName="more", PolicyType="StepScaling",
                           StepScalingPolicyConfiguration=STEPS)[0] == "LimitExceededException"


def test_bounds_move_the_count_and_all_goes_with_the_service(scaling: Scaling) -> None:
    api, ecs = scaling.api, scaling.ecs
    scaling.register(MinCapacity=4, MaxCapacity=5)

    def count() -> int:
        return ecs.describe_services(cluster=scaling.name, services=["web"])["services"][0]["desiredCount"]

    wait_for("the minimum counts", lambda: count() == 4, 20)
    (activity,) = api.describe_scaling_activities(
        ServiceNamespace=NAMESPACE, ResourceId=scaling.resource)["ScalingActivities"]
    assert activity["Description"] == "Setting desired count to 4."
    assert activity["Cause"] == "minimum capacity was set to 4" and activity["StatusCode"] == "InProgress"
    scaling.register(MinCapacity=1, MaxCapacity=3)
    wait_for("the maximum counts", lambda: count() == 3, 20)
    newest, oldest = api.describe_scaling_activities(
        ServiceNamespace=NAMESPACE, ResourceId=scaling.resource)["ScalingActivities"]
    assert newest["Cause"] == "maximum capacity was set to 3" and oldest["StatusCode"] == "Overridden"
    assert oldest["StatusMessage"] == "Successfully set desired count to 4. Found it was later changed to 3."
    scaling.policy("cpu", CPU)
    ecs.delete_service(cluster=scaling.name, service="web", force=True)
    wait_for("the target is gone with its service", lambda: not api.describe_scalable_targets(
        ServiceNamespace=NAMESPACE, ResourceIds=[scaling.resource])["ScalableTargets"], 30)
    assert not api.describe_scaling_policies(ServiceNamespace=NAMESPACE, ResourceId=scaling.resource)["ScalingPolicies"]
