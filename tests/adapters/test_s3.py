"""S3-type storage: signatures as AWS documents them, checked by a store that trusts nobody."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.adapters.failures import CallFailed
from chassis.adapters.vendors.s3 import Signer
from contracts.envelope import FailureReason
from tests.adapters.wire import Request, Says, Tampering, door_to, opened, serving

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SETTINGS = {
    "s3_region": "eu-central-1",
    "s3_bucket": "campaigns",
    "s3_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "s3_secret_access_key": SECRET,
}
PUT = {
    "name": "media/a b.png",
    "content": base64.b64encode(b"bytes").decode(),
    "media_type": "image/png",
}
SIGNED = ("authorization", "x-amz-date", "x-amz-content-sha256", "content-type")


FORM = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/s3/aws4_request,"
    r"SignedHeaders=([^,]+),Signature=(\w+)"
)


def test_the_signature_is_the_one_of_the_documentations_example() -> None:
    """GET Object of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html"""
    signer = Signer("AKIAIOSFODNN7EXAMPLE", SECRET, "us-east-1")
    headers = signer.headers(
        "GET",
        "https://examplebucket.s3.amazonaws.com/test.txt",
        {"range": "bytes=0-9"},
        datetime(2013, 5, 24, tzinfo=UTC),
    )
    assert headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def trusted(request: Request, path: str) -> bool:
    """What a store works out from a request alone, and the secret that it shares."""
    found = FORM.fullmatch(request.headers.get("authorization", ""))
    if found is None or hashlib.sha256(request.raw).hexdigest() != request.headers.get(
        "x-amz-content-sha256"
    ):
        return False
    _, day, region, names, signature = found.groups()
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names.split(";")):
        return False
    lines = [f"{name}:{request.headers.get(name, '')}" for name in names.split(";")]
    parts = [request.method, path, "", *lines, "", names, request.headers["x-amz-content-sha256"]]
    scope = f"{day}/{region}/s3/aws4_request"
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{request.headers.get('x-amz-date', '')}\n{scope}\n{digest}"
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == signature


async def put(transport: Any = None) -> None:
    with serving([Says(headers={"ETag": '"828ef3fdfa96f00ad9f27c383fc9ac7f"'})]) as desk:
        async with opened(door_to({**SETTINGS, "s3_url": desk.root}, transport)) as door:
            done = await door.execute("s3", "put_object", PUT)
    (request,) = desk.requests
    assert (request.method, request.path) == ("PUT", "/campaigns/media/a%20b.png")
    assert request.headers.get("content-type") == "image/png"
    assert trusted(request, "/campaigns/media/a%20b.png")
    assert request.raw == b"bytes"
    assert done.outcome.model_dump() == {
        "name": "media/a b.png",
        "etag": "828ef3fdfa96f00ad9f27c383fc9ac7f",
    }


async def test_an_object_is_put_with_a_signature_that_a_store_accepts() -> None:
    await put()


@pytest.mark.parametrize("header", SIGNED)
async def test_a_header_that_is_dropped_on_the_way_is_noticed(header: str) -> None:
    with pytest.raises(AssertionError):
        await put(Tampering(0, "header", header))


async def test_an_object_is_read_and_deleted() -> None:
    answers = [Says(b"bytes", headers={"content-type": "image/png"}), Says(status=204)]
    with serving(answers) as desk:
        async with opened(door_to({**SETTINGS, "s3_url": desk.root})) as door:
            got = await door.execute("s3", "get_object", {"name": "a.png"})
            await door.execute("s3", "delete_object", {"name": "a.png"})
    assert got.outcome.model_dump() == {"content": PUT["content"], "media_type": "image/png"}
    assert [request.method for request in desk.requests] == ["GET", "DELETE"]
    assert all(trusted(request, "/campaigns/a.png") for request in desk.requests)


@pytest.mark.parametrize("name", ["../other", "/a", "a//b", ""])
async def test_a_name_does_not_leave_the_bucket(name: str) -> None:
    async with opened(door_to({**SETTINGS, "s3_url": "http://127.0.0.1:1"})) as door:
        with pytest.raises(CallFailed) as refusal:
            await door.execute("s3", "get_object", {"name": name})
    assert refusal.value.reason is FailureReason.INVALID_INPUT
