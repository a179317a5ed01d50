"""The child that reads foreign bytes: limits itself, then answers frames until its input ends.

Run by file path in an isolated interpreter, so it imports nothing of the service and sees none of
its environment. A frame is two big-endian lengths (4 bytes each), a JSON object, raw bytes.
"""

import csv
import json
import resource
import struct
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

LENGTHS = struct.Struct(">II")
MEBIBYTE = 1024 * 1024
FORMATS = Path(__file__).with_name("extraction_formats.py")


def formats() -> ModuleType:
    """The readers, loaded by their path: an isolated interpreter knows no package of ours."""
    spec = spec_from_file_location("extraction_formats", FORMATS)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(readers: dict[str, Any], request: dict[str, str], raw: bytes) -> dict[str, Any]:
    """Read the bytes as asked; what cannot be parsed is an answer too."""
    from lxml.etree import LxmlError

    try:
        reply: dict[str, Any] = readers[request["kind"]](raw, request)
        return reply
    except MemoryError:
        return {"refused": "reading it needs more memory than a source may take", "spent": True}
    except ImportError as error:
        return {"refused": f"reading it needs {error.name}, which is not installed"}
    except (ValueError, TypeError, LookupError, RecursionError, csv.Error, LxmlError) as error:
        return {"refused": f"it cannot be parsed: {error}"[:500]}


def _read(stream: BinaryIO) -> tuple[dict[str, str], bytes] | None:
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack(lengths)
    request: dict[str, str] = json.loads(stream.read(head))
    return request, stream.read(body)


def _write(stream: BinaryIO, reply: dict[str, Any]) -> None:
    head = json.dumps(reply).encode()
    stream.write(LENGTHS.pack(len(head), 0) + head)
    stream.flush()


def main(memory_limit_mb: int) -> int:
    """Serve frames from standard input until it ends; 0 then, 1 after running out of memory."""
    limit = memory_limit_mb * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    try:
        import feedparser  # noqa: F401 (imported now, so that no page pays for it)
        import trafilatura  # noqa: F401

        readers = formats().READERS
    except (ImportError, MemoryError) as error:
        _write(replies, {"broken": f"{type(error).__name__}: {error}"})
        return 1
    _write(replies, {"ready": True})
    while frame := _read(requests):
        reply = answer(readers, *frame)
        _write(replies, reply)
        if reply.get("spent"):
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1])))
