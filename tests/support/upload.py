"""Run as a process: sends zeros to a tus upload, so that the sending costs the tested loop nothing."""

from __future__ import annotations

import http.client
import sys
from urllib.parse import urlsplit


def main(url: str, cookie: str, size: str) -> None:
    target = urlsplit(url)
    connection = http.client.HTTPConnection(str(target.hostname), target.port)
    headers = {
        "Cookie": cookie, "Proctor-Role": "candidate", "Tus-Resumable": "1.0.0", "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip
    connection.request("PATCH", target.path, body=bytes(int(size)), headers=headers)
    sys.exit(0 if connection.getresponse().status == 204 else 1)


main(*sys.argv[1:])
