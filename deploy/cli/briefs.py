"""Reading a brief as people write it (YAML or JSON), and naming all that is wrong with it."""

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from contracts.goal import CampaignBrief
from deploy.cli.talk import EXIT_INPUT, CommandFailed

BRIEF_BYTES_MAX = 1_000_000
SITE = "{site}"
NO_SITE = (
    "sources: {site} stands for the example site's host:port, and no running stack serves it; "
    "start one (sagaline up), give --site HOST:PORT, or write the address out"
)


class BriefRefused(CommandFailed):
    """The brief breaks rules; one line for each, with field, rule and an example."""

    def __init__(self, path: Path, faults: list[str]) -> None:
        lines = [f"{path}: {fault}" for fault in faults]
        super().__init__("\n".join([*lines, "nothing was produced"]), EXIT_INPUT)


def read_brief(path: Path, site: str = "") -> CampaignBrief:
    """The brief in the file, `{site}` filled in. Raises BriefRefused."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8")
    except OSError as failure:
        raise BriefRefused(path, [f"it cannot be read: {failure.strerror}"]) from failure
    except UnicodeDecodeError as failure:
        raise BriefRefused(path, ["it is not text in UTF-8; save it as such"]) from failure
    if len(data) > BRIEF_BYTES_MAX:
        raise BriefRefused(path, [f"it is larger than {BRIEF_BYTES_MAX} bytes"])
    if SITE in text and not site:
        raise BriefRefused(path, [NO_SITE])
    return _checked(path, _parsed(path, text.replace(SITE, site)))


class _Loader(yaml.SafeLoader):
    """Plain YAML in which a date stays the text it was written as, and no key counts twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            named = ", ".join(sorted(twice))
            raise yaml.constructor.ConstructorError(
                None, None, f"{named} is written twice; keep one", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    letter: [found for found in resolvers if found[0] != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _parsed(path: Path, text: str) -> str:
    """The YAML as JSON, which is what the strict models read."""
    try:
        found = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
        return json.dumps(found)
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise BriefRefused(path, [f"{where}it is no YAML: {failure.problem}"]) from failure
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as failure:
        raise BriefRefused(path, [f"it is no plain YAML: {failure}"]) from failure


def _checked(path: Path, raw: str) -> CampaignBrief:
    try:
        return CampaignBrief.model_validate_json(raw)
    except ValidationError as failure:
        # The API names faults in the same words; FastAPI is only loaded where there are any.
        from services.orchestrator.edge.bodies import refused

        faults = refused(failure, CampaignBrief).errors
        told = [f"{one['field']}: {one['rule']}; for example {one['example']}" for one in faults]
        raise BriefRefused(path, told) from failure
