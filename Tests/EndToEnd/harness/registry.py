"""A container registry inside a host's namespace, filled by its plain HTTP API."""

import http.client
from urllib.parse import urlsplit

from .host import Host
from .images import MANIFEST, Image
from .waiting import wait_for


class Registry:
    """Debian's docker-registry on a host, without TLS."""

    def __init__(self, host: Host, address: str = "127.0.0.1", port: int = 5000) -> None:
        self.host, self.address, self.port = host, address, port
        self.name = f"{address}:{port}"
        configuration = host.directory / "registry.yml"
        configuration.write_text(
            "version: 0.1\n"
            f"storage: {{filesystem: {{rootdirectory: {host.directory}/registry}}}}\n"
            f"http: {{addr: '{self.name}'}}\n"
        )
        self.program = host.start("docker-registry", "serve", str(configuration), name="registry")
        wait_for("the registry answers", lambda: self.ask("GET", "/v2/").status == 200, 15, explain=self.program.tail)

    def ask(self, method: str, target: str, body: bytes = b"", kind: str = "application/octet-stream"):
        with self.host.inside():
            connection = http.client.HTTPConnection(self.address, self.port, timeout=10)
            connection.request(method, target, body, {"Content-Type": kind, "Accept": MANIFEST})
            response = connection.getresponse()
            response.read()
            connection.close()
        return response

    def push(self, image: Image, repository: str, tag: str) -> str:
        """Puts an image there and returns the reference to pull it by."""
        for blob in image.blobs:
            begun = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
            assert begun.status == 202, begun.status
            place = urlsplit(begun.headers["Location"])
            done = self.ask("PUT", f"{place.path}?{place.query}&digest={blob.digest}", blob.content)
            assert done.status == 201, done.status
        put = self.ask(
            "PUT", f"/v2/{repository}/manifests/{tag}", image.manifest.content, image.manifest.media_type)
        assert put.status == 201, put.status
        return f"{self.name}/{repository}:{tag}"
