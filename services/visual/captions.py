"""What a film says, as WebVTT for those who cannot see it (https://www.w3.org/TR/webvtt1/)."""

from collections.abc import Iterable

from services.visual.storyboard import Scene


def web_vtt(scenes: Iterable[Scene], frames_per_second: int, language: str) -> str:
    """One cue per scene, from its first frame to its last; text is escaped as WebVTT asks."""
    lines = ["WEBVTT", f"Language: {language}", ""]
    begin = 0
    for number, scene in enumerate(scenes, 1):
        end = begin + scene.frames
        span = f"{_stamp(begin, frames_per_second)} --> {_stamp(end, frames_per_second)}"
        lines += [str(number), span, *map(_escaped, filter(None, (scene.text, scene.detail))), ""]
        begin = end
    return "\n".join(lines)


def _stamp(frame: int, frames_per_second: int) -> str:
    millis = frame * 1_000 // frames_per_second
    minutes, rest = divmod(millis, 60_000)
    return f"00:{minutes:02d}:{rest // 1_000:02d}.{rest % 1_000:03d}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
