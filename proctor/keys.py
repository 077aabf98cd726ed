"""The keys of an installation, all derived from one master key that lives outside the data directory.

`derive` gives an independent 32-byte key per purpose (HKDF, RFC 5869). Content keys, such as a paper's, are random and
stored wrapped (AES-256-GCM). The ledger's heads are signed with Ed25519 (RFC 8032). Losing the master key loses papers,
recordings and uploads; a copy of the data directory without it reads nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import os
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from proctor.errors import ProctorError

NONCE_BYTES = 12
TAG_BYTES = 16
PIECE_BYTES = 256 * 1024


class Keys:
    """Everything that is derived from a master key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise ProctorError("damaged", what="master key")
        self._master = master
        self._signing = Ed25519PrivateKey.from_private_bytes(self.derive("ledger signing"))
        self._wrapping = AESGCM(self.derive("wrapping"))
        self.public_key = self._signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = hashlib.sha256(self.public_key).hexdigest()[:16]

    @classmethod
    def load(cls, path: Path) -> Keys:
        """Read the master key at `path`, making a new one readable by its owner alone when there is none.

        Raises ProctorError `not_writable`, `damaged`.
        """
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(base64.b64encode(os.urandom(32)) + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
            return cls(base64.b64decode(path.read_bytes()))
        except ValueError:
            raise ProctorError("damaged", what=str(path)) from None
        except OSError:
            raise ProctorError("not_writable", path=str(path)) from None

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose."""
        return HKDF(hashes.SHA256(), 32, None, b"proctor/" + purpose.encode()).derive(self._master)

    def check_value(self) -> str:
        """A value that tells whether data was written under this master key, and nothing else about it."""
        return hashlib.sha256(self.derive("check")).hexdigest()

    def wrap(self, key: bytes, bound_to: str) -> bytes:
        """Encrypt a content key; it unwraps only with the same `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, bound_to.encode())

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """The content key in `wrapped`.

        Raises ProctorError `damaged`.
        """
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to.encode())
        except InvalidTag:
            raise ProctorError("damaged", what="wrapped key") from None

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature of `message`."""
        return self._signing.sign(message)

    def code_digest(self, code: str) -> str:
        """The keyed digest under which an exam code is stored; case, dashes and spaces do not matter."""
        canonical = "".join(character for character in code.upper() if character.isalnum())
        return hmac.new(self.derive("exam codes"), canonical.encode(), hashlib.sha256).hexdigest()


def seal_into(file: BinaryIO, key: bytes, plaintext: bytes | bytearray, bound_to: str) -> tuple[str, int]:
    """Write AES-256-GCM of `plaintext` to `file`: nonce, ciphertext, tag, as WebCrypto opens it (docs/PROTOCOL.md).

    Returns SHA-256 and size of what was written. It goes piece by piece, so that a thread may do it beside packets:
    one call over the whole would hold the interpreter lock for all of it.
    """
    nonce = os.urandom(NONCE_BYTES)
    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to.encode())
    digest, size = hashlib.sha256(), 0
    view = memoryview(plaintext)
    pieces = (encryptor.update(view[start : start + PIECE_BYTES]) for start in range(0, len(view), PIECE_BYTES))
    for piece in itertools.chain([nonce], pieces):
        file.write(piece)
        digest.update(piece)
        size += len(piece)
    encryptor.finalize()
    file.write(encryptor.tag)
    digest.update(encryptor.tag)
    return digest.hexdigest(), size + TAG_BYTES


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """What `seal_into` made the bytes of.

    Raises ProctorError `damaged`.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except InvalidTag:
        raise ProctorError("damaged", what="sealed data") from None


def open_sealed(path: Path, key: bytes, bound_to: str) -> bytearray:
    """In a thread: what `seal_into` wrote to a large file, piece by piece as it was sealed. It does not come from a
    worker process, since 20 MB out of a pipe at once hold the interpreter lock for longer than packets may wait.

    Raises ProctorError `damaged`.
    """
    left = path.stat().st_size - NONCE_BYTES - TAG_BYTES
    if left < 0:
        raise ProctorError("damaged", what="sealed data")
    plaintext = bytearray()
    with path.open("rb") as file:
        decryptor = Cipher(algorithms.AES(key), modes.GCM(file.read(NONCE_BYTES))).decryptor()
        decryptor.authenticate_additional_data(bound_to.encode())
        while left > 0 and (piece := file.read(min(left, PIECE_BYTES))):
            plaintext += decryptor.update(piece)
            left -= len(piece)
        try:
            decryptor.finalize_with_tag(file.read(TAG_BYTES))
        except InvalidTag:
            raise ProctorError("damaged", what="sealed data") from None
    return plaintext
