"""The drawing process: reads orders from stdin, a line each, until it is closed; writes files.

It reports in JSON lines on stdout; the last one of each order is not `progress`.

It knows no broker, no tenant and no campaign.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.visual.ports import DoesNotFit, EncoderMissing, FilmOrder, PictureOrder
from services.visual.storyboard import Scene, SceneKind


def run() -> None:
    """Do what each line of stdin describes."""
    for line in sys.stdin:
        _do(json.loads(line))


def _do(task: dict[str, Any]) -> None:
    folder, order = Path(task["folder"]), task["order"]
    try:
        if task["task"] == "picture":
            _picture(folder, order)
        else:
            _film(folder, order)
            _say("done")
    except DoesNotFit as error:
        _say("does_not_fit", message=str(error))
    except EncoderMissing as error:
        _say("encoder_missing", message=str(error))


def _picture(folder: Path, order: dict[str, Any]) -> None:
    from services.visual.render import draw_picture

    picture = draw_picture(PictureOrder(**{**order, **_files(folder)}))
    (folder / "picture.png").write_bytes(picture.png)
    _say("done", notes=picture.notes, shown=[asdict(one) for one in picture.shown])


def _film(folder: Path, order: dict[str, Any]) -> None:
    from services.visual.film import shoot

    scenes = tuple(Scene(**{**s, "kind": SceneKind(s["kind"])}) for s in order.pop("scenes"))
    shoot(FilmOrder(scenes=scenes, **{**order, **_files(folder)}), folder, _progress)


def _files(folder: Path) -> dict[str, bytes]:
    """The brand's pictures as they came, by field."""
    return {name: (folder / name).read_bytes() for name in ("logo", "photo")}


def _progress(**fields: str | int) -> None:
    _say("progress", fields=fields)


def _say(event: str, **fields: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    run()
