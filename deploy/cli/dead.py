"""`sagaline dead`: records that nobody could work on are looked at, tried, put back or dropped."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from chassis.broker import Incoming
from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.errors import Rejected, Undecodable
from chassis.letterbox import Letter, Letters
from contracts import topics
from deploy.cli import dead_choice, dead_file
from deploy.cli.dead_choice import Described, Manner, Means
from deploy.cli.dead_counter import Counter
from deploy.cli.dead_words import as_data, row, told
from deploy.cli.options import with_options
from deploy.cli.places import Json
from deploy.cli.talk import (
    EXIT_FAILED,
    EXIT_INPUT,
    CommandFailed,
    can_ask,
    out,
    plain,
    put_json,
    put_rows,
    say,
)

SAGA_INPUTS = (topics.REQUESTS, topics.RESULTS)
COLUMNS = ("letter", "state", "at", "attempts", "topic", "key", "holds", "cause")

app = typer.Typer(
    name="dead",
    help="Records that nobody could work on: list, show, try, redrive, drop.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[LETTER]...", help="letters, like 3@17")
]


@app.command("list")
@with_options
def list_letters(
    described: Described,
    closed: Annotated[bool, typer.Option("--closed", help="those dealt with, too")] = False,
    as_json: Json = False,
) -> None:
    """List the open letters, in the original order of their records."""
    letters = asyncio.run(_read())
    which = described.which()
    found = [one for one in letters.by_place.values() if which.means(one) and (closed or one.open)]
    found.sort(key=lambda letter: letter.order)
    if as_json:
        put_json([as_data(letter) for letter in found])
        return
    if found:
        put_rows([COLUMNS, *(row(letter) for letter in found)])
    say(f"{len(found)} letters; sagaline dead show LETTER tells more")
    if letters.strangers:
        say(f"{letters.strangers} records on {topics.DEAD_LETTERS} are no letters of ours")


@app.command()
def show(
    letter: Annotated[str, typer.Argument(metavar="LETTER", help="a letter, like 3@17")],
    save: Annotated[
        Path | None, typer.Option("--save", help="keep it here, with its campaign's log")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show one letter: cause, schema, attempts, where its record stood; and how to try it here."""

    async def go() -> tuple[Letter, dead_file.SavedLetter]:
        async with Counter() as counter:
            (found,) = dead_choice.named(await counter.letters(), [letter])
            return found, await counter.whole(found, with_log=save is not None)

    found, saved = asyncio.run(go())
    if save is not None:
        dead_file.save(saved, save)
    if as_json:
        put_json(as_data(found))
    else:
        for line in told(found, saved.record.record):
            out.print(plain(line))
    if save is not None:
        say(f"saved with {len(saved.history)} facts of its campaign: sagaline dead try {save}")


@app.command("try")
def try_here(
    file: Annotated[Path, typer.Argument(help="what `sagaline dead show --save` wrote")],
    now: Annotated[
        bool, typer.Option("--now", help="after all that the campaign's log held when saved")
    ] = False,
) -> None:
    """Take the saved record up with this tree's code, and write nothing; exits with 1 if it fails.

    Its campaign is taken as it stood when the record died. A record that breaks our code ends in
    that code's own traceback.
    """
    saved = dead_file.load(file)
    record = saved.record.record
    say(f"letter {saved.letter}: {saved.cause}")
    try:
        if record.offset >= 0:
            _decode(record)
        if record.topic in SAGA_INPUTS:
            _rehearse(saved, now=now)
    except Rejected as reason:
        what = "it does not decode" if isinstance(reason, Undecodable) else "it is refused"
        raise CommandFailed(f"{what}: {reason}") from reason
    say("nothing here stands against it: sagaline dead redrive puts it back")


@app.command()
@with_options
def redrive(
    described: Described,
    means: Means,
    manner: Manner,
    letters: Names = None,
    out_of_order: Annotated[
        bool, typer.Option("--out-of-order", help="leave an earlier letter of the key behind")
    ] = False,
) -> None:
    """Put records back on their topics, each once, those of a key in their original order.

    A parked letter's campaign takes in all that it has parked, in order. Exits with 1 where a
    parked one still waits afterwards.
    """

    async def go() -> list[Letter]:
        async with Counter() as counter:
            known = await counter.open(writing=not manner.dry_run)
            found = dead_choice.chosen(known, letters or [], described, means)
            if not out_of_order:
                dead_choice.require_order(known, found)
            if found and not manner.dry_run:
                _confirm("put back", found, asked=not (manner.yes or letters))
                await counter.clerk.redrive(found)
                return await counter.settled(found)
            return found

    _say_done("put back", asyncio.run(go()), manner)


@app.command()
@with_options
def drop(
    described: Described,
    means: Means,
    manner: Manner,
    letters: Names = None,
    reason: Annotated[str, typer.Option("--reason", help="why; it is kept: give one")] = "",
) -> None:
    """Close letters whose records nobody is to work on; they can still be read."""
    if not reason.strip():
        raise CommandFailed("say why with --reason: it is kept beside the letter", EXIT_INPUT)

    async def go() -> list[Letter]:
        async with Counter() as counter:
            known = await counter.open(writing=not manner.dry_run)
            found = dead_choice.chosen(known, letters or [], described, means)
            if found and not manner.dry_run:
                _confirm("drop", found, asked=not (manner.yes or letters))
                await counter.clerk.drop(found, reason)
                return await counter.settled(found)
            return found

    _say_done("dropped", asyncio.run(go()), manner)


async def _read() -> Letters:
    async with Counter() as counter:
        return await counter.letters()


def _decode(record: Incoming) -> None:
    message = Codec().decode(record.value)
    say(f"it decodes: {message.entry.name} v{message.envelope.schema_version}")
    out.print(plain(message.body.model_dump_json(indent=2)))
    if message.entry.topic != record.topic:
        raise Rejected(f"{message.entry.name} belongs on {message.entry.topic}")


def _rehearse(saved: dead_file.SavedLetter, *, now: bool) -> None:
    from services.orchestrator.saga.rehearsal import before, rehearse

    record = saved.record.record
    history = [one.record for one in saved.history]
    if not now:
        history = before(history, record, saved.at)
    at = SystemClock().now() if now else saved.at
    written = asyncio.run(rehearse(record, history, at))
    say(f"its campaign has {len(history)} facts; it adds {len(written)} records")
    for message in written:
        out.print(plain(f"{message.entry.topic}: {message.entry.name}"))


def _confirm(what: str, found: Sequence[Letter], *, asked: bool) -> None:
    if asked and can_ask() and not typer.confirm(f"{what} {len(found)} letters?", err=True):
        say("nothing was done")
        raise typer.Exit(EXIT_FAILED)


def _say_done(what: str, found: Sequence[Letter], manner: Manner) -> None:
    if manner.as_json:
        letters = [as_data(one) for one in found]
        put_json({"done": not manner.dry_run, "letters": letters})
        return
    if found:
        put_rows([COLUMNS, *(row(letter) for letter in found)])
    say(f"{len(found)} letters {'would be ' if manner.dry_run else ''}{what}")
    if not manner.dry_run and (waiting := [one for one in found if one.state == "parked"]):
        say(f"{len(waiting)} of them are parked still; their causes say why")
        raise typer.Exit(EXIT_FAILED)
