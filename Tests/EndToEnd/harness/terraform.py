"""Terraform with the AWS provider from a mirror on disk, run inside a host against its control plane."""

import os
import shutil
import subprocess
from pathlib import Path

from .berth import ControlPlane

BINARY = os.environ.get("BERTH_TERRAFORM", "")
MIRROR = os.environ.get("BERTH_TF_MIRROR", "")

SETTINGS = """
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path = "%s"
  }
}
"""


class Terraform:
    """One working directory with its state."""

    def __init__(self, control_plane: ControlPlane, configuration: Path, **variables: str) -> None:
        self.host = control_plane.host
        self.directory = self.host.directory / configuration.name
        self.directory.mkdir()
        for source in configuration.glob("*.tf"):
            shutil.copy(source, self.directory)
        settings = self.directory / "cli.tfrc"
        settings.write_text(SETTINGS % MIRROR)
        keys = control_plane.keys
        given = {"endpoint": keys.endpoint, "region": keys.region} | variables
        self.environment = {
            "TF_CLI_CONFIG_FILE": str(settings), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
            "AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        } | {f"TF_VAR_{name}": value for name, value in given.items()}
        self.must("init")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command, *rest = arguments
        return self.host.run(
            BINARY, f"-chdir={self.directory}", command, "-no-color", *rest, timeout=300, **self.environment)

    def must(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, f"terraform {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def vary(self, **variables: str) -> None:
        """Changes variables for what comes."""
        self.environment |= {f"TF_VAR_{name}": value for name, value in variables.items()}

    def apply(self) -> str:
        return self.must("apply", "-auto-approve")

    def destroy(self) -> str:
        return self.must("destroy", "-auto-approve")

    def planned(self) -> str:
        """What a plan would change; empty when the provider reads back what it wrote."""
        done = self.run("plan", "-detailed-exitcode")
        assert done.returncode in (0, 2), f"terraform plan: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if done.returncode else ""
