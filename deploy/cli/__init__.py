"""`sagaline`: the stack and its campaigns from the command line."""

import sys

import typer
from pydantic import ValidationError

from chassis.telemetry import configure_logs
from deploy.cli import (
    adapters,
    campaign_commands,
    canary,
    control_commands,
    dead,
    demo,
    deploy_gate,
    history_commands,
    mirror,
    stack_commands,
)
from deploy.cli.talk import EXIT_FAILED, EXIT_INPUT, CommandFailed, fail
from deploy.kafka.jars import BrokerUnavailable
from deploy.stack.ports import StackError
from deploy.topics import TopicsRefused, TopicsUnavailable

app = typer.Typer(
    name="sagaline",
    help="Turns a marketing brief into a researched, written, drawn, audited, published campaign.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    stack_commands.up,
    stack_commands.down,
    campaign_commands.run,
    campaign_commands.watch,
    campaign_commands.approve,
    campaign_commands.reject,
    control_commands.pause,
    control_commands.resume,
    control_commands.pauses,
    control_commands.cancel,
    control_commands.publish_now,
    control_commands.retry,
    history_commands.show,
    history_commands.fork,
    stack_commands.status,
    stack_commands.topics,
    stack_commands.verify,
    adapters.adapters,
    deploy_gate.gate,
    canary.canary,
    mirror.mirror,
    demo.demo,
):
    app.command()(command)
app.add_typer(dead.app)
app.add_typer(control_commands.undo)


def main() -> None:
    """Run the command that the arguments name; what cannot be done is said in one line each."""
    configure_logs("ERROR", "sagaline")
    try:
        app()
    except CommandFailed as failure:
        fail(str(failure))
        sys.exit(failure.exit_code)
    except (StackError, BrokerUnavailable, TopicsRefused, TopicsUnavailable) as failure:
        fail(str(failure))
        sys.exit(EXIT_FAILED)
    except OSError as failure:
        fail(f"{failure.strerror or failure}: {failure.filename}; free or change it, or STATE_DIR")
        sys.exit(EXIT_FAILED)
    except ValidationError as refusal:
        for error in refusal.errors():
            name = ".".join(map(str, error["loc"])).upper()
            fail(f"setting {name or '(several)'}: {error['msg']}")
        sys.exit(EXIT_INPUT)
