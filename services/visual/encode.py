"""Frames to H.264 in MP4 with PyAV; the only door to PyAV, which comes with the extra `video`."""

from collections.abc import Iterable
from pathlib import Path

from services.visual.animate import Frame
from services.visual.ports import EncoderMissing

THREADS = 2
"""Fixed, and not the machine's number: x264's bytes depend on it."""

OPTIONS = {
    "preset": "veryfast",
    "crf": "21",
    "tune": "animation",
    "threads": str(THREADS),
    "flags": "+bitexact",
    "x264-params": "keyint=50:colorprim=bt709:transfer=bt709:colormatrix=bt709",
}
CONTAINER = {"movflags": "+faststart", "fflags": "+bitexact"}


def prove_encoder() -> None:
    """Raises EncoderMissing where the extra is not installed."""
    try:
        import av  # noqa: F401
    except ImportError:
        raise EncoderMissing(
            "films need a video encoder that is not installed; install the extra: "
            "pip install sagaline[video]"
        ) from None


def encode(frames: Iterable[Frame], file: Path, size: tuple[int, int], rate: int) -> None:
    """Write the frames (of animate.FILM, all of `size` = width, height) as a film that may start
    while it loads; the same frames give the same bytes. A frame may change after the next one is
    asked for."""
    prove_encoder()
    import av

    width, height = size
    with av.open(file, mode="w", format="mp4", options=CONTAINER) as container:
        stream = container.add_stream("libx264", rate=rate, options=OPTIONS)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number, pixels in enumerate(frames):
            # As FFmpeg lays planar 4:2:0 out in one array: 3 lines for 2 of the picture.
            lines = pixels.data.reshape(height * 3 // 2, width)
            frame = av.VideoFrame.from_ndarray(lines, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
