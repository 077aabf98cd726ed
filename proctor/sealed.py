"""Files encrypted at rest, in two forms, under a 32-byte key held outside the data directory.

Both follow the STREAM construction (Hoang et al. 2015, as in the age file format): every file draws a
random 16-byte id, its own key is HKDF-SHA256(key, salt=id, info=magic + context), and the AES-256-GCM nonce
is the chunk's counter. So chunks can be neither reordered, dropped in the middle, nor moved to another
file, and a file cannot be passed off under another `context` (say, another candidate's sitting).

* Frames: append-only, for a file that is still being written and may end in a power cut. A frame is
  `[length u32][crc u32][ciphertext + tag]`; the CRC covers length and index, so that a damaged length is told
  apart from a torn tail. A torn tail is expected after kill -9 and ends the reading silently.
* Sealed file: fixed 64 KiB chunks, written once, random access for HTTP Range. The last chunk carries a
  flag in its nonce and is checked on opening, so a cut tail shows at once.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from proctor.errors import ProctorError

FRAMES_MAGIC = b"PRCTRFR1"  # the last byte is the version
SEALED_MAGIC = b"PRCTRSF1"
ID_BYTES = 16
HEADER_BYTES = len(SEALED_MAGIC) + ID_BYTES
TAG_BYTES = 16
CHUNK_BYTES = 64 * 1024
FRAME_LIMIT = 16 * 1024 * 1024
_FRAME_HEAD = struct.Struct("<II")


def _cipher(key: bytes, magic: bytes, file_id: bytes, context: bytes) -> AESGCM:
    if len(key) != 32:
        raise ValueError("a sealing key has 32 bytes")
    derived = HKDF(algorithm=SHA256(), length=32, salt=file_id, info=magic + context).derive(key)
    return AESGCM(derived)


def _nonce(index: int, last: bool = False) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class FrameWriter:
    """Turns payloads into the bytes of an append-only sealed file; the caller writes `header`, then every
    `seal`."""

    def __init__(self, key: bytes, context: bytes) -> None:
        file_id = secrets.token_bytes(ID_BYTES)
        self.header = FRAMES_MAGIC + file_id
        self._cipher = _cipher(key, FRAMES_MAGIC, file_id, context)
        self._index = 0

    def seal(self, payload: bytes) -> bytes:
        """The next frame. Raises ValueError beyond FRAME_LIMIT bytes."""
        if len(payload) > FRAME_LIMIT - TAG_BYTES:
            raise ValueError("frame too large")
        sealed = self._cipher.encrypt(_nonce(self._index), payload, None)
        head = _FRAME_HEAD.pack(len(sealed), _frame_crc(len(sealed), self._index))
        self._index += 1
        return head + sealed


def _frame_crc(length: int, index: int) -> int:
    return zlib.crc32(struct.pack("<IQ", length, index))


def read_frames(path: Path, key: bytes, context: bytes) -> Iterator[bytes]:
    """The payloads in order, up to a torn tail.

    Raises `damaged` at the first frame that was altered (what came before has been yielded) and `not_found`.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise ProctorError("not_found", what=path.name) from None
    with file:
        header = file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            return  # torn while it was created
        if not header.startswith(FRAMES_MAGIC):
            raise ProctorError("damaged", what=path.name)
        cipher = _cipher(key, FRAMES_MAGIC, header[len(FRAMES_MAGIC) :], context)
        index = 0
        while len(head := file.read(_FRAME_HEAD.size)) == _FRAME_HEAD.size:
            length, crc = _FRAME_HEAD.unpack(head)
            if crc != _frame_crc(length, index) or not TAG_BYTES <= length <= FRAME_LIMIT:
                if not any(head) and _only_zeros(file):
                    return  # some file systems show zeros where a power cut lost the data
                raise ProctorError("damaged", what=path.name)
            sealed = file.read(length)
            if len(sealed) < length:
                return
            try:
                payload = cipher.decrypt(_nonce(index), sealed, None)
            except InvalidTag:
                raise ProctorError("damaged", what=path.name) from None
            yield payload
            index += 1


def _only_zeros(file: object) -> bool:
    while block := file.read(CHUNK_BYTES):  # type: ignore[attr-defined]
        if block.strip(b"\0"):
            return False
    return True


@dataclass(frozen=True)
class Stored:
    """What a finished sealed file is on disk: `size` in bytes and the SHA-256 of those bytes in
    hexadecimal."""

    size: int
    sha256: str


class SealedWriter:
    """Writes a sealed file beside `path` and moves it there, durable, on `commit`; without it nothing
    appears.

    Used as a context manager; leaving it without `commit` removes the temporary file.
    """

    def __init__(self, path: Path, key: bytes, context: bytes) -> None:
        file_id = secrets.token_bytes(ID_BYTES)
        self._path = path
        self._cipher = _cipher(key, SEALED_MAGIC, file_id, context)
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        self._file = self._temporary.open("xb")
        self._pending = bytearray()
        self._index = 0
        self._sha256 = hashlib.sha256()
        self._size = 0
        self._put(SEALED_MAGIC + file_id)

    def write(self, data: bytes) -> None:
        self._pending += data
        while len(self._pending) > CHUNK_BYTES:  # one chunk is held back: the last one is flagged
            self._seal(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]

    def commit(self) -> Stored:
        """Flush, fsync and move into place. Raises OSError when the disk refuses; then nothing appears."""
        self._seal(bytes(self._pending), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self._path)
        sync_directory(self._path.parent)
        return Stored(self._size, self._sha256.hexdigest())

    def _seal(self, chunk: bytes, last: bool) -> None:
        self._put(self._cipher.encrypt(_nonce(self._index, last), chunk, None))
        self._index += 1

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._sha256.update(data)
        self._size += len(data)

    def __enter__(self) -> SealedWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)


class SealedFile:
    """Random access to the plaintext of a sealed file.

    Raises `not_found`, and `damaged` when a chunk was altered, reordered or cut off, or belongs to another
    context.
    """

    def __init__(self, path: Path, key: bytes, context: bytes) -> None:
        self._name = path.name
        try:
            self._file = path.open("rb")
        except FileNotFoundError:
            raise ProctorError("not_found", what=path.name) from None
        try:
            header = self._file.read(HEADER_BYTES)
            body = os.fstat(self._file.fileno()).st_size - HEADER_BYTES
            if not header.startswith(SEALED_MAGIC) or body < TAG_BYTES:
                raise ProctorError("damaged", what=self._name)
            self._cipher = _cipher(key, SEALED_MAGIC, header[len(SEALED_MAGIC) :], context)
            self._chunks = -(-body // (CHUNK_BYTES + TAG_BYTES))
            self.size = body - self._chunks * TAG_BYTES
            if self.size < (self._chunks - 1) * CHUNK_BYTES:
                raise ProctorError("damaged", what=self._name)
            self._chunk(self._chunks - 1)  # a cut tail shows here
        except BaseException:
            self._file.close()
            raise

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Plaintext bytes from `start` up to, not including, `stop`; clipped to the file."""
        stop = self.size if stop is None else min(stop, self.size)
        if start < 0 or start >= stop:
            return b""
        first, final = start // CHUNK_BYTES, (stop - 1) // CHUNK_BYTES
        plain = b"".join(self._chunk(index) for index in range(first, final + 1))
        return plain[start - first * CHUNK_BYTES : stop - first * CHUNK_BYTES]

    def _chunk(self, index: int) -> bytes:
        # pread: several readers may share one open file
        sealed = os.pread(
            self._file.fileno(), CHUNK_BYTES + TAG_BYTES, HEADER_BYTES + index * (CHUNK_BYTES + TAG_BYTES)
        )
        try:
            return self._cipher.decrypt(_nonce(index, index == self._chunks - 1), sealed, None)
        except InvalidTag:
            raise ProctorError("damaged", what=self._name) from None

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> SealedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sync_directory(directory: Path) -> None:
    """Make a rename or a removal inside `directory` durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
