"""A certificate authority of the test's own, and a server certificate for an address."""

from dataclasses import dataclass
from pathlib import Path

from .namespaces import run


@dataclass(frozen=True)
class Certificates:
    authority: Path
    certificate: Path
    key: Path


def make_certificates(directory: Path, address: str) -> Certificates:
    """Makes an authority and a certificate signed by it for `address`, valid for a day."""
    authority, authority_key = directory / "authority.pem", directory / "authority.key"
    certificate, key = directory / "server.pem", directory / "server.key"
    request, names = directory / "server.csr", directory / "server.names"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("openssl", "req", "-x509", *curve, "-keyout", str(authority_key), "-out", str(authority), "-days", "1",
        "-subj", "/CN=Test authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("openssl", "req", *curve, "-keyout", str(key), "-out", str(request), "-subj", f"/CN={address}")
    names.write_text(f"subjectAltName=IP:{address},IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    run("openssl", "x509", "-req", "-in", str(request), "-CA", str(authority), "-CAkey", str(authority_key),
        "-CAcreateserial", "-out", str(certificate), "-days", "1", "-extfile", str(names))
    return Certificates(authority, certificate, key)
