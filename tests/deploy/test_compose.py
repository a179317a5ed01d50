"""The compose file: read by the tools that are here, and closed to the outside."""

import shutil
import subprocess
from typing import Any

import pytest
import yaml

from deploy.stack.plan import ROOT, SERVICES

FILE = ROOT / "docker-compose.yml"
TOOLS = (("docker-compose",), ("docker", "compose"))


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
    return found


def is_there(tool: tuple[str, ...]) -> bool:
    if shutil.which(tool[0]) is None:
        return False
    asked = subprocess.run([*tool, "version"], capture_output=True, check=False)
    return asked.returncode == 0


@pytest.mark.parametrize("tool", TOOLS, ids=" ".join)
def test_the_file_is_accepted(tool: tuple[str, ...]) -> None:
    if not is_there(tool):
        pytest.skip(f"{' '.join(tool)} is not installed")
    read = subprocess.run(
        [*tool, "-f", str(FILE), "config"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    assert set(yaml.safe_load(read.stdout)["services"]) == set(services())


def test_the_five_services_and_what_they_need_are_there() -> None:
    assert set(services()) == {*SERVICES, "kafka", "redis", "topics", "site"}


def test_no_port_is_open_to_other_machines() -> None:
    ports = [port for service in services().values() for port in service.get("ports", ())]
    assert len(ports) == len(SERVICES) + 1
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_service_waits_for_its_topics_and_shares_one_state() -> None:
    for name in SERVICES:
        service = services()[name]
        assert service["depends_on"]["topics"] == {"condition": "service_completed_successfully"}
        assert "state:/state" in service["volumes"]
        assert service["build"]["args"] == {"SERVICE": name}


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_has_a_lock_with_hashes_and_no_index(service: str) -> None:
    locks = ROOT / "deploy" / "locks"
    core = (locks / "core.lock").read_text()
    text = (locks / f"{service}.lock").read_text()
    pinned = {line.split(" ")[0] for line in core.splitlines() if "==" in line}
    assert pinned <= {line.split(" ")[0] for line in text.splitlines() if "==" in line}
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_the_dockerfile_is_one_that_the_legacy_builder_reads_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    assert not [line for line in lines if "--mount" in line or "--chmod" in line]
    assert [line for line in lines if line.startswith("USER ")] == ["USER sagaline"]
    assert sum(line.startswith("HEALTHCHECK") for line in lines) == 1
