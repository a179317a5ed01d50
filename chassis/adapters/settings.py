"""What a process must be told to reach the outside: addresses and keys, each with its purpose.

Without its key an adapter is not configured: its calls fail with NOT_CONFIGURED, nobody is called.
"""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.adapters.prices import Prices


class AdapterSettings(BaseSettings):
    """Settings of the adapters; the environment variable's name is the field in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    github_token: str = Field("", description="GitHub token with contents: write", repr=False)
    github_url: str = Field("https://api.github.com", description="GitHub's API")
    slack_bot_token: str = Field("", description="Slack bot token, xoxb-…", repr=False)
    slack_url: str = Field("https://slack.com/api", description="Slack's Web API")
    notion_token: str = Field("", description="Notion integration token", repr=False)
    notion_url: str = Field("https://api.notion.com", description="Notion's API")
    figma_access_token: str = Field("", description="Figma personal access token", repr=False)
    figma_url: str = Field("https://api.figma.com", description="Figma's API")
    sendgrid_api_key: str = Field(
        "", description="SendGrid key; set: e-mails go through SendGrid, not SMTP_URL", repr=False
    )
    sendgrid_url: str = Field("https://api.sendgrid.com", description="SendGrid's API")
    buffer_access_token: str = Field("", description="Buffer API key", repr=False)
    buffer_url: str = Field("https://api.buffer.com", description="Buffer's API")
    buffer_organization: str = Field("", description="id of the organization in Buffer")
    grafana_url: str = Field("", description="Grafana, for example https://grafana.example")
    grafana_token: str = Field("", description="Grafana service account token", repr=False)
    anthropic_api_key: str = Field("", description="Anthropic key", repr=False)
    anthropic_url: str = Field("https://api.anthropic.com", description="Anthropic's API")
    openai_api_key: str = Field("", description="key of an OpenAI-compatible API", repr=False)
    openai_url: str = Field(
        "https://api.openai.com/v1", description="an OpenAI-compatible API, with its version"
    )
    perplexity_api_key: str = Field("", description="Perplexity key", repr=False)
    perplexity_url: str = Field("https://api.perplexity.ai", description="Perplexity's API")
    searxng_url: str = Field(
        "", description="a SearxNG with the format json, for example https://search.example"
    )
    model_prices: str = Field(
        "", description="dollars per million tokens, model=in/out[,…]; others cost `unpriced`"
    )
    s3_url: str = Field("", description="an S3-type store, for example https://s3.example")
    s3_region: str = Field("us-east-1", description="its region, as it is signed")
    s3_bucket: str = Field("", description="the bucket that objects are kept in")
    s3_access_key_id: str = Field("", description="its access key", repr=False)
    s3_secret_access_key: str = Field("", description="its secret key", repr=False)
    browser_program: str = Field(
        "", description="a Chromium program; empty: the first of its names on PATH"
    )
    browser_sandbox: bool = Field(
        True, description="the browser's own sandbox; it must be off where the process is root"
    )

    @field_validator("model_prices")
    @classmethod
    def _prices_are_readable(cls, value: str) -> str:
        Prices.parse(value)
        return value
