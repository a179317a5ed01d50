"""Opens the view's database, SQLite or PostgreSQL. It knows the tables and nothing in them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from chassis import telemetry
from services.orchestrator.view.tables import VIEW_VERSION, metadata, versions

BUSY_TIMEOUT_MS = 5_000


class ViewUnavailable(Exception):
    """The view cannot be read or written now; nothing is wrong with the request."""


class Database:
    """The view's database. `writes` is for the projector alone: one writer at a time."""

    def __init__(self, url: str, path: Path, *, writes: bool = False) -> None:
        if not url:
            path.parent.mkdir(parents=True, exist_ok=True)
            url = f"sqlite+pysqlite:///{path}"
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):  # the address as everybody writes it
                url = "postgresql+psycopg://" + url.removeprefix(plain)
        self._engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        if isinstance(self._engine.pool, QueuePool):
            telemetry.POOL_SIZE.labels("view").set(self._engine.pool.size())
        if self._engine.dialect.name == "sqlite":
            _tune_sqlite(self._engine, begin="BEGIN IMMEDIATE" if writes else "BEGIN")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: all of it or nothing. Raises ViewUnavailable."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as cause:
            raise ViewUnavailable(
                f"the view's database does not answer ({type(cause).__name__}); is the projector "
                "running, and is DATABASE_URL right?"
            ) from cause

    def prepare(self) -> bool:
        """Make the tables; True where they were made anew and the log is to be read again."""
        with self.transaction() as connection:
            if _version(connection) == VIEW_VERSION:
                return False
            metadata.drop_all(connection)
            metadata.create_all(connection)
            connection.execute(insert(versions).values(version=VIEW_VERSION))
            return True

    def check(self) -> None:
        """Raises ViewUnavailable where the view cannot be read, or is another build's."""
        with self.transaction() as connection:
            found = _version(connection)
        if found != VIEW_VERSION:
            raise ViewUnavailable(
                f"the view has version {found}, this build reads {VIEW_VERSION}: start this "
                "build's projector, it makes the view anew from the log"
            )

    def close(self) -> None:
        """Give the connections up."""
        self._engine.dispose()


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(versions.name):
        return None
    found: int | None = connection.scalar(select(func.max(versions.c.version)))
    return found


def _tune_sqlite(engine: Engine, *, begin: str) -> None:
    """Real transactions, a log beside the file, and patience with the other process."""

    def connected(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's own
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def begins(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begins)
