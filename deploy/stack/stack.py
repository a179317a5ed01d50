"""The local stack: starts its services beside Kafka, starts again what dies, and ends all of it."""

import contextlib
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deploy.kafka.broker import HOST, LocalBroker
from deploy.kafka.jars import Say, require_disk
from deploy.stack import plan as parts
from deploy.stack.identity import Process
from deploy.stack.members import STOP_TIMEOUT_S, Child, ChildSpec, Kafka, Member, identity_of
from deploy.stack.plan import Plan
from deploy.stack.ports import StackError, choose_port, is_free, require_free
from deploy.stack.record import ChildRecord, StackRecord, Status, save
from deploy.stack.say import say_on_stderr
from deploy.stack.watch import Watch
from deploy.topics import TopicsSettings, ensure_topics

READY_TIMEOUT_S = 120.0
LOOK_EVERY_S = 0.2
DISK_BYTES_MIN = 256 * 1024 * 1024
REDIS_PORT = 6379
LOG_TAIL_BYTES = 8_000
NO_REDIS = "no redis-server is installed: each process keeps shared state for itself"


class Stack:
    """Kafka, Redis where there is one, the example site and the services, under one supervisor.

    Everything is kept under `state_dir`. Use it as a context manager, or call `start` and `stop`.
    A child that dies is started again after a pause that grows; no process is touched that was
    not started here. What goes on is told to `say`, and written to `state_dir/run/stack.json`.
    """

    def __init__(self, state_dir: Path, plan: Plan | None = None, say: Say = say_on_stderr) -> None:
        self.state_dir = state_dir.absolute()
        self.plan = plan or Plan()
        self.children: dict[str, Member] = {}
        self._record = StackRecord()
        self._say = say
        self._given_up = threading.Event()
        self._watch = Watch(self.children, say, lambda: self._note(self._record.status))

    @property
    def bootstrap(self) -> str:
        """Kafka's address, `host:port`; empty before `start`."""
        return self._record.kafka_bootstrap

    @property
    def edge_url(self) -> str:
        """The API's address; empty where no orchestrator is part of the stack."""
        return self._record.edge_url

    @property
    def site(self) -> str:
        """The example site's `host:port`; empty where it is not served."""
        return self._record.site

    @property
    def record(self) -> StackRecord:
        """What was written about this stack last."""
        return self._record

    def start(self) -> Self:
        """Start everything and return once all of it serves.

        Kafka has the processors for itself until it answers and its topics are made: services
        that start at the same time keep it, and so each other, waiting.

        Raises StackError, BrokerUnavailable, TopicsRefused or TopicsUnavailable, each with one
        line that says what to do; then nothing of it runs any more.
        """
        try:
            require_disk(self.state_dir / "logs", DISK_BYTES_MIN)
            kafka = self._launch_kafka()
            self._start_redis()
            self._start_site()
            if kafka is not None:
                kafka.wait_until_ready()
            self._make_topics()
            self._launch_services()
            self._doing("waiting until all of them work")
            self.wait_until_serving()
        except BaseException as failure:
            self._end_all(Status.FAILED, error=str(failure))
            raise
        self._watch.start()
        self._note(Status.RUNNING)
        return self

    def stop(self) -> None:
        """End everything, services first; safe to repeat."""
        self._end_all(Status.STOPPED)

    def give_up(self) -> None:
        """Make a `start` that is under way fail soon; for signal handlers."""
        self._given_up.set()

    def kill(self, name: str) -> int:
        """SIGKILL to one child, as a power cut would; the id it had. It is started again."""
        member = self.children[name]
        pid = member.pid
        if pid is None:
            raise StackError(f"{name} does not run now, so it cannot be killed")
        member.kill()
        return pid

    def wait_until_serving(self, *names: str, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Return once the named children serve (all, where none is named). Raises StackError."""
        deadline = time.monotonic() + timeout_s
        waiting = [self.children[name] for name in names or self.children]
        while waiting := [member for member in waiting if not member.serves()]:
            if time.monotonic() > deadline:
                late = ", ".join(f"{member.name} (log: {member.log})" for member in waiting)
                raise StackError(f"not ready within {timeout_s:.0f} s: {late}")
            if self._given_up.wait(LOOK_EVERY_S):
                raise StackError("stopped while it was starting")
            self._require_running(waiting)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch_kafka(self) -> Kafka | None:
        if self.plan.kafka_bootstrap:
            self._note(Status.STARTING, kafka_bootstrap=self.plan.kafka_bootstrap)
            return None
        port = self._port(parts.KAFKA)
        self._doing(f"Kafka at {HOST}:{port}", kafka_bootstrap=f"{HOST}:{port}")
        home = self.state_dir / "kafka" / "node"
        broker = LocalBroker(home, port=port, heap=self.plan.kafka_heap, say=self._say)
        kafka = Kafka(broker, port)
        self._known(kafka)
        kafka.launch()
        self._note(Status.STARTING)
        return kafka

    def _start_redis(self) -> None:
        outside = self.plan.redis_url
        program = parts.redis_program()
        if outside or program is None:
            self._note(Status.STARTING, redis_url=outside, degraded="" if outside else NO_REDIS)
            return
        wished = self.plan.ports.get(parts.REDIS, 0)
        usual = REDIS_PORT if is_free(REDIS_PORT) and parts.REDIS in self.plan.ports else 0
        port = self._port(parts.REDIS) if wished else usual or choose_port(self._taken())
        self._doing(f"Redis at {HOST}:{port}", redis_url=f"redis://{HOST}:{port}/0")
        spec = parts.redis_spec(program, self.state_dir / "redis", port)
        self._add(Child(spec, self.state_dir / "logs"))
        self.wait_until_serving(parts.REDIS)

    def _make_topics(self) -> None:
        self._doing("topics")
        environment = self._environment()
        made = ensure_topics(TopicsSettings(**parts.given(TopicsSettings, environment)))
        if made:
            self._say(f"made {len(made)} topics")

    def _start_site(self) -> None:
        if self.plan.site is None:
            return
        before = self.plan.site_port_before
        again = before if before and is_free(before) else 0
        fixed = self.plan.ports.get(parts.SITE, 0)
        port = self._port(parts.SITE) if fixed else again or choose_port(self._taken())
        self._doing(f"the example site at {HOST}:{port}", site=f"{HOST}:{port}")
        self._add(Child(parts.site_spec(self.plan.site, port), self.state_dir / "logs"))

    def _launch_services(self) -> None:
        specs = self._service_specs()
        for spec in specs:
            self._doing(f"{spec.name} at {HOST}:{spec.port}")
            self._add(Child(spec, self.state_dir / "logs"))

    def _service_specs(self) -> list[ChildSpec]:
        """Every copy, the edge's port known before any is started: links are made from it."""
        copies = {name: self.plan.copies.get(name, 1) for name in parts.SERVICES}
        ports = {name: self._port(name) for name, count in copies.items() if count}
        if parts.EDGE_SERVICE in ports:
            edge_url = f"http://{HOST}:{ports[parts.EDGE_SERVICE]}"
            self._note(Status.STARTING, edge_url=edge_url)
        environment = self._environment()
        taken = self._taken() | frozenset(ports.values())
        specs: list[ChildSpec] = []
        for name, first_port in ports.items():
            for instance in range(copies[name]):
                port = choose_port(taken) if instance else first_port
                taken |= {port}
                specs.append(parts.service_spec(name, instance, port, environment))
        return specs

    def _environment(self) -> dict[str, str]:
        """What every service is told; the plan's own words go before what follows from it."""
        wished = self.plan.environment
        allowed = [parts.told(wished, "FETCH_ALLOW"), self._record.site]
        found = {
            "STATE_DIR": str(self.state_dir),
            "KAFKA_BOOTSTRAP": self._record.kafka_bootstrap,
            "SOURCES_DIR": parts.told(wished, "SOURCES_DIR", str(parts.EXAMPLE_SOURCES)),
            "PUBLIC_URL": parts.told(wished, "PUBLIC_URL", self._record.edge_url),
        }
        store = {"REDIS_URL": self._record.redis_url}
        if not self._record.redis_url:
            store = {"USE_IN_MEMORY_STORE": "true"}
        return {
            **found,
            **store,
            **wished,
            "FETCH_ALLOW": ",".join(filter(None, allowed)),
        }

    def _port(self, name: str) -> int:
        """The part's port: the wished one, which must be free, or any free one."""
        wished = self.plan.ports.get(name, 0)
        if not wished:
            return choose_port(self._taken())
        require_free(wished, parts.SETTING_OF[name])
        return wished

    def _taken(self) -> frozenset[int]:
        planned = {port for port in self.plan.ports.values() if port}
        return frozenset(planned | {member.port for member in self.children.values()})

    def _known(self, member: Member) -> None:
        if self._given_up.is_set():
            raise StackError("stopped while it was starting")
        self.children[member.name] = member

    def _add(self, member: Member) -> None:
        self._known(member)
        member.start()
        self._note(Status.STARTING)

    def _require_running(self, waiting: list[Member]) -> None:
        """While the watch is not at work yet, a child that ends is an error. Raises StackError."""
        if self._watch.running:
            return
        for member in waiting:
            if member.pid is None:
                code = member.exit_code
                raise StackError(
                    f"{member.name} ended with exit code {code} while starting: "
                    f"{_last_line(member.log)} (its log is {member.log})"
                )

    def _end_all(self, status: Status, error: str = "") -> None:
        self._watch.stop()
        if any(member.pid is not None for member in self.children.values()):
            self._note(Status.STOPPING, doing="ending the services", error=error)
        services = [m for m in self.children.values() if m.name.split("-")[0] in parts.SERVICES]
        for member in services:
            member.ask_to_end()
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for member in services:
            member.end(max(0.0, deadline - time.monotonic()))
        for member in reversed(self.children.values()):
            member.end()
        self._note(status, doing="", error=error)

    def _doing(self, what: str, **known: str) -> None:
        self._say(what)
        self._note(Status.STARTING, doing=what, **known)

    def _note(self, status: Status, **known: str) -> None:
        update: dict[str, Any] = {
            "status": status,
            "children": tuple(_child_record(member) for member in self.children.values()),
            "supervisor": Process.of(os.getpid()),
            "topic_prefix": parts.told(self.plan.environment, "TOPIC_PREFIX"),
            "doing": "" if status is Status.RUNNING else self._record.doing,
        }
        self._record = self._record.model_copy(update={**update, **known})
        with contextlib.suppress(OSError):  # a full disk must not keep the stack from ending
            save(self.state_dir, self._record)


def _child_record(member: Member) -> ChildRecord:
    return ChildRecord(
        name=member.name,
        process=identity_of(member),
        port=member.port,
        instance=member.spec.instance if isinstance(member, Child) else 0,
        restarts=member.restarts,
        log=str(member.log),
    )


def _last_line(log: Path) -> str:
    """The last thing a child said, for a message of one line."""
    try:
        said = log.read_bytes()[-LOG_TAIL_BYTES:].decode("utf-8", errors="replace").strip()
    except OSError:
        said = ""
    return said.splitlines()[-1][:300] if said else "it said nothing"
