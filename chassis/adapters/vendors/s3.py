"""S3-type storage: put, get and delete one object, signed with AWS Signature Version 4.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. Addresses are
path-style, `<S3_URL>/<bucket>/<key>`, as every S3-type store takes them. An object's name is its
key: putting it again writes the same.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    KeyRule,
    Kind,
    Outcome,
    PathBelow,
    Pricing,
    adapter_to,
)
from chassis.adapters.failures import CallFailed
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Ask, Vendor
from contracts.envelope import FailureReason

ALGORITHM = "AWS4-HMAC-SHA256"
OBJECT_BYTES_MAX = 20_000_000


class PutObject(Args):
    """Bytes, in base64, under a name."""

    name: PathBelow
    content: str
    media_type: str = "application/octet-stream"


class NamedObject(Args):
    """An object by its name."""

    name: PathBelow


class Stored(Outcome):
    """The object as the store knows it."""

    name: str
    etag: str


class Content(Outcome):
    """An object's bytes, in base64, and what they are."""

    content: str
    media_type: str


class Deleted(Outcome):
    """The store says the same whether there was something or not."""

    name: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose key signs, for which region."""

    key_id: str
    secret: str = field(repr=False)
    region: str

    def headers(
        self, method: str, url: str, signed: dict[str, str], at: datetime, body: bytes = b""
    ) -> dict[str, str]:
        """The request's headers with its signature; `signed` are further ones to sign."""
        parts, digest = urlsplit(url), hashlib.sha256(body).hexdigest()
        stamp = at.strftime("%Y%m%dT%H%M%SZ")
        own = {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
        every = dict(sorted({**signed, **own}.items()))
        names = ";".join(every)
        listed = "".join(f"{name}:{value.strip()}\n" for name, value in every.items())
        canonical = f"{method}\n{parts.path}\n{parts.query}\n{listed}\n{names}\n{digest}"
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        signature = self._signature(stamp[:8], f"{ALGORITHM}\n{stamp}\n{scope}\n{hashed}")
        credential = f"Credential={self.key_id}/{scope},SignedHeaders={names}"
        every["authorization"] = f"{ALGORITHM} {credential},Signature={signature}"
        return every

    def _signature(self, day: str, text: str) -> str:
        key = f"AWS4{self.secret}".encode()
        for part in (day, self.region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def s3(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    secrets = (settings.s3_secret_access_key, settings.s3_access_key_id)
    needs = {
        "S3_URL": settings.s3_url,
        "S3_BUCKET": settings.s3_bucket,
        "S3_ACCESS_KEY_ID": settings.s3_access_key_id,
        "S3_SECRET_ACCESS_KEY": settings.s3_secret_access_key,
    }
    vendor = Vendor("s3", settings.s3_url, needs=needs, secrets=secrets)
    signer = Signer(settings.s3_access_key_id, settings.s3_secret_access_key, settings.s3_region)
    return adapter_to(
        vendor,
        Kind.STORAGE,
        "objects in an S3-type store",
        actions=_actions(_S3(vendor, signer, settings.s3_bucket)),
    )


def _actions(calls: "_S3") -> tuple[Action, ...]:
    return (
        Action(
            name="put_object",
            about="store bytes under a name",
            args=PutObject,
            outcome=Stored,
            run=calls.put,
            retry=READING,
            key=KeyRule.NAMES,
            pricing=Pricing.PLAN,
            undo="delete_object",
        ),
        Action(
            name="get_object",
            about="read an object",
            args=NamedObject,
            outcome=Content,
            run=calls.get,
            retry=READING,
            pricing=Pricing.PLAN,
        ),
        Action(
            name="delete_object",
            about="delete an object",
            args=NamedObject,
            outcome=Deleted,
            run=calls.delete,
            retry=READING,
            key=KeyRule.NAMES,
        ),
    )


class _S3:
    def __init__(self, vendor: Vendor, signer: Signer, bucket: str) -> None:
        self._vendor = vendor
        self._signer = signer
        self._bucket = bucket

    async def put(self, args: PutObject, call: Call) -> Stored:
        content = _bytes(args.content)
        ask = self._ask("PUT", args.name, call, {"content-type": args.media_type}, content)
        said = await call.web.ask(self._vendor, ask)
        return Stored(name=args.name, etag=said.headers.get("etag", "").strip('"'))

    async def get(self, args: NamedObject, call: Call) -> Content:
        said = await call.web.ask(self._vendor, self._ask("GET", args.name, call, {}))
        return Content(
            content=base64.b64encode(said.raw).decode(),
            media_type=said.headers.get("content-type", "application/octet-stream"),
        )

    async def delete(self, args: NamedObject, call: Call) -> Deleted:
        ask = self._ask("DELETE", args.name, call, {})
        await call.web.ask(self._vendor, ask, accepted=(404,))
        return Deleted(name=args.name)

    def _ask(
        self, method: str, name: str, call: Call, headers: dict[str, str], body: bytes = b""
    ) -> Ask:
        path = f"/{quote(self._bucket)}/{quote(name, safe='/-_.~')}"
        url = self._vendor.root.rstrip("/") + path
        signed = self._signer.headers(method, url, headers, call.now, body)
        return Ask(method, path, headers=signed, content=body if method == "PUT" else None)


def _bytes(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CallFailed(FailureReason.INVALID_INPUT, "content: this is not base64") from None
    if len(content) > OBJECT_BYTES_MAX:
        raise CallFailed(
            FailureReason.INVALID_INPUT, f"content: more than {OBJECT_BYTES_MAX:,} bytes"
        )
    return content
