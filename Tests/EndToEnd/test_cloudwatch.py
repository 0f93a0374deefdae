"""CloudWatch as its clients speak it: values, series, alarms with their history, over a kill of the control plane."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.api import Client
from harness.berth import ControlPlane
from harness.cloudwatch import alarm_on, speaking
from harness.host import clean_hosts
from harness.namespaces import Switch
from harness.waiting import wait_for


@pytest.fixture(scope="module")
def control_plane(switch: Switch) -> Iterator[ControlPlane]:
    with clean_hosts(switch, 1) as (host,):
        control_plane = ControlPlane(host, role="server").ready()
        yield control_plane
        control_plane.down()


@pytest.fixture
def cloudwatch(control_plane: ControlPlane) -> Iterator[Client]:
    client = control_plane.client("cloudwatch")
    yield client
    for kind in ("CompositeAlarms", "MetricAlarms"):
        found = client.describe_alarms(AlarmTypes=["CompositeAlarm", "MetricAlarm"])[kind]
        for alarm in reversed(found):
            client.delete_alarms(AlarmNames=[alarm["AlarmName"]])


def minute(ago: int) -> datetime:
    """The begin of a minute that is over."""
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=ago)


def state(client: Client, name: str) -> str:
    found = client.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return (found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"]


def wait_for_state(client: Client, name: str, wanted: str, deadline: float = 40) -> None:
    wait_for(f"{name} is {wanted}", lambda: state(client, name) == wanted, deadline,
             explain=lambda: str(client.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]))


@pytest.mark.parametrize("protocol", ["smithy-rpc-v2-cbor", "json", "query"])
def test_values_are_put_and_read_in_every_protocol(control_plane: ControlPlane, protocol: str) -> None:
    client = speaking(control_plane, protocol)
    namespace = f"Protocol/{protocol}"
    start = minute(ago=5)
    dimensions = [{"Name": "host", "Value": "a & b"}]
    for offset in range(3):
        client.put_metric_data(Namespace=namespace, MetricData=[
            {"MetricName": "latency", "Dimensions": dimensions, "Timestamp": start + timedelta(minutes=offset),
             "Values": [0.5, 1.5], "Counts": [3, offset + 1], "Unit": "Milliseconds"}])
    client.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "now", "Value": 1}])

    listed = client.list_metrics(Namespace=namespace)["Metrics"]
    assert [each["MetricName"] for each in listed] == ["latency", "now"]
    assert listed[0]["Dimensions"] == dimensions
    wanted: dict[str, Any] = {
        "Namespace": namespace, "MetricName": "latency", "Dimensions": dimensions, "StartTime": start,
        "EndTime": start + timedelta(minutes=3), "Period": 60}
    answer = client.get_metric_statistics(**wanted, Statistics=["Sum", "SampleCount"], ExtendedStatistics=["p90"])
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    assert [point["Sum"] for point in points] == [3, 4.5, 6]
    assert [point["SampleCount"] for point in points] == [4, 5, 6]
    assert all(1.4 < point["ExtendedStatistics"]["p90"] <= 1.5 and point["Unit"] == "Milliseconds" for point in points)
    assert points[0]["Timestamp"] == start

    metric = {"Namespace": namespace, "MetricName": "latency", "Dimensions": dimensions}
    series = client.get_metric_data(
        StartTime=start, EndTime=start + timedelta(minutes=5), ScanBy="TimestampAscending", MetricDataQueries=[
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
            {"Id": "e", "Expression": "FILL(m, 0) * 2", "Label": "doubled"}])["MetricDataResults"]
    assert series[0]["Values"] == [3, 4.5, 6] and series[0]["Timestamps"][0] == start
    assert series[1]["Values"] == [6, 9, 12, 0, 0] and series[1]["Label"] == "doubled"

    with pytest.raises(client.exceptions.InvalidParameterValueException):
        client.put_metric_data(Namespace="AWS/ECS", MetricData=[{"MetricName": "m", "Value": 1}])
    with pytest.raises(client.exceptions.ResourceNotFound) as refused:
        client.set_alarm_state(AlarmName="gone", StateValue="OK", StateReason="")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    with pytest.raises(ClientError) as other:
        client.get_dashboard(DashboardName="d")
    assert other.value.response["Error"]["Code"] in ("UnsupportedFeature", "UnsupportedFeatureException")


def test_pages_hold_everything_once(cloudwatch: Client) -> None:
    start = minute(ago=30)
    data = [{"MetricName": f"m{number:02}", "Timestamp": start + timedelta(minutes=number), "Value": number}
            for number in range(20)]
    cloudwatch.put_metric_data(Namespace="Pages", MetricData=data)
    queries = [{"Id": f"q{number}", "MetricStat": {
        "Metric": {"Namespace": "Pages", "MetricName": f"m{number:02}"}, "Period": 60, "Stat": "Maximum"}}
        for number in range(20)]
    pages = cloudwatch.pages("get_metric_data", StartTime=start, EndTime=minute(ago=0), MetricDataQueries=queries,
                             PaginationConfig={"PageSize": 3})
    assert len(pages) > 5
    values = [value for page in pages for result in page["MetricDataResults"] for value in result["Values"]]
    assert values == list(range(20))
    assert len([each for page in cloudwatch.pages("list_metrics", Namespace="Pages") for each in page["Metrics"]]) == 20
    for number in range(5):
        cloudwatch.put_metric_alarm(**alarm_on(f"page-{number}"))
    alarms = cloudwatch.pages("describe_alarms", AlarmNamePrefix="page-", PaginationConfig={"PageSize": 2})
    assert [len(page["MetricAlarms"]) for page in alarms] == [2, 2, 1]
    history = cloudwatch.pages("describe_alarm_history", HistoryItemType="ConfigurationUpdate",
                               PaginationConfig={"PageSize": 2})
    assert sum(len(page["AlarmHistoryItems"]) for page in history) >= 5


def test_an_alarm_follows_its_metric_and_both_outlive_a_kill(control_plane: ControlPlane, cloudwatch: Client) -> None:
    cloudwatch.put_metric_alarm(**alarm_on("errors", TreatMissingData="notBreaching", Tags=[{"Key": "k", "Value": "v"}]))
    cloudwatch.put_composite_alarm(AlarmName="either", AlarmRule='ALARM("errors") OR ALARM("errors")')
    wait_for_state(cloudwatch, "errors", "OK")
    start = minute(ago=0)

    def breaches() -> bool:
        cloudwatch.put_metric_data(
            Namespace="Test", MetricData=[{"MetricName": "errors", "Value": 3, "StorageResolution": 1}])
        return state(cloudwatch, "errors") == "ALARM"

    wait_for("the alarm goes off", breaches, 40)
    wait_for_state(cloudwatch, "either", "ALARM", 10)
    shown = cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]
    assert shown["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints ["), shown
    metric = {"Namespace": "Test", "MetricName": "errors"}
    count = {"StartTime": start, "EndTime": start + timedelta(minutes=5), "Period": 60, "Statistics": ["SampleCount"]}
    before = cloudwatch.get_metric_statistics(**metric, **count)["Datapoints"]
    assert before

    control_plane.program.kill9()
    control_plane.restart()
    after = cloudwatch.get_metric_statistics(**metric, **count)["Datapoints"]
    assert sum(point["SampleCount"] for point in after) == sum(point["SampleCount"] for point in before)
    wait_for_state(cloudwatch, "errors", "OK")
    wait_for_state(cloudwatch, "either", "OK", 10)
    moves = [each["HistorySummary"] for each in cloudwatch.describe_alarm_history(
        AlarmName="errors", HistoryItemType="StateUpdate", ScanBy="TimestampAscending")["AlarmHistoryItems"]]
    assert moves == ["Alarm updated from INSUFFICIENT_DATA to OK", "Alarm updated from OK to ALARM",
                     "Alarm updated from ALARM to OK"]


def test_alarms_are_set_switched_tagged_found_and_deleted(cloudwatch: Client) -> None:
    cloudwatch.put_metric_alarm(**alarm_on("a", Period=60))
    arn = cloudwatch.describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]["AlarmArn"]
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="by hand", StateReasonData="{}")
    assert state(cloudwatch, "a") == "ALARM"
    for switch, wanted in ((cloudwatch.disable_alarm_actions, False), (cloudwatch.enable_alarm_actions, True)):
        switch(AlarmNames=["a"])
        assert cloudwatch.describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]["ActionsEnabled"] == wanted
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    found = cloudwatch.describe_alarms_for_metric(Namespace="Test", MetricName="errors")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["a"]
    with pytest.raises(ClientError, match="no action that is built"):
        cloudwatch.put_metric_alarm(**alarm_on("b", AlarmActions=["arn:aws:sns:us-east-1:000000000000:x:y"]))
    cloudwatch.delete_alarms(AlarmNames=["a"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    with pytest.raises(cloudwatch.exceptions.ResourceNotFound):
        cloudwatch.delete_alarms(AlarmNames=["a"])


def test_an_alarm_waits_until_it_is_set_or_exists(cloudwatch: Client) -> None:
    cloudwatch.put_metric_alarm(**alarm_on("waited"))
    cloudwatch.wait_until("alarm_exists", AlarmNames=["waited"])
    cloudwatch.put_composite_alarm(AlarmName="composite", AlarmRule="ALARM(waited)")
    cloudwatch.wait_until("composite_alarm_exists", AlarmNames=["composite"], AlarmTypes=["CompositeAlarm"])
