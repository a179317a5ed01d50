"""A campaign's pictures and film as files with names that say what they are."""

from pathlib import Path
from typing import Any

from deploy.cli.edge import Edge, EdgeRefused
from deploy.cli.talk import CommandFailed

FILM, POSTER, CAPTIONS = "film.mp4", "film-poster.png", "film-captions.vtt"
UPRIGHT, UPRIGHT_POSTER = "film-upright.mp4", "film-upright-poster.png"


async def export(edge: Edge, found: dict[str, Any], state_dir: Path) -> dict[str, Path]:
    """Write them below `state_dir/campaigns/<id>` and return the files by name.

    Files that are there already are kept: a name stands for a digest of the same campaign's last
    version, so it is written again only where the bytes differ.
    """
    folder = state_dir / "campaigns" / str(found["campaign_id"])
    files: dict[str, Path] = {}
    for name, digest in _wanted(found["results"]).items():
        try:
            data = await edge.artefact(digest)
        except EdgeRefused as refusal:
            raise CommandFailed(f"{name} of the campaign cannot be read: {refusal}") from refusal
        files[name] = _written(folder / name, data)
    return files


def _wanted(results: dict[str, Any]) -> dict[str, str]:
    wanted = {
        f"{asset['channel']}-{asset['width']}x{asset['height']}.png": str(asset["digest"])
        for asset in results.get("assets", ())
    }
    wanted |= {
        f"{picture['format']}-{picture['width']}x{picture['height']}.png": str(picture["digest"])
        for picture in results.get("further_pictures", ())
    }
    film = results.get("video")
    if film:
        wanted |= {FILM: film["digest"], POSTER: film["poster_digest"]}
        wanted[CAPTIONS] = film["captions_digest"]
        for upright in film.get("upright", ()):
            wanted |= {UPRIGHT: upright["digest"], UPRIGHT_POSTER: upright["poster_digest"]}
    return wanted


def _written(path: Path, data: bytes) -> Path:
    try:
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.draft")
            draft.write_bytes(data)
            draft.replace(path)
    except OSError as failure:
        raise CommandFailed(f"{path} cannot be written: {failure.strerror}") from failure
    return path
