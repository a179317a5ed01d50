"""What every process is told from outside: typed, with defaults, each one documented here."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REGION_PATTERN = r"^[A-Za-z0-9_.-]{0,64}$"
REGION_SERVERS_MIN = 3


class ChassisSettings(BaseSettings):
    """Settings of every process; the name of the environment variable is the field in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    kafka_bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port[,…]")
    topic_prefix: str = Field("", description="put before every topic name")
    group_prefix: str = Field("", description="put before every group and transactional id")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how to talk to the brokers"
    )
    kafka_sasl_mechanism: str = Field("", description="for example SCRAM-SHA-512")
    kafka_sasl_username: str = Field("", description="SASL user")
    kafka_sasl_password: str = Field("", description="SASL password", repr=False)
    kafka_ssl_ca_location: str = Field("", description="CA certificate file")
    kafka_ssl_certificate_location: str = Field("", description="client certificate file")
    kafka_ssl_key_location: str = Field("", description="client key file")
    redis_url: str = Field(
        "",
        description="Redis, one address or several independent servers', url[,…]; required unless "
        "USE_IN_MEMORY_STORE is true",
        repr=False,
    )
    region: str = Field(
        "",
        pattern=REGION_PATTERN,
        description="this region's name, for good; of several regions one works, the one that "
        "holds a lease over REDIS_URL (then three servers or more); empty: there is one region",
    )
    region_lease_s: float = Field(
        15.0,
        ge=2,
        le=300,
        description="how long a region that is gone keeps the others from working",
    )
    use_in_memory_store: bool = Field(
        False, description="keep shared state in this process; health then says degraded"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="logs")
    state_dir: Path = Field(Path(".sagaline"), description="where local state is kept")
    host: str = Field("127.0.0.1", description="address to bind to")
    port: int = Field(
        0, ge=0, le=65_535, description="port of health and metrics; 0 takes a free one"
    )
    instance: int = Field(0, ge=0, description="number of this copy; names it <role>-<n>")
    session_timeout_ms: int = Field(
        6_000, ge=1_000, le=300_000, description="how long a silent copy keeps its work"
    )
    stalled_after_s: float = Field(
        60.0,
        ge=5,
        description="how long a role may stand still before it is unhealthy; the process then "
        "ends itself ten seconds later",
    )
    max_in_flight: int = Field(
        20, ge=1, le=1_000, description="commands worked on at once per role"
    )
    memory_limit_mb: int = Field(
        512, ge=64, description="limit of a child that reads foreign bytes, in megabytes"
    )
    recall_by: Literal["meaning", "words"] = Field(
        "meaning", description="how memory is searched by a role that recalls"
    )
    memory_items_max: int = Field(
        100_000,
        ge=1,
        le=1_000_000,
        description="items remembered per tenant and namespace; beyond it the least important, "
        "oldest one is let go (about 4 KB each)",
    )
    embeddings_url: str = Field(
        "",
        pattern="^(https?://.+)?$",
        description="OpenAI-compatible address that /embeddings is put behind, as "
        "https://host/v1; empty: all-MiniLM-L6-v2 in this process (English)",
    )
    embeddings_model: str = Field(
        "text-embedding-3-small", min_length=1, description="model asked for at EMBEDDINGS_URL"
    )
    embeddings_key: str = Field(
        "", description="key for EMBEDDINGS_URL, where it wants one", repr=False
    )

    @model_validator(mode="after")
    def _redis_or_said_so(self) -> "ChassisSettings":
        if not self.redis_url and not self.use_in_memory_store:
            raise ValueError(
                "REDIS_URL is required: give the shared store's address, for example "
                "redis://127.0.0.1:6379/0, or set USE_IN_MEMORY_STORE=true for a single copy"
            )
        return self

    @model_validator(mode="after")
    def _region_with_a_quorum(self) -> "ChassisSettings":
        if self.region and len(self.redis_urls) < REGION_SERVERS_MIN:
            raise ValueError(
                f"REGION needs REDIS_URL with at least {REGION_SERVERS_MIN} servers, url,url,url: "
                "this region's, the other's, and one in a third place that decides between the two"
            )
        return self

    @property
    def redis_urls(self) -> tuple[str, ...]:
        """The servers of REDIS_URL; none where what is shared is kept in this process."""
        given = "" if self.use_in_memory_store else self.redis_url
        return tuple(url.strip() for url in given.split(",") if url.strip())

    @property
    def artefacts_dir(self) -> Path:
        """Where artefacts and claims are kept."""
        return self.state_dir / "artefacts"

    @property
    def keyring_dir(self) -> Path:
        """Where the keys of personal fields are kept."""
        return self.state_dir / "keyring"
