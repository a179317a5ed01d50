"""Which addresses a browser may be sent to: the text came from outside. Pure."""

from urllib.parse import urlsplit


def web_address(text: str) -> str:
    """The address where a browser may go; empty for anything but http, https and our own paths."""
    if text.startswith("/") and not text.startswith("//"):
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""
