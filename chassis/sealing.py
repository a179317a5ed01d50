"""Personal fields under a key per person: destroy the key, and the field is gone everywhere.

AES-256-GCM (NIST SP 800-38D) with a 96-bit random nonce; tenant and subject are authenticated,
so a token moved to another tenant or person does not open.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.artefacts import replace_secret, write_once
from contracts.goal import SealedText

KEY_BYTES = 32
NONCE_BYTES = 12
SHREDDED = b"SHREDDED"

Unsealer = Callable[[SealedText], str]
"""Opens one tenant's personal field. Raises Shredded or SealBroken."""


class Shredded(LookupError):
    """The person's key was destroyed: this field can never be read again."""


class SealBroken(ValueError):
    """The token was altered, or belongs to another tenant or person."""


class Keyring(Protocol):
    """Keys per tenant and subject, made on first use by put-if-absent."""

    def key(self, tenant_id: str, subject_id: str, *, create: bool) -> bytes:
        """The subject's key. Raises Shredded where it was destroyed or never made."""
        ...

    def destroy(self, tenant_id: str, subject_id: str) -> None:
        """Make every field of the subject unreadable, for ever."""
        ...


class FileKeyring:
    """Keys as files readable by their owner only: `<root>/<tenant>/<subject>.key`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def key(self, tenant_id: str, subject_id: str, *, create: bool) -> bytes:
        """The subject's key. Raises Shredded where it was destroyed or never made."""
        path = self._path(tenant_id, subject_id)
        if create and not path.exists():
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_once(path, secrets.token_bytes(KEY_BYTES), secret=True)
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            raise Shredded(f"no key for subject {subject_id}") from None
        if key == SHREDDED:
            raise Shredded(f"the key of subject {subject_id} was destroyed")
        return key

    def destroy(self, tenant_id: str, subject_id: str) -> None:
        """Put the value SHREDDED in the key's place; also where there never was a key."""
        replace_secret(self._path(tenant_id, subject_id), SHREDDED)

    def _path(self, tenant_id: str, subject_id: str) -> Path:
        return self._root / str(UUID(tenant_id)) / f"{UUID(subject_id)}.key"


def subject_of(keyring: Keyring, tenant_id: str, text: str) -> str:
    """The subject id of a personal value: keyed, so that it cannot be guessed from the value."""
    pepper = keyring.key(tenant_id, tenant_id, create=True)
    digest = hmac.new(pepper, text.strip().lower().encode(), hashlib.sha256).digest()
    return str(UUID(bytes=digest[:16]))


def seal(keyring: Keyring, tenant_id: str, text: str) -> SealedText:
    """Seal a personal value under its own subject's key."""
    subject_id = subject_of(keyring, tenant_id, text)
    nonce = os.urandom(NONCE_BYTES)
    key = keyring.key(tenant_id, subject_id, create=True)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), _bound(tenant_id, subject_id))
    token = base64.urlsafe_b64encode(nonce + sealed).decode()
    return SealedText(subject_id=subject_id, token=token)


def unseal(keyring: Keyring, tenant_id: str, sealed: SealedText) -> str:
    """Open what `seal` closed. Raises Shredded or SealBroken."""
    key = keyring.key(tenant_id, sealed.subject_id, create=False)
    bound = _bound(tenant_id, sealed.subject_id)
    try:
        raw = _bytes_of(sealed.token)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound).decode()
    except (InvalidTag, binascii.Error):
        raise SealBroken(f"the sealed field of subject {sealed.subject_id} does not open") from None


def _bytes_of(token: str) -> bytes:
    """The token's bytes; binascii.Error for any text but the one that `seal` wrote for them.

    Python's decoder passes over foreign characters and over the last one's spare bits.
    """
    raw = base64.urlsafe_b64decode(token.encode())
    if len(raw) <= NONCE_BYTES or base64.urlsafe_b64encode(raw).decode() != token:
        raise binascii.Error("not the base64url of a nonce and a text")
    return raw


def _bound(tenant_id: str, subject_id: str) -> bytes:
    return f"{tenant_id}/{subject_id}".encode()
