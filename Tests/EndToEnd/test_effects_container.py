"""Members of container definitions: each is set for one container, and what is outside the API differs from another
container that does without."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.berth import ControlPlane
from harness.cluster import SLEEP, Cluster, container
from harness.insides import Insides
from harness.waiting import wait_for

# What the definition of `tuned` sets; `plain`, beside it, sets nothing.
TUNED: dict[str, Any] = {
    "entryPoint": ["tail", "-f"], "command": ["/dev/null"], "cpu": 300, "memory": 40, "memoryReservation": 20,
    "environment": [{"name": "GREETING", "value": "good day"}], "user": "app", "workingDirectory": "/work",
    "hostname": "tuned-host", "dnsServers": ["192.0.2.53"], "dnsSearchDomains": ["effects.test"],
    "extraHosts": [{"hostname": "database", "ipAddress": "192.0.2.7"}], "readonlyRootFilesystem": True,
    "ulimits": [{"name": "nofile", "softLimit": 321, "hardLimit": 654}], "dockerLabels": {"team": "effects"},
    "dockerSecurityOptions": ["no-new-privileges:false"],
    "systemControls": [{"namespace": "net.core.somaxconn", "value": "77"}],
    "logConfiguration": {"logDriver": "json-file", "options": {"max-size": "8k", "max-file": "2"}},
    "mountPoints": [
        {"sourceVolume": "own", "containerPath": "/own"},
        {"sourceVolume": "of-host", "containerPath": "/host", "readOnly": True},
    ],
    "linuxParameters": {
        "capabilities": {"add": ["NET_ADMIN"], "drop": ["MKNOD"]}, "sharedMemorySize": 5, "maxSwap": 7, "swappiness": 33,
        "tmpfs": [{"containerPath": "/scratch", "size": 3, "mountOptions": ["noexec", "mode=711"]}],
        "devices": [{"hostPath": "/dev/kmsg", "containerPath": "/dev/kernel", "permissions": ["read"]}],
    },
}
# Tells by a file whether reading standard input met an end.
READER = "exec 3<&0; (cat <&3 >/dev/null; touch /tmp/ended) & touch /tmp/reading; exec sleep 100000"
CHATTY = "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i a line of some length to fill a file with; done; " + SLEEP


def on_instance(*containers: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"memory": 32, "stopTimeout": 1} | each for each in containers]


@pytest.fixture(scope="module")
def cluster(shared_instance: ControlPlane) -> Iterator[Cluster]:
    cluster = Cluster(shared_instance, "default")
    yield cluster
    cluster.clear()


@pytest.fixture(scope="module")
def host_directory(shared_instance: ControlPlane) -> str:
    directory = shared_instance.host.directory / "of-host"
    directory.mkdir()
    (directory / "note").write_text("from the host")
    return str(directory)


@pytest.fixture(scope="module")
def task(cluster: Cluster, host_directory: str) -> dict[str, Any]:
    """One task with all of it; its containers are named in the tests."""
    definition = cluster.register(
        *on_instance(
            container("plain", SLEEP),
            container("tuned") | TUNED,
            container("sink", SLEEP, volumesFrom=[{"sourceContainer": "tuned", "readOnly": True}]),
            container("linked", SLEEP, links=["plain:friend"]),
            container("cut-off", SLEEP, disableNetworking=True),
            container("mighty", SLEEP, privileged=True),
            container("open", READER, interactive=True, linuxParameters={"initProcessEnabled": True}),
            container("shut", READER),
            container("typing", READER, pseudoTerminal=True),
            container("chatty", CHATTY, logConfiguration=TUNED["logConfiguration"]),
        ),
        requiresCompatibilities=["EC2"], networkMode="bridge", cpu=None, memory=None, family="effects",
        volumes=[{"name": "own"}, {"name": "of-host", "host": {"sourcePath": host_directory}}])
    task = cluster.run(definition, launchType="EC2", networkConfiguration=None)
    return cluster.wait_for_status(task["taskArn"], "RUNNING")


def definition_of(member: str) -> pytest.MarkDecorator:
    return pytest.mark.effect(f"RegisterTaskDefinition.containerDefinitions[].{member}")


def row(member: str, see: Callable[[Insides], Any], tuned: Any, name: str = "tuned") -> Any:
    """A member, how it is seen from outside, and what is seen where it is set."""
    return pytest.param(see, tuned, name, id=member, marks=definition_of(member))


ROWS = [
    row("entryPoint", lambda it: it.words("cmdline")[:2], ["tail", "-f"]),
    row("command", lambda it: it.words("cmdline")[-1], "/dev/null"),
    row("environment[].name", lambda it: "GREETING" in it.environment, True),
    row("environment[].value", lambda it: it.environment.get("GREETING"), "good day"),
    row("user", lambda it: it.status("Uid").split()[0], "1000"),
    row("workingDirectory", lambda it: it.link("cwd"), "/work"),
    row("hostname", lambda it: it.hostname, "tuned-host"),
    row("dnsServers", lambda it: "nameserver 192.0.2.53\n" in it.text("/etc/resolv.conf"), True),
    row("dnsSearchDomains", lambda it: "search effects.test\n" in it.text("/etc/resolv.conf"), True),
    row("extraHosts[].hostname", lambda it: "\tdatabase\n" in it.text("/etc/hosts"), True),
    row("extraHosts[].ipAddress", lambda it: "192.0.2.7\t" in it.text("/etc/hosts"), True),
    row("readonlyRootFilesystem", lambda it: "ro" in it.mount("/")["options"], True),
    row("ulimits[].name", lambda it: it.limit("Max open files") == ("321", "654"), True),
    row("ulimits[].softLimit", lambda it: it.limit("Max open files")[0], "321"),
    row("ulimits[].hardLimit", lambda it: it.limit("Max open files")[1], "654"),
    row("dockerSecurityOptions", lambda it: it.status("NoNewPrivs"), "0"),
    row("systemControls[].namespace", lambda it: it.kernel("net.core.somaxconn") == "77", True),
    row("systemControls[].value", lambda it: it.kernel("net.core.somaxconn"), "77"),
    row("mountPoints[].sourceVolume", lambda it: it.path("/host/note").exists(), True),
    row("mountPoints[].containerPath", lambda it: it.mount("/own") is not None, True),
    row("mountPoints[].readOnly", lambda it: "ro" in (it.mount("/host") or {"options": ()})["options"], True),
    row("volumesFrom[].sourceContainer", lambda it: it.path("/host/note").exists(), True, "sink"),
    row("volumesFrom[].readOnly", lambda it: "ro" in (it.mount("/own") or {"options": ()})["options"], True, "sink"),
    row("linuxParameters.capabilities.add", lambda it: it.has_capability("NET_ADMIN"), True),
    row("linuxParameters.capabilities.drop", lambda it: it.has_capability("MKNOD"), False),
    row("linuxParameters.sharedMemorySize", lambda it: "size=5120k" in it.mount("/dev/shm")["options"], True),
    row("linuxParameters.tmpfs[].containerPath", lambda it: (it.mount("/scratch") or {}).get("kind"), "tmpfs"),
    row("linuxParameters.tmpfs[].size", lambda it: "size=3072k" in (it.mount("/scratch") or {"options": ()})["options"], True),
    row("linuxParameters.tmpfs[].mountOptions", lambda it: {"noexec", "mode=711"} <= set((it.mount("/scratch") or {"options": ()})["options"]), True),
    row("linuxParameters.devices[].hostPath", lambda it: "c 1:11 " in it.cgroup("devices", "devices.list"), True),
    row("linuxParameters.devices[].containerPath", lambda it: it.path("/dev/kernel").exists(), True),
    row("linuxParameters.devices[].permissions", lambda it: "c 1:11 r" in it.cgroup("devices", "devices.list").splitlines(), True),
    row("linuxParameters.maxSwap", lambda it: int(it.cgroup("memory", "memory.memsw.limit_in_bytes")) >> 20, 47),
    row("linuxParameters.swappiness", lambda it: it.cgroup("memory", "memory.swappiness"), "33"),
    row("linuxParameters.initProcessEnabled", lambda it: it.words("cmdline")[:2], ["/dev/berth-init", "reap"], "open"),
    row("cpu", lambda it: it.cgroup("cpu", "cpu.shares"), "300"),
    row("memory", lambda it: int(it.cgroup("memory", "memory.limit_in_bytes")) >> 20, 40),
    row("memoryReservation", lambda it: int(it.cgroup("memory", "memory.soft_limit_in_bytes")) >> 20, 20),
    row("disableNetworking", lambda it: it.interfaces, {"lo"}, "cut-off"),
    row("privileged", lambda it: it.has_capability("SYS_ADMIN"), True, "mighty"),
    row("pseudoTerminal", lambda it: it.link("fd/0").startswith("/dev/pts/"), True, "typing"),
    row("links", lambda it: it.environment.get("FRIEND_NAME"), "/plain/friend", "linked"),
]


@pytest.mark.parametrize("see, expected, name", ROWS)
def test_a_member_shows_in_its_container_and_not_in_another(
    task: dict[str, Any], see: Callable[[Insides], Any], expected: Any, name: str
) -> None:
    assert see(Insides(task, name)) == expected
    assert see(Insides(task, "plain")) != expected, "it would be so without the member"


@definition_of("links")
def test_a_link_leads_to_the_other_container(task: dict[str, Any]) -> None:
    plain, linked = Insides(task, "plain"), Insides(task, "linked")
    own = next(line.split("\t")[0] for line in plain.text("/etc/hosts").splitlines() if line.endswith(f"\t{plain.hostname}"))
    assert f"{own}\tfriend plain" in linked.text("/etc/hosts").splitlines()


@definition_of("interactive")
def test_interactive_keeps_standard_input_open(task: dict[str, Any]) -> None:
    for name in ("open", "shut"):
        wait_for(f"{name} reads", lambda: Insides(task, name).path("/tmp/reading").exists(), 10)
    wait_for("the other meets an end", lambda: Insides(task, "shut").path("/tmp/ended").exists(), 10)
    assert not Insides(task, "open").path("/tmp/ended").exists()


@definition_of("dockerLabels")
def test_labels_are_on_the_container(cluster: Cluster, task: dict[str, Any]) -> None:
    found = {name: labels(cluster, Insides(task, name)) for name in ("tuned", "plain")}
    assert '"berth.label.team": "effects"' in found["tuned"] and '"berth.label.team"' not in found["plain"]


def labels(cluster: Cluster, it: Insides) -> str:
    """What containerd says of the container."""
    host = cluster.control_plane.host
    socket = next(host.path("/run").rglob("instance/c/containerd.sock"))
    inside = "/run/" + str(socket).partition("/root/run/")[2]
    done = host.run("ctr", "--address", inside, "--namespace", "k8s.io", "containers", "info", it.runtime_id)
    assert done.returncode == 0, done.stderr
    return done.stdout


@definition_of("logConfiguration.logDriver")
@definition_of("logConfiguration.options")
def test_the_options_of_json_file_bound_what_is_kept(cluster: Cluster, task: dict[str, Any]) -> None:
    folder = next(cluster.control_plane.data.rglob(f"{task['taskArn'].rpartition('/')[2]}/chatty"))
    wait_for("two files", lambda: len(list(folder.iterdir())) == 2, 15)
    wait_for("the last line", lambda: "2000 a line" in (folder / "output.log").read_text(), 15)
    assert all(each.stat().st_size <= 8 << 10 for each in folder.iterdir())
    assert len(list(folder.iterdir())) == 2


@definition_of("name")
@definition_of("image")
@pytest.mark.effect("RegisterTaskDefinition.family", "RegisterTaskDefinition.volumes[].name",
                    "RegisterTaskDefinition.volumes[].host.sourcePath")
def test_the_container_is_called_so_and_made_of_the_image(cluster: Cluster, task: dict[str, Any]) -> None:
    it = Insides(task, "tuned")
    said = labels(cluster, it)
    assert '"berth.label.com.amazonaws.ecs.container-name": "tuned"' in said
    assert '"berth.label.com.amazonaws.ecs.task-definition-family": "effects"' in said
    assert '"Image": "docker.io/library/berth-test:1"' in said
    assert it.text("/host/note") == "from the host"
    assert Insides(task, "sink").path("/own").stat().st_ino == it.path("/own").stat().st_ino
