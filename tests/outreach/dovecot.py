"""A real IMAP server with one mailbox, over TLS, for one test at a time."""

from __future__ import annotations

import ipaddress
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
PASSWORD = "Zündschloß-ключ"
SETTINGS = """
base_dir = {run}
state_dir = {run}
log_path = {folder}/log
protocols = imap
auth_failure_delay = 0
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


class Mailbox:
    """``address`` is where it answers, ``cert`` what it proves itself by, ``new`` where mail arrives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cert = folder / "cert.pem"
        self.new = folder / "mail/new"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        self._write()

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    def _write(self) -> None:
        owner = pwd.getpwnam("dovecot" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name)
        _certify(self.folder)
        run = self.folder / "run"
        for each in (run, self.new, self.folder / "mail/cur", self.folder / "mail/tmp", self.folder / "home"):
            each.mkdir(parents=True)
        group = subprocess.run(["id", "-gn", owner.pw_name], capture_output=True, text=True, check=True).stdout.strip()
        (self.folder / "dovecot.conf").write_text(SETTINGS.format(
            run=run, folder=self.folder, user=owner.pw_name, group=group, port=self.port, password=PASSWORD))
        if os.getuid() == 0:
            for each in (self.folder, *self.folder.rglob("*")):
                os.chown(each, owner.pw_uid, owner.pw_gid)

    def start(self) -> None:
        """Answers when this returns."""
        assert PROGRAM is not None
        self.process = subprocess.Popen([PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        log = self.folder / "log"
        raise AssertionError(log.read_text() if log.exists() else "it does not begin")

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
            self.process = None

    def arrive(self, name: str, data: bytes) -> None:
        """A message comes into the mailbox."""
        path = self.new / f"{int(time.time())}.{name}.host"
        path.write_bytes(data)
        if os.getuid() == 0:
            shutil.chown(path, "dovecot")

    @property
    def seen(self) -> int:
        """How many are marked as read."""
        return sum("S" in path.name.partition(":2,")[2] for path in (self.folder / "mail/cur").iterdir())


def _certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(
                ipaddress.ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
