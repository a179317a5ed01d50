"""What the optimizer is told from outside: the chassis's settings and its own."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from chassis.guard import AllowList
from chassis.settings import ChassisSettings


class OptimizerSettings(ChassisSettings):
    """Settings of the optimizer; the environment variable's name is the field in capitals."""

    lesson_days: int = Field(
        365, ge=1, le=3_650, description="days after which a lesson is no longer recalled"
    )
    critic_model: str = Field(
        "",
        pattern=r"^((anthropic|openai)/\S+)?$",
        description="a model that reads the texts in the audit too, anthropic/… or openai/…",
    )
    grafana_datasource: str = Field(
        "",
        max_length=40,
        description="uid of Grafana's Infinity data source for dashboards; empty: the default one",
    )
    recall_by: Literal["meaning", "words"] = Field(
        "words", description="how memory is searched by a role that recalls"
    )
    audit_links: Literal["on", "off"] = Field(
        "off", description="whether the audit calls the links of the texts; off: it says so"
    )
    audit_link_seconds_max: float = Field(
        5.0, gt=0, le=30, description="longest one link may take, redirects included, in seconds"
    )
    fetch_allow: str = Field(
        "",
        description="inner hosts that may be fetched, as host:port or CIDR, comma-separated",
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
    github_blog: str = Field(
        "",
        pattern=r"^([A-Za-z0-9-]+/[A-Za-z0-9._-]+)?$",
        description="repository that posts are committed to, owner/name; empty: site_dir",
    )
    github_blog_branch: str = Field("main", description="branch that posts are committed to")
    buffer_linkedin: str = Field("", description="id of the LinkedIn channel in Buffer")
    buffer_twitter: str = Field("", description="id of the X (Twitter) channel in Buffer")
    github_reviews: str = Field(
        "",
        pattern=r"^([A-Za-z0-9-]+/[A-Za-z0-9._-]+)?$",
        description="private repository that reviews are opened in, owner/marketing-campaigns",
    )
    github_reviews_branch: str = Field("main", description="branch that reviews are opened against")
    slack_reviews: str = Field(
        "marketing-reviews", description="Slack channel, its name or id, that reviews are told in"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="where readers reach blog and unsubscribe links"
    )
    mail_from: str = Field(
        "", description="sender of e-mails; empty: no-reply at the contact address's domain"
    )
    mail_tracking: bool = Field(
        True,
        description="count who opens e-mails and follow their link: a pixel, and a link of the "
        "reader's own; ask your readers' consent where the law wants it, or switch it off",
    )
    on_unknown: Literal["hold", "resend"] = Field(
        "hold", description="a mail that may or may not have been sent: hold it, or send it again"
    )
    # --- publish: end ---

    @field_validator("fetch_allow")
    @classmethod
    def _allow_list_is_readable(cls, value: str) -> str:
        AllowList.parse(value)
        return value
