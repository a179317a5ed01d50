"""The SMTP carrier (RFC 5321): one connection, one mail at a time. It knows no campaign.

What the server said before the data decides: a refusal or a lost connection there means that
nothing was sent; a connection lost after the data means that nobody can say.
"""

import smtplib
import ssl
from urllib.parse import SplitResult, unquote, urlsplit

from chassis.errors import StepError
from contracts.envelope import FailureReason
from services.optimizer.publish.carriers import Handed, Mail, Verdict

TIMEOUT_S = 30.0
_PORTS = {"smtp": 25, "smtps": 465}


class SmtpServer:
    """A BlockingCarrier to the server that an `smtp://` or `smtps://` address names."""

    name = "smtp"
    deduplicates = False

    def __init__(self, smtp_url: str) -> None:
        self._server = _parsed(smtp_url)
        self._host = self._server.hostname or ""
        self._port = self._server.port or _PORTS[self._server.scheme]
        self._connection: smtplib.SMTP | None = None
        self.location = f"{self._server.scheme}://{self._host}:{self._port}"

    @property
    def connected(self) -> bool:
        """True where there is a connection that nothing broke yet."""
        return self._connection is not None

    def ready(self) -> None:
        """Connect and log in, once. Raises StepError UNAVAILABLE or NOT_CONFIGURED."""
        if self.connected:
            return
        try:
            self._connection = self._connected()
        except smtplib.SMTPAuthenticationError as error:
            raise StepError(
                FailureReason.NOT_CONFIGURED,
                f"{self.location} refused the login ({error.smtp_code}); correct user and "
                "password in SMTP_URL",
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise StepError(
                FailureReason.UNAVAILABLE,
                f"{self.location} cannot be used ({type(error).__name__}); check SMTP_URL and the "
                "server. No further mail was sent",
            ) from error

    def hand_over(self, mail: Mail) -> Handed:
        """One transaction: MAIL, RCPT, DATA."""
        assert self._connection is not None
        try:
            refused = self._announce(self._connection, mail)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Handed(Verdict.DEFERRED, f"{type(error).__name__} before the data")
        return refused or self._data(self._connection, mail)

    def close(self) -> None:
        """Say goodbye, where there is still somebody to say it to."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (OSError, smtplib.SMTPException):
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        connection: smtplib.SMTP
        if server.scheme == "smtps":
            connection = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_S, context=context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        try:
            self._introduce(connection, context)
        except (OSError, smtplib.SMTPException, StepError):
            connection.close()
            raise
        return connection

    def _introduce(self, connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server = self._server
        connection.ehlo_or_helo_if_needed()
        safe = server.scheme == "smtps"
        if not safe and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
            safe = True
        if not server.username:
            return
        if not safe:
            raise StepError(
                FailureReason.NOT_CONFIGURED,
                f"{self.location} offers no encryption, so the password is not sent; use a server "
                "with STARTTLS or smtps://, or take user and password out of SMTP_URL",
            )
        connection.login(unquote(server.username), unquote(server.password or ""))

    def _announce(self, connection: smtplib.SMTP, mail: Mail) -> Handed | None:
        """MAIL and RCPT; what the server refused, if it did."""
        for code, _ in (connection.mail(mail.sender), connection.rcpt(mail.recipient)):
            if not 200 <= code < 300:
                connection.rset()
                return _refusal(code)
        return None

    def _data(self, connection: smtplib.SMTP, mail: Mail) -> Handed:
        try:
            code, _ = connection.data(mail.data)
        except smtplib.SMTPDataError as error:
            return _refusal(error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Handed(Verdict.UNKNOWN, f"{type(error).__name__} after the data")
        return Handed(Verdict.SENT) if 200 <= code < 300 else _refusal(code)


def _refusal(code: int) -> Handed:
    """4yz: try again later; anything else: never (RFC 5321, 4.2.1)."""
    if 400 <= code < 500:
        return Handed(Verdict.DEFERRED, f"the server answered {code}")
    return Handed(Verdict.REFUSED, f"the server answered {code}")


def _parsed(smtp_url: str) -> SplitResult:
    parts = urlsplit(smtp_url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            "smtp_url: give smtp://host:port or smtps://user:password@host:port, or leave it "
            "empty to use the mail folder"
        )
    return parts
