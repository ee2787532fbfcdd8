"""A real SMTP server on the loopback that keeps what it took: in this process, or as one of its own that outlives ours.

As a program it writes each message to a file the moment it takes it: ``python postbox.py PORT-FILE MAIL-FILE``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import threading
from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[str], str]


class Postbox:
    """Handler of aiosmtpd: ``answer`` gives the reply to an address asked for, ``data`` that to a whole message."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.answer: Answer = lambda to: "250 OK"
        self.data: Answer = lambda to: "250 taken"
        self.connections = 0

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str,  # noqa: N802
                          responses: list[str]) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str,  # noqa: N802
                          options: list[str]) -> str:
        said = self.answer(address)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.original_content, bytes)
        said = self.data(envelope.rcpt_tos[0])
        if said.startswith("250"):
            self.keep(envelope.rcpt_tos[0], envelope.original_content)
        return said

    def keep(self, to: str, data: bytes) -> None:
        self.taken.append((to, data))

    @property
    def addresses(self) -> list[str]:
        return [to for to, _ in self.taken]

    @property
    def messages(self) -> list[EmailMessage]:
        return [parsed(data) for _, data in self.taken]


def parsed(data: bytes) -> EmailMessage:
    """The message, and nothing wrong with it."""
    found = BytesParser(policy=default).parsebytes(data)
    assert isinstance(found, EmailMessage)
    assert not [d for part in found.walk() for d in part.defects]
    return found


class Running:
    """The postbox at a port of its own, until the end of the block."""

    def __init__(self) -> None:
        self.box = Postbox()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postbox", daemon=True)

    def __enter__(self) -> Running:
        self._thread.start()
        made = self._loop.create_server(lambda: SMTP(self.box, hostname="localhost", loop=self._loop), "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(made, self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])


class OnFile(Postbox):
    """Writes each message down before it says that it has it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("a", encoding="ascii")

    def keep(self, to: str, data: bytes) -> None:
        self._file.write(json.dumps([to, base64.b64encode(data).decode()]) + "\n")
        self._file.flush()


def read_file(path: Path) -> list[tuple[str, bytes]]:
    """What `OnFile` has written so far; a line that is being written is none yet."""
    lines = path.read_text(encoding="ascii").split("\n")[:-1] if path.exists() else []
    return [(to, base64.b64decode(data)) for to, data in map(json.loads, lines)]


async def serve(port_file: Path, mail_file: Path) -> None:
    box: Any = OnFile(mail_file) if mail_file.name != "none" else Counting()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="localhost"), "127.0.0.1", 0)
    half = port_file.with_suffix(".part")
    half.write_text(str(server.sockets[0].getsockname()[1]))
    half.rename(port_file)
    await server.serve_forever()


class Counting(Postbox):
    """Throws away what it takes."""

    def keep(self, to: str, data: bytes) -> None:
        pass


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2])))
