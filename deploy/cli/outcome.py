"""Where to look when a campaign is through: pages, letters, pictures, film, stream and console."""

from pathlib import Path
from typing import Any

from deploy.cli import gallery
from deploy.cli.edge import CAMPAIGNS, Edge
from deploy.cli.talk import out, plain, put_rows

MAILDIR = "maildir:"


async def places_of(edge: Edge, campaign_id: str, state_dir: Path) -> dict[str, Any]:
    """Everything that somebody may want to open, by what it is."""
    found = await edge.campaign(campaign_id)
    files = await gallery.export(edge, found, state_dir)
    publications = found["results"]["publications"]
    by_channel = {one["channel"]: str(one["location"]) for one in publications}
    letters = [
        str(path)
        for location in by_channel.values()
        if location.startswith(MAILDIR)
        for path in letters_at(location, state_dir)
    ]
    return {
        "campaign_id": campaign_id,
        "name": found["name"],
        "state": found["state"],
        "failure": found["failure"],
        "published": {
            channel: location
            for channel, location in by_channel.items()
            if not location.startswith(MAILDIR)
        },
        "letters": letters,
        "files": {name: str(path) for name, path in files.items()},
        "stream": f"{edge.url}{CAMPAIGNS}/{campaign_id}/stream",
        "console": f"{edge.url}/campaigns/{campaign_id}",
        "api_docs": f"{edge.url}/docs",
        "registry": f"{edge.url}/registry",
    }


def letters_at(location: str, state_dir: Path) -> list[Path]:
    """The message files behind `maildir:<tenant>/new/<effect key>`, unread or read."""
    folder, _, key = location.removeprefix(MAILDIR).rpartition("/")
    new = state_dir.absolute() / "mail" / folder
    return sorted(path for part in (new, new.parent / "cur") for path in part.glob(f"{key}.*"))


def show(places: dict[str, Any]) -> None:
    """The table, on stdout."""
    rows: list[tuple[str, str]] = [("campaign", places["campaign_id"])]
    if places["failure"]:
        rows.append(("failure", ": ".join(str(v) for v in places["failure"].values())))
    rows += [(channel, location) for channel, location in places["published"].items()]
    rows += [("e-mail file", letter) for letter in places["letters"]]
    rows += [(name, path) for name, path in places["files"].items()]
    rows += [
        (name.replace("_", " "), places[name])
        for name in ("console", "stream", "api_docs", "registry")
    ]
    out.print(plain(f"{places['name']}: {places['state']}"))
    put_rows([(f"  {name}", value) for name, value in rows])
    out.print()
