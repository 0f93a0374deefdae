"""Container images made on the spot from the machine's static busybox, and archives of them."""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True)
class Blob:
    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    @property
    def descriptor(self) -> dict[str, object]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}


@dataclass(frozen=True)
class Image:
    """A one-layer image: its manifest, and the blobs that this names."""

    manifest: Blob
    blobs: list[Blob] = field(default_factory=list)


def busybox_image(mark: str = "", **config: object) -> Image:
    """An image with busybox, users and a few directories. `config` is the image's (Cmd, Env, User, …).

    Images with different marks share no layer.
    """
    layer = Blob(LAYER, busybox_layer(mark))
    described = {
        "architecture": "amd64" if machine() == "x86_64" else "arm64",
        "os": "linux",
        "config": {"Env": ["PATH=/bin:/usr/bin"], "Cmd": ["sh"]} | config,
        "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
    }
    settings = Blob(CONFIG, json.dumps(described).encode())
    manifest = {
        "schemaVersion": 2, "mediaType": MANIFEST, "config": settings.descriptor, "layers": [layer.descriptor],
    }
    return Image(Blob(MANIFEST, json.dumps(manifest).encode()), [settings, layer])


def machine() -> str:
    return subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()


def busybox_layer(mark: str) -> bytes:
    busybox = shutil.which("busybox")
    assert busybox, "busybox-static is not installed"
    content = Path(busybox).read_bytes()
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, mode in [("bin", 0o755), ("etc", 0o755), ("tmp", 0o1777), ("www", 0o755), ("work", 0o755)]:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        add_file(tar, "bin/busybox", content, 0o755)
        add_file(tar, "etc/passwd", b"root:x:0:0:root:/:/bin/sh\napp:x:1000:1001:app:/work:/bin/sh\n", 0o644)
        add_file(tar, "etc/group", b"root:x:0:\napp:x:1001:\nextra:x:1002:app\n", 0o644)
        add_file(tar, "etc/mark", mark.encode(), 0o644)
        for applet in applets:
            if applet != "busybox":
                entry = tarfile.TarInfo(f"bin/{applet}")
                entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(entry)
    return buffer.getvalue()


def add_file(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def write_archive(image: Image, reference: str, path: Path) -> Path:
    """Writes the image as an OCI archive under a full reference, such as `docker.io/library/web:1`."""
    names = {"io.containerd.image.name": reference, "org.opencontainers.image.ref.name": reference.rpartition(":")[2]}
    index = {
        "schemaVersion": 2, "mediaType": INDEX, "manifests": [image.manifest.descriptor | {"annotations": names}],
    }
    with tarfile.open(path, "w") as tar:
        add_file(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}', 0o644)
        add_file(tar, "index.json", json.dumps(index).encode(), 0o644)
        for blob in [image.manifest, *image.blobs]:
            add_file(tar, "blobs/sha256/" + blob.digest.removeprefix("sha256:"), blob.content, 0o644)
    return path
