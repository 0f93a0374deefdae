"""Account settings, from boto3."""

from collections.abc import Iterator

import pytest

from harness.api import Client
from harness.berth import ControlPlane

ROOT = "arn:aws:iam::000000000000:root"


@pytest.fixture
def ecs(server: ControlPlane) -> Iterator[Client]:
    """A client; what the test set is forgotten after it."""
    ecs = server.client()
    yield ecs
    for setting in ecs.list_account_settings()["settings"]:
        ecs.delete_account_setting(name=setting["name"])


def test_all_that_holds_is_listed_by_the_paginator(ecs: Client) -> None:
    pages = ecs.pages("list_account_settings", effectiveSettings=True)
    assert [len(page["settings"]) for page in pages] == [10, 1]
    settings = {each["name"]: each for page in pages for each in page["settings"]}
    assert settings["serviceLongArnFormat"]["value"] == "enabled"
    assert settings["containerInsights"] == {
        "name": "containerInsights", "value": "disabled", "principalArn": ROOT, "type": "user"}
    assert ecs.list_account_settings()["settings"] == []


def test_a_default_is_the_root_users(ecs: Client) -> None:
    put = ecs.put_account_setting_default(name="containerInsights", value="enhanced")["setting"]
    assert (put["value"], put["principalArn"]) == ("enhanced", ROOT)
    assert ecs.list_account_settings(name="containerInsights")["settings"] == [put]
    cluster = ecs.create_cluster(clusterName="insights")["cluster"]
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enhanced"}]
    ecs.delete_account_setting(name="containerInsights")
    assert ecs.list_account_settings(name="containerInsights", effectiveSettings=True)["settings"][0][
        "value"] == "disabled"


def test_long_arns_stay(ecs: Client) -> None:
    ecs.put_account_setting(name="taskLongArnFormat", value="enabled")
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="You can no longer disable"):
        ecs.put_account_setting_default(name="taskLongArnFormat", value="disabled")
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.list_account_settings(value="enabled")
