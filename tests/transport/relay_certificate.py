"""A certificate for 127.0.0.1, made anew, as Debian's openssl makes it."""

import ssl
import subprocess
from pathlib import Path


def certificate(folder: Path, name: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """The certificate's file, which is its own authority, and a server's context with it."""
    subject = f"IP:{name}" if name[0].isdigit() else f"DNS:{name}"
    pem, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName={subject}", "-keyout", str(key), "-out", str(pem)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return pem, context
