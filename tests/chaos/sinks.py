"""Two witnesses outside the system: an SMTP server and a webhook that only ever append."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from deploy.stack.ports import choose_port

HOST = "127.0.0.1"
SECRET = "whsec_" + "c2FnYWxpbmUgdGVzdCBzZWNyZXQgb2YgMzIgYnl0ZXM="


@dataclass
class Witness:
    """What arrived, in order: mails as (message id, recipient), calls as (key, body)."""

    mails: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    smtp_url: str = ""
    webhook_url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a stack that mails and calls this witness."""
        return {
            "SMTP_URL": self.smtp_url,
            "WEBHOOK_URL": self.webhook_url,
            "WEBHOOK_SECRET": SECRET,
        }

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        """aiosmtpd's hook: a mail was handed over."""
        message = message_from_bytes(envelope.content)
        self.mails.extend((str(message["Message-ID"]), to) for to in envelope.rcpt_tos)
        return "250 kept"


@contextmanager
def witness() -> Iterator[Witness]:
    """Both sinks on free ports of this machine."""
    seen = Witness()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.calls.append((self.headers["Idempotency-Key"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer((HOST, 0), Receiver)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    mail = Controller(seen, hostname=HOST, port=choose_port(frozenset()))
    mail.start()
    seen.smtp_url = f"smtp://{HOST}:{mail.port}"
    seen.webhook_url = f"http://{HOST}:{server.server_port}/hook"
    try:
        yield seen
    finally:
        mail.stop()
        server.shutdown()
        server.server_close()
        serving.join()
