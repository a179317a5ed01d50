"""The commands about the stack: up, down, status, topics, verify."""

import asyncio
import json
import time
from typing import Annotated, Any

import typer

from deploy.cli.edge import Edge, EdgeUnavailable
from deploy.cli.places import (
    Api,
    Json,
    Tenant,
    api_url,
    mean_the_stack_here,
    stack_here,
    state_dir,
)
from deploy.cli.running_log import reader_of
from deploy.cli.talk import EXIT_FAILED, CommandFailed, err, out, plain, put_json, put_rows, say
from deploy.stack import background
from deploy.stack.figures import figures_of
from deploy.stack.members import HTTP_OK, status_of
from deploy.stack.plan import SERVICES
from deploy.stack.record import ChildRecord, StackRecord
from deploy.topics import TopicsSettings, ensure_topics, found_topics

VIEW_LOOKS_MAX = 5
VIEW_LOOK_EVERY_S = 1.0


def up(as_json: Json = False) -> None:
    """Start Kafka and the five services, and leave them running."""
    record, _ = bring_up()
    if as_json:
        put_json(json.loads(record.model_dump_json()))
        return
    out.print(record.edge_url)


def bring_up() -> tuple[StackRecord, bool]:
    """The running stack, started now where none ran; progress is told on stderr."""
    began = time.monotonic()
    if err.is_terminal:
        with err.status("starting") as spinner:
            record, fresh = background.up(state_dir(), lambda line: spinner.update(plain(line)))
    else:
        record, fresh = background.up(state_dir(), say)
    seconds = time.monotonic() - began
    how = f"started in {seconds:.1f} s" if fresh else "runs already and is used"
    say(f"the stack {how}: API {record.edge_url}, Kafka {record.kafka_bootstrap}")
    if record.degraded:
        say(f"degraded: {record.degraded}")
    return record, fresh


def down() -> None:
    """Stop what up or demo started; records and files stay."""
    say("stopped" if background.down(state_dir(), say) else "nothing runs here")


def status(
    campaign_id: Annotated[str, typer.Argument(help="a campaign's id; without it, all")] = "",
    api: Api = "",
    tenant: Tenant = "",
    as_json: Json = False,
) -> None:
    """Show what runs and how far behind it is, and the campaigns; or one campaign."""
    if campaign_id:
        _show_campaign(campaign_id, api, tenant, as_json=as_json)
        return
    record = stack_here()
    parts = [_part(child) for child in record.children] if record else []
    try:
        campaigns = asyncio.run(_campaigns(api, tenant))
    except EdgeUnavailable as failure:
        campaigns = None
        say(str(failure))
    if as_json:
        put_json({"stack": parts, "campaigns": campaigns})
    else:
        _show_parts(record, parts)
        _show_campaigns(campaigns or [])
    if campaigns is None:
        raise typer.Exit(EXIT_FAILED)


def topics(
    create: Annotated[bool, typer.Option("--create", help="make what is missing")] = False,
    as_json: Json = False,
) -> None:
    """Show the topics; refuses (exit 1) where one that is there is not safe to use."""
    mean_the_stack_here()
    settings = TopicsSettings()
    if create:
        made = ensure_topics(settings)
        say(f"made {len(made)} topics at {settings.kafka_bootstrap}")
    found = found_topics(settings)
    told = [
        {
            "topic": topic.name,
            "state": topic.state,
            "partitions": topic.partitions,
            "retention_ms": topic.settings.get("retention.ms", ""),
            "cleanup_policy": topic.settings.get("cleanup.policy", ""),
        }
        for topic in found
    ]
    if as_json:
        put_json(told)
    else:
        _table(("topic", "state", "partitions", "retention_ms", "cleanup_policy"), told)
    unlike = [str(one) for topic in found for one in topic.differences]
    for line in unlike:
        say(line)
    raise typer.Exit(EXIT_FAILED if unlike else 0)


def verify(as_json: Json = False) -> None:
    """Fold the log afresh and check every chain; exits with 1 where something does not hold."""
    mean_the_stack_here()
    report = asyncio.run(_verified())
    problems = report["problems"]
    if as_json:
        put_json(report)
    else:
        facts = sum(partition["facts"] for partition in report["partitions"].values())
        out.print(f"{len(report['campaigns'])} campaigns, {facts} facts")
        out.print(f"{len(report['without_obligation'])} open ones wait for nothing")
        for problem in problems:
            out.print(plain(f"PROBLEM {problem}"))
        out.print("every chain holds" if not problems else f"{len(problems)} problems")
    raise typer.Exit(EXIT_FAILED if problems else 0)


async def _verified() -> dict[str, Any]:
    from chassis.codec import Codec
    from services.orchestrator.saga.verify import verify as verify_log
    from services.orchestrator.settings import OrchestratorSettings
    from services.orchestrator.view.database import ViewUnavailable
    from services.orchestrator.view.heads import view_heads

    settings = OrchestratorSettings()
    try:
        async with reader_of(settings) as reader:
            report = await verify_log(reader, Codec(), view_heads(settings))
            for _ in range(VIEW_LOOKS_MAX):  # the view may be a moment behind the log
                if not report["problems"]:
                    break
                await asyncio.sleep(VIEW_LOOK_EVERY_S)
                report = await verify_log(reader, Codec(), view_heads(settings))
            return report
    except ViewUnavailable as failure:
        raise CommandFailed(str(failure)) from failure


async def _campaigns(api: str, tenant: str) -> list[dict[str, Any]]:
    async with Edge(api_url(api), tenant) as edge:
        return await edge.campaigns()


def _show_campaign(campaign_id: str, api: str, tenant: str, *, as_json: bool) -> None:
    async def go() -> dict[str, Any]:
        async with Edge(api_url(api), tenant) as edge:
            return await edge.campaign(campaign_id)

    found = asyncio.run(go())
    if as_json:
        put_json(found)
        return
    out.print(plain(f"{found['name']}: {found['state']}, {found['progress_percentage']} %"))
    if found["failure"]:
        out.print(plain(f"failure: {found['failure']}"))
    if found.get("problem"):
        out.print(plain(f"problem: {found['problem']}"))
    columns = ("step", "status", "outcome", "attempts", "actor")
    _table(columns, [{name: step[name] for name in columns} for step in found["trace"]])


def _part(child: ChildRecord) -> dict[str, Any]:
    alive = child.process is not None and child.process.alive
    part: dict[str, Any] = {
        "name": child.name,
        "pid": child.process.pid if child.process and alive else None,
        "port": child.port,
        "restarts": child.restarts,
        "state": "runs" if alive else "is down",
    }
    if alive and child.name.split("-")[0] in SERVICES:
        ready = status_of(child.port, "/health/ready") == HTTP_OK
        found = figures_of(child.port)
        part |= {"state": "ready" if ready else "not ready", "backlog": found.backlog}
        part |= {"drain": found.drain, "stalled": dict(found.stalled)}
    return part


def _show_parts(record: StackRecord | None, parts: list[dict[str, Any]]) -> None:
    if record is None:
        out.print("no stack runs here; sagaline up starts it")
        return
    out.print(f"API {record.edge_url}   Kafka {record.kafka_bootstrap}")
    if record.degraded:
        out.print(f"degraded: {record.degraded}")
    _table(("name", "state", "pid", "port", "restarts", "backlog", "drain"), parts)
    for part in parts:
        for reason, count in part.get("stalled", {}).items():
            out.print(
                plain(f"STALLED {count} sagas: {reason}; the log of {part['name']} names them")
            )


def _show_campaigns(campaigns: list[dict[str, Any]]) -> None:
    columns = ("campaign_id", "state", "progress_percentage", "name")
    _table(columns, [{name: one[name] for name in columns} for one in campaigns])


def _table(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """The named fields of each row under their names."""
    if rows:
        names = [name.replace("_", " ") for name in columns]
        put_rows([names, *([row.get(name) for name in columns] for row in rows)])
