"""What the optimizer is told from outside: the chassis's settings and its own."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from chassis.settings import ChassisSettings


class OptimizerSettings(ChassisSettings):
    """Settings of the optimizer; the environment variable's name is the field in capitals."""

    lesson_days: int = Field(
        365, ge=1, le=3_650, description="days after which a lesson is no longer recalled"
    )

    # --- publish: the settings of services/optimizer/publish begin here ---
    site_dir: Path = Field(
        default_factory=lambda known: known["state_dir"] / "site",
        description="where the blogs are written, one folder per tenant",
    )
    mail_dir: Path = Field(
        default_factory=lambda known: known["state_dir"] / "mail",
        description="where e-mails are put while SMTP_URL is empty, one maildir per tenant",
    )
    smtp_url: str = Field(
        "",
        description="mail server, smtp://[user:password@]host:port or smtps://…; empty: mail_dir",
        repr=False,
    )
    webhook_url: str = Field("", description="receiver of webhooks; empty: not configured")
    webhook_secret: str = Field(
        "", description="shared with the receiver: whsec_ and 24 to 64 bytes in base64", repr=False
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="where readers reach blog and unsubscribe links"
    )
    mail_from: str = Field(
        "", description="sender of e-mails; empty: no-reply at the contact address's domain"
    )
    on_unknown: Literal["hold", "resend"] = Field(
        "hold", description="a mail that may or may not have been sent: hold it, or send it again"
    )
    # --- publish: end ---
