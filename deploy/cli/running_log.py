"""The log of the running stack, opened for a command that only reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.broker import Reader
from chassis.errors import ChassisError
from chassis.kafka import KafkaBroker
from chassis.settings import ChassisSettings
from deploy.cli.talk import CommandFailed


@asynccontextmanager
async def reader_of(settings: ChassisSettings) -> AsyncIterator[Reader]:
    """A reader of the log that these settings name, closed at the end.

    Raises CommandFailed, with what to do, where the log cannot be read.
    """
    reader = KafkaBroker(settings).reader()
    try:
        yield reader
    except ChassisError as failure:
        raise CommandFailed(
            f"the log at {settings.kafka_bootstrap} cannot be read ({failure}); start the stack "
            "(sagaline up), or correct KAFKA_BOOTSTRAP"
        ) from failure
    finally:
        await reader.close()
