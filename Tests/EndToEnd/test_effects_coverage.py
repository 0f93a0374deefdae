"""Every member that Berth says it acts on is seen to have an effect by some test."""

import pytest

from harness import effects

# What says something only within the API, so that no effect can be seen outside of it.
SERVICE = {
    "enableECSManagedTags": "tags are shown", "propagateTags": "tags are shown", "platformVersion": "there is one version",
    "capacityProviderStrategy[].base": "one provider takes all tasks",
    "capacityProviderStrategy[].weight": "one provider takes all tasks",
    "deploymentConfiguration.linearConfiguration.stepPercent": "it divides traffic, and is refused without a load balancer",
    "deploymentConfiguration.linearConfiguration.stepBakeTimeInMinutes": "as the step",
    "deploymentConfiguration.canaryConfiguration.canaryPercent": "as the step",
    "deploymentConfiguration.canaryConfiguration.canaryBakeTimeInMinutes": "as the step",
}
ONLY_IN_THE_API = {
    "CreateService": SERVICE | {
        "clientToken": "it makes a repeated request the same one", "serviceName": "it is shown, and requests name it",
        "tags[].key": "tags are shown and copied to tasks", "tags[].value": "tags are shown and copied to tasks",
    },
    "UpdateService": SERVICE,
    "RegisterTaskDefinition": {
        "requiresCompatibilities": "a definition that is not valid for one of them is refused",
        "runtimePlatform.operatingSystemFamily": "there is one value that is taken",
        "tags[].key": "tags are shown and copied to tasks",
        "tags[].value": "tags are shown and copied to tasks",
        "enableFaultInjection": "there is one value that is taken",
        "inferenceAccelerators[].deviceName": "AWS refuses it, and so does Berth",
        "inferenceAccelerators[].deviceType": "AWS refuses it, and so does Berth",
    },
    "RunTask": {
        "enableECSManagedTags": "tags are shown", "propagateTags": "tags are shown", "tags[].key": "tags are shown",
        "tags[].value": "tags are shown", "group": "it is shown, and placement constraints may ask for it",
        "startedBy": "it is shown, and ListTasks filters by it", "referenceId": "it is for AWS's own use",
        "platformVersion": "there is one version",
        "capacityProviderStrategy[].base": "one provider takes all tasks",
        "capacityProviderStrategy[].weight": "one provider takes all tasks",
        "enableExecuteCommand": "there is one value that is taken",
    },
}


OPERATIONS = ["RegisterTaskDefinition", "RunTask", "CreateService", "UpdateService"]


@pytest.fixture(scope="module")
def seen() -> set[str]:
    return effects.seen()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_real_member_is_seen_to_have_an_effect(seen: set[str], operation: str) -> None:
    wanted = effects.real(operation) - set(ONLY_IN_THE_API[operation])
    assert len(wanted) > 10, "the lists were not read"
    uncovered = {member for member in wanted if f"{operation}.{member}" not in seen}
    assert not uncovered, f"no test of {operation} sees an effect of: {', '.join(sorted(uncovered))}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_marks_name_members_that_there_are(seen: set[str], operation: str) -> None:
    marked = {each.removeprefix(operation + ".") for each in seen if each.startswith(operation + ".")}
    strangers = marked - effects.members(operation)
    assert not strangers, f"marked, but not in the model: {', '.join(sorted(strangers))}"
