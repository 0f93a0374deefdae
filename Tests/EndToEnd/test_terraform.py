"""Infrastructure as code: what Terraform's AWS provider writes it reads back, and what it removes is gone."""

from pathlib import Path

import pytest

from harness import images
from harness.berth import ControlPlane
from harness.cluster import IMAGE, Cluster
from harness.terraform import BINARY, MIRROR, Terraform

pytestmark = pytest.mark.skipif(
    not (BINARY and MIRROR), reason="BERTH_TERRAFORM and BERTH_TF_MIRROR name Terraform and a mirror of the AWS provider")

CONFIGURATION = Path(__file__).parent / "terraform"
NEWER = "docker.io/library/berth-test:2"


def images_of(cluster: Cluster, service: str) -> set[str]:
    return {each["image"] for task in cluster.running(service) for each in task["containers"]}


def plans_nothing(terraform: Terraform) -> None:
    plan = terraform.planned()
    assert not plan, f"the plan is not empty:\n{plan}"


def test_terraform_applies_plans_nothing_rolls_out_and_destroys(shared: ControlPlane, tmp_path: Path) -> None:
    shared.must("image", "import", str(images.write_archive(images.busybox_image("2"), NEWER, tmp_path / "2.tar")))
    terraform = Terraform(shared, CONFIGURATION, name="tf", image=IMAGE)

    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    cluster = Cluster(shared, "tf")
    assert images_of(cluster, "web") == {IMAGE}
    split = cluster.wait_for_running("split", 2)
    assert {task["capacityProviderName"] for task in split} == {"FARGATE", "FARGATE_SPOT"}

    terraform.vary(image=NEWER)
    changes = terraform.planned()
    assert "must be replaced" in changes and "will be updated in-place" in changes, changes
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    assert images_of(cluster, "web") == {NEWER}

    print(terraform.destroy()[-300:])
    left = cluster.ecs.describe_clusters(clusters=["tf"])["clusters"][0]
    assert (left["status"], left["runningTasksCount"], left["activeServicesCount"]) == ("INACTIVE", 0, 0)
    names = {each["name"] for each in cluster.ecs.describe_capacity_providers()["capacityProviders"]}
    assert not any(name.startswith("tf") for name in names)


def test_terraform_makes_load_balancers_plans_nothing_changes_and_destroys(server: ControlPlane) -> None:
    terraform = Terraform(server, CONFIGURATION.with_name("terraform_elb"), path="/up")
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    elb = server.client("elbv2")
    group = elb.describe_target_groups(Names=["tf-blue"])["TargetGroups"][0]
    assert group["HealthCheckPath"] == "/up"
    terraform.vary(path="/healthy")
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    assert elb.describe_target_groups(Names=["tf-blue"])["TargetGroups"][0]["HealthCheckPath"] == "/healthy"
    print(terraform.destroy()[-300:])
    assert not elb.describe_load_balancers()["LoadBalancers"] and not elb.describe_target_groups()["TargetGroups"]


def test_terraform_makes_alarms_plans_nothing_changes_and_destroys(server: ControlPlane) -> None:
    terraform = Terraform(server, CONFIGURATION.with_name("terraform_alarms"), threshold="5")
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    cloudwatch = server.client("cloudwatch")
    names = ["tf-errors", "tf-expression", "tf-percentile"]
    found = cloudwatch.describe_alarms(AlarmNamePrefix="tf-")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == names and found[0]["Threshold"] == 5
    terraform.vary(threshold="7")
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    assert cloudwatch.describe_alarms(AlarmNames=["tf-errors"])["MetricAlarms"][0]["Threshold"] == 7
    print(terraform.destroy()[-300:])
    left = cloudwatch.describe_alarms(AlarmNamePrefix="tf-", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert not left["MetricAlarms"] and not left["CompositeAlarms"]


def test_terraform_makes_log_groups_plans_nothing_changes_and_destroys(server: ControlPlane) -> None:
    terraform = Terraform(server, CONFIGURATION.with_name("terraform_logs"), days="7")
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    logs = server.client("logs")
    group = logs.describe_log_groups(logGroupNamePrefix="/aws/events/tf")["logGroups"][0]
    assert group["retentionInDays"] == 7
    assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"owner": "terraform", "stage": "test"}
    terraform.vary(days="30")
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    assert logs.describe_log_groups(logGroupNamePrefix="/aws/events/tf")["logGroups"][0]["retentionInDays"] == 30
    print(terraform.destroy()[-300:])
    assert not logs.describe_log_groups()["logGroups"]


def test_terraform_makes_scaling_plans_nothing_changes_and_destroys(server: ControlPlane) -> None:
    terraform = Terraform(server, CONFIGURATION.with_name("terraform_scaling"), most="4")
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    scaling, watch = server.client("application-autoscaling"), server.client("cloudwatch")

    def most() -> list[int]:
        return [each["MaxCapacity"] for each in scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=["service/tf-scaling/web"])["ScalableTargets"]]

    assert most() == [4]
    policies = {each["PolicyName"]: each for each in scaling.describe_scaling_policies(
        ServiceNamespace="ecs", ResourceId="service/tf-scaling/web")["ScalingPolicies"]}
    assert [each["AlarmName"] for each in policies["steps"]["Alarms"]] == ["tf-depth"]
    own = [each["AlarmName"] for each in policies["cpu"]["Alarms"]]
    assert {each["AlarmName"] for each in watch.describe_alarms(AlarmNames=own)["MetricAlarms"]} == set(own)
    terraform.vary(most="6")
    print(terraform.apply()[-300:])
    plans_nothing(terraform)
    assert most() == [6]
    print(terraform.destroy()[-300:])
    assert not most() and not watch.describe_alarms(AlarmNames=[*own, "tf-depth"])["MetricAlarms"]
