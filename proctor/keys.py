"""The keys of an installation: random ones, one for each purpose, wrapped under one master key that lies elsewhere.

The master key is a file outside the data directory. It encrypts nothing but the *data keys*, which stand wrapped
(AES-256-GCM, under a key that HKDF, RFC 5869, makes of it) in the database: so a copy of the data without it reads
nothing, a backup carries them along, and another master key takes its place by wrapping them anew. Content keys, such
as a paper's, are random too and stored wrapped under a data key. The ledger's heads are signed with Ed25519 (RFC 8032).
Losing the master key loses papers, recordings, photographs, uploads and exam codes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import os
import tempfile
from collections.abc import Mapping
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
from proctor.sealed import sync_directory

NONCE_BYTES = 12
TAG_BYTES = 16
PIECE_BYTES = 256 * 1024


PURPOSES = (
    "recordings", "uploads", "photos", "materials", "wrapping", "exam codes", "sign-in links", "ledger signing",
)  # fmt: skip
"""What there is a data key for. `wrapping` is for the keys of papers."""


class MasterKey:
    """What wraps data keys."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise ProctorError("damaged", what="master key")
        self._secret = secret
        self._wrapping = AESGCM(self._derived("data keys"))

    @classmethod
    def load(cls, path: Path) -> MasterKey:
        """Read the master key at `path`.

        Raises ProctorError `key_missing`, `not_writable`, `damaged`.
        """
        try:
            return cls(base64.b64decode(path.read_bytes()))
        except FileNotFoundError:
            raise ProctorError("key_missing", path=str(path)) from None
        except ValueError:
            raise ProctorError("damaged", what=str(path)) from None
        except OSError:
            raise ProctorError("not_writable", path=str(path)) from None

    @classmethod
    def make(cls, path: Path) -> MasterKey:
        """A new one at `path`, durable, readable by its owner alone; there is a whole one or none.

        Raises ProctorError `key_exists`, `not_writable`.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, begun = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # its owner's alone
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(base64.b64encode(os.urandom(32)) + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                _put_in_place(Path(begun), path)
            finally:
                Path(begun).unlink(missing_ok=True)
        except FileExistsError:
            raise ProctorError("key_exists", path=str(path)) from None
        except OSError:
            raise ProctorError("not_writable", path=str(path)) from None
        sync_directory(path.parent)
        return cls.load(path)

    def check_value(self) -> str:
        """A value that tells whether data keys are wrapped under this master key, and nothing else about it."""
        return hashlib.sha256(self._derived("check")).hexdigest()

    def wrap(self, key: bytes, purpose: str) -> bytes:
        """Wrap the data key of a purpose; it unwraps as that of no other."""
        return _wrap(self._wrapping, key, f"data key {purpose}")

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """The data key in `wrapped`. Raises ProctorError `damaged`."""
        return _unwrap(self._wrapping, wrapped, f"data key {purpose}", "data key")

    def before_data_keys(self) -> dict[str, bytes]:
        """The keys of an installation from before there were data keys, which came from the master key itself. It goes
        on with them, so that what it holds stays readable."""
        return {purpose: self._derived(purpose) for purpose in PURPOSES}

    def _derived(self, purpose: str) -> bytes:
        return HKDF(hashes.SHA256(), 32, None, b"proctor/" + purpose.encode()).derive(self._secret)


class Keys:
    """The data keys, and what is done with them."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = keys
        self._signing = Ed25519PrivateKey.from_private_bytes(keys["ledger signing"])
        self._wrapping = AESGCM(keys["wrapping"])
        self.public_key = self._signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = hashlib.sha256(self.public_key).hexdigest()[:16]

    def of(self, purpose: str) -> bytes:
        """The 32-byte key for one of `PURPOSES`."""
        return self._keys[purpose]

    def wrap(self, key: bytes, bound_to: str) -> bytes:
        """Encrypt a content key; it unwraps only with the same `bound_to`."""
        return _wrap(self._wrapping, key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """The content key in `wrapped`.

        Raises ProctorError `damaged`.
        """
        return _unwrap(self._wrapping, wrapped, bound_to, "wrapped key")

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature of `message`."""
        return self._signing.sign(message)

    def code_digest(self, code: str) -> str:
        """The keyed digest under which an exam code is stored; case, dashes and spaces do not matter."""
        canonical = "".join(character for character in code.upper() if character.isalnum())
        return hmac.new(self.of("exam codes"), canonical.encode(), hashlib.sha256).hexdigest()


def new_data_keys() -> dict[str, bytes]:
    """Random ones, for a new installation."""
    return {purpose: os.urandom(32) for purpose in PURPOSES}


def _put_in_place(begun: Path, path: Path) -> None:
    """Give a whole file its name. Takes the place of no other: raises FileExistsError."""
    try:
        os.link(begun, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, as on many a memory stick
        if path.exists():
            raise FileExistsError(str(path)) from None
        begun.replace(path)


def _wrap(cipher: AESGCM, key: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, key, bound_to.encode())


def _unwrap(cipher: AESGCM, wrapped: bytes, bound_to: str, what: str) -> bytes:
    try:
        return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):  # ValueError: cut shorter than a nonce
        raise ProctorError("damaged", what=what) from None


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
