"""The API of CloudWatch Logs, from boto3: every operation that is built, over kills and a damaged file, and events of rules."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.api import Client
from harness.berth import ControlPlane
from harness.cluster import QUICK, Cluster, container
from harness.host import Host
from harness.waiting import wait_for

GROUP = "/berth/test"


def now() -> int:
    return int(time.time() * 1000)


def lines(*messages: str, at: int | None = None) -> list[dict[str, Any]]:
    first = now() if at is None else at
    return [{"timestamp": first + index, "message": message} for index, message in enumerate(messages)]


@pytest.fixture
def logs(server: ControlPlane) -> Iterator[Client]:
    client = server.client("logs")
    yield client
    for page in client.pages("describe_log_groups"):
        for group in page["logGroups"]:
            client.delete_log_group(logGroupName=group["logGroupName"])


def refused(logs: Client, code: str, method: str, **request: Any) -> str:
    with pytest.raises(logs.exceptions.ClientError) as caught:
        getattr(logs, method)(**request)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value.response["Error"]["Message"]


def messages(logs: Client, group: str = GROUP, **request: Any) -> list[str]:
    pages = logs.pages("filter_log_events", logGroupName=group, interleaved=True, **request)
    return [event["message"] for page in pages for event in page["events"]]


def test_groups(logs: Client) -> None:
    for name in (GROUP, f"{GROUP}/b", "/other"):
        logs.create_log_group(logGroupName=name, tags={"team": "a"})
    assert refused(logs, "ResourceAlreadyExistsException", "create_log_group", logGroupName=GROUP) == (
        "The specified log group already exists")
    names = [g["logGroupName"] for page in logs.pages("describe_log_groups", PaginationConfig={"PageSize": 2})
             for g in page["logGroups"]]
    assert names == ["/berth/test", "/berth/test/b", "/other"]
    found = logs.describe_log_groups(logGroupNamePrefix=f"{GROUP}/")["logGroups"]
    assert [each["logGroupName"] for each in found] == [f"{GROUP}/b"]
    assert found[0]["arn"].endswith(f":log-group:{GROUP}/b:*") and found[0]["storedBytes"] == 0
    assert abs(found[0]["creationTime"] - now()) < 60_000 and "retentionInDays" not in found[0]
    assert len(logs.describe_log_groups(logGroupNamePattern="ther")["logGroups"]) == 1

    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=30)
    assert logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["retentionInDays"] == 30
    refused(logs, "InvalidParameterException", "put_retention_policy", logGroupName=GROUP, retentionInDays=31)
    logs.delete_retention_policy(logGroupName=GROUP)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]

    logs.put_log_group_deletion_protection(logGroupIdentifier=GROUP, deletionProtectionEnabled=True)
    refused(logs, "ValidationException", "delete_log_group", logGroupName=GROUP)
    logs.put_log_group_deletion_protection(logGroupIdentifier=GROUP, deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName=GROUP)
    assert refused(logs, "ResourceNotFoundException", "delete_log_group", logGroupName=GROUP) == (
        "The specified log group does not exist.")
    refused(logs, "UnsupportedFeatureException", "create_log_group", logGroupName="/k", kmsKeyId="arn:aws:kms:a:b:key/c")
    assert refused(
        logs, "UnsupportedFeatureException", "start_query", logGroupName="/other", startTime=0, endTime=1,
        queryString="fields @message") == "StartQuery is not built yet."


def test_tags(logs: Client) -> None:
    logs.create_log_group(logGroupName=GROUP, tags={"team": "a"})
    arn = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"team": "b", "stage": "test"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "b", "stage": "test"}
    logs.untag_resource(resourceArn=arn, tagKeys=["team"])
    logs.tag_log_group(logGroupName=GROUP, tags={"old": "way"})
    assert logs.list_tags_log_group(logGroupName=GROUP)["tags"] == {"stage": "test", "old": "way"}
    logs.untag_log_group(logGroupName=GROUP, tags=["stage", "old"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    refused(logs, "ResourceNotFoundException", "list_tags_for_resource", resourceArn=arn + "x")


def test_streams_and_events(logs: Client) -> None:
    logs.create_log_group(logGroupName=GROUP)
    for name in ("a", "b", "c/1"):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=name)
    refused(logs, "ResourceAlreadyExistsException", "create_log_stream", logGroupName=GROUP, logStreamName="a")
    start = now() - 60_000
    put = logs.put_log_events(logGroupName=GROUP, logStreamName="b", logEvents=lines("one", "two", at=start))
    assert "rejectedLogEventsInfo" not in put
    logs.put_log_events(
        logGroupName=GROUP, logStreamName="a", sequenceToken=put["nextSequenceToken"],
        logEvents=lines("ERROR three", '{"code": 503, "path": "/x"}', at=start + 1_000))
    odd = logs.put_log_events(logGroupName=GROUP, logStreamName="c/1", logEvents=[
        {"timestamp": 1, "message": "too old"}, {"timestamp": start + 5_000, "message": "taken"},
        {"timestamp": start + 10_000_000, "message": "too new"}])
    assert odd["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    refused(logs, "InvalidParameterException", "put_log_events", logGroupName=GROUP, logStreamName="a",
            logEvents=list(reversed(lines("x", "y"))))
    refused(logs, "ResourceNotFoundException", "put_log_events", logGroupName=GROUP, logStreamName="none",
            logEvents=lines("x"))

    pages = logs.pages("describe_log_streams", logGroupName=GROUP, orderBy="LastEventTime", descending=True,
                       PaginationConfig={"PageSize": 1})
    streams = [stream for page in pages for stream in page["logStreams"]]
    assert [each["logStreamName"] for each in streams] == ["c/1", "a", "b"]
    assert streams[2]["firstEventTimestamp"] == start and streams[2]["lastEventTimestamp"] == start + 1
    found = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="c/")["logStreams"]
    assert [each["logStreamName"] for each in found] == ["c/1"]

    newest = logs.get_log_events(logGroupName=GROUP, logStreamName="b", limit=1)
    assert [each["message"] for each in newest["events"]] == ["two"]
    older = logs.get_log_events(logGroupName=GROUP, logStreamName="b", nextToken=newest["nextBackwardToken"])
    assert [each["message"] for each in older["events"]] == ["one"]
    end = logs.get_log_events(logGroupName=GROUP, logStreamName="b", nextToken=newest["nextForwardToken"], startFromHead=True)
    assert end["events"] == [] and end["nextForwardToken"] == newest["nextForwardToken"]

    everything = ["one", "two", "ERROR three", '{"code": 503, "path": "/x"}', "taken"]
    assert messages(logs) == everything
    assert messages(logs, PaginationConfig={"PageSize": 2}) == everything
    assert messages(logs, filterPattern="?one ?taken") == ["one", "taken"]
    assert messages(logs, filterPattern='"ERROR three"') == ["ERROR three"]
    assert messages(logs, filterPattern='{ $.code = 5* && $.path = "/x" }') == [everything[3]]
    assert messages(logs, logStreamNames=["a", "b"], startTime=start + 1, endTime=start + 1_000) == ["two", "ERROR three"]
    assert messages(logs, logStreamNamePrefix="c") == ["taken"]
    refused(logs, "UnsupportedFeatureException", "filter_log_events", logGroupName=GROUP, filterPattern="[a, b]")
    assert logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["storedBytes"] == sum(
        len(each) + 26 for each in everything)

    # What `aws logs tail --follow` does: again from the newest time on, without the events that it has.
    seen = {each["eventId"] for each in logs.filter_log_events(logGroupName=GROUP, interleaved=True)["events"]}
    logs.put_log_events(logGroupName=GROUP, logStreamName="b", logEvents=lines("late", at=start + 5_000))
    again = logs.filter_log_events(logGroupName=GROUP, interleaved=True, startTime=start + 5_000)["events"]
    assert [each["message"] for each in again if each["eventId"] not in seen] == ["late"]

    logs.delete_log_stream(logGroupName=GROUP, logStreamName="a")
    assert messages(logs, filterPattern="ERROR") == []
    refused(logs, "ResourceNotFoundException", "get_log_events", logGroupName=GROUP, logStreamName="a")


def test_retention_is_acted_on(logs: Client) -> None:
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="a")
    old = now() - 2 * 86_400_000
    logs.put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=lines("old", at=old))
    logs.put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=lines("new"))
    assert messages(logs) == ["old", "new"]
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    assert messages(logs) == ["new"]
    late = logs.put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=lines("older", at=old))
    assert late["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}


def test_logs_survive_kills_and_damage_does_not_stop_the_control_plane(make_host: Callable[[], Host]) -> None:
    control_plane = ControlPlane(make_host(), role="server").ready()
    logs = control_plane.client("logs")
    logs.create_log_group(logGroupName=GROUP, tags={"team": "a"})
    logs.create_log_stream(logGroupName=GROUP, logStreamName="a")
    for number in range(20):
        logs.put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=lines(f"line {number}"))
        if number in (7, 19):
            control_plane.program.kill9()
            control_plane.restart()
    assert messages(logs) == [f"line {number}" for number in range(20)]
    control_plane.program.kill9()
    # What stands in the log would mend the file.
    (control_plane.data / "logs.sqlite-wal").unlink(missing_ok=True)
    (control_plane.data / "logs.sqlite").write_bytes(b"no database" * 1_000)
    control_plane.restart()
    assert logs.describe_log_groups()["logGroups"] == []
    assert "the log file is damaged" in control_plane.program.tail()
    assert list(control_plane.data.glob("logs.sqlite.damaged-*"))
    logs.create_log_group(logGroupName=GROUP)
    assert control_plane.client("ecs").list_clusters()["clusterArns"] == []
    control_plane.down()


def test_events_of_a_rule_are_written_to_a_log_group(cluster: Cluster) -> None:
    logs, events = cluster.control_plane.client("logs"), cluster.control_plane.client("events")
    group = f"/aws/events/{cluster.name}"
    arn = cluster.ecs.describe_clusters(clusters=[cluster.name])["clusters"][0]["clusterArn"]
    region, account = arn.split(":")[3:5]
    target = f"arn:aws:logs:{region}:{account}:log-group:{group}"
    events.put_rule(Name=cluster.name, EventPattern=json.dumps({
        "source": ["aws.ecs"], "detail-type": ["ECS Task State Change"], "detail": {"clusterArn": [arn]}}))
    events.put_targets(Rule=cluster.name, Targets=[
        {"Id": "whole", "Arn": target},
        {"Id": "words", "Arn": target + ":*", "InputTransformer": {
            "InputPathsMap": {"at": "$.time", "status": "$.detail.lastStatus"},
            "InputTemplate": '{"timestamp": <at>, "message": "the task is <status>"}'}}])
    # The group comes after the first events: their deliveries are tried again.
    task = cluster.run(cluster.register(container(script=QUICK)))["taskArn"]
    cluster.wait_for_status(task, "RUNNING")
    logs.create_log_group(logGroupName=group)
    cluster.ecs.stop_task(cluster=cluster.name, task=task)
    cluster.wait_for_status(task, "STOPPED")

    def whole() -> list[dict[str, Any]]:
        return [json.loads(each) for each in messages(logs, group, filterPattern="{ $.source = aws.ecs }")]

    def all_there() -> bool:
        told = [json.loads(line) for line in cluster.control_plane.must("events").splitlines()]
        wanted = {each["id"] for each in told if each["detail"].get("taskArn") == task}
        return {each["id"] for each in whole()} == wanted and {"PROVISIONING", "STOPPED"} <= {
            each["detail"]["lastStatus"] for each in whole()}

    wait_for("all events of the task are in the log group", all_there, 30, explain=lambda: str(whole()))
    wait_for("its words are too", lambda: "the task is STOPPED" in messages(logs, group), 20)
    found = logs.filter_log_events(logGroupName=group)["events"]
    assert len({each["logStreamName"] for each in found}) == len(found)
    events.remove_targets(Rule=cluster.name, Ids=["whole", "words"])
    events.delete_rule(Name=cluster.name)
    logs.delete_log_group(logGroupName=group)
