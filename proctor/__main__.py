"""The command line: `proctor serve`, `demo`, `user`, `doctor`, `backup`, `restore`, `keys`, `rehearse`.

Only what reads the arguments is imported here: `--help` answers at once, and worker processes, which import this file
again, stay small. The commands themselves are in `proctor.commands`.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from proctor import __version__
from proctor.errors import sentence
from proctor.exam.permissions import Role
from proctor.media.turn import is_url
from proctor.regulation.refusal import Refusal

LINK_HOURS = 12


def main(arguments: list[str] | None = None) -> int:
    """Run a command; a refusal ends in one sentence in both languages and exit code 2."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is open while modules load; then `until_stopped` takes over
    given = _parser().parse_args(arguments)
    from proctor import commands

    try:
        return commands.run(given)
    except Refusal as refusal:
        print(f"proctor: {sentence(refusal, 'vi')}", file=sys.stderr)
        print(f"proctor: {sentence(refusal, 'en')} [{refusal.code}]", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="proctor", description="Online exam rooms.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="run the server")
    _common(serve)
    _serving(serve)
    serve.set_defaults(command="serve")

    doctor = commands.add_parser("doctor", help="examine machine and data; takes the options of `serve`")
    _common(doctor)
    _serving(doctor)
    doctor.add_argument("--candidates", type=_count, default=50, help="how many at once it has to do for (default: 50)")
    doctor.add_argument("--json", action="store_true", help="print one JSON document")
    doctor.set_defaults(command="doctor")

    backup = commands.add_parser("backup", help="copy everything but the master key, also beside a running server")
    _common(backup)
    backup.add_argument("folder", type=Path, metavar="DIR", help="a new folder")
    backup.add_argument("--copy", action="store_true", help="copy files that could be hard-linked")
    backup.add_argument("--verify", action="store_true", help="read everything again and compare the digests")
    backup.set_defaults(command="backup")

    restore = commands.add_parser("restore", help="put a backup where no data is")
    _common(restore)
    restore.add_argument("folder", type=Path, metavar="DIR", help="a folder that `backup` made")
    restore.add_argument("--check", action="store_true", help="only check the backup against its digests")
    restore.set_defaults(command="restore")

    keys = commands.add_parser("keys", help="the master key").add_subparsers(required=True, metavar="command")
    rotate = keys.add_parser("rotate", help="put another master key in the place of this one, no server running")
    _common(rotate)
    rotate.add_argument("new", type=Path, metavar="FILE", help="where the new one shall lie; made now")
    rotate.set_defaults(command="rotate_key")

    demo = commands.add_parser("demo", help="a demonstration: an exam that starts in 3 minutes, and one to replay")
    _common(demo)
    demo.add_argument("--port", type=_port, default=8080)
    demo.add_argument("--lan", action="store_true", help="serve the local network over HTTPS, for phones")
    demo.add_argument("--lan-address", default="", metavar="ADDRESS",
                      help="with --lan: the address of this machine there (default: found by itself)")  # fmt: skip
    demo.set_defaults(command="demo")

    rehearse = commands.add_parser("rehearse", help="play a whole exam with synthetic people against a server")
    rehearse.add_argument("url", metavar="URL", help="of the server, like https://thi.example.edu.vn")
    rehearse.add_argument("--name", required=True, help="account of the training office; the password is asked for, or "
                          "read from standard input")  # fmt: skip
    rehearse.add_argument("--rooms", type=_count, default=1)
    rehearse.add_argument("--candidates", type=_in_a_room, default=10, help="in each room (default: 10, at most 50)")
    rehearse.add_argument("--watchers", type=_count, default=1, help="who see all pictures of a room (default: 1)")
    rehearse.add_argument("--loss", type=float, default=0.0, metavar="PERCENT", help="of packets that are lost")
    rehearse.add_argument("--outage", type=float, default=0.0, metavar="SECONDS",
                          help="that every tenth candidate is without a network")  # fmt: skip
    rehearse.add_argument("--minutes", type=_count, default=3, help="of working time (default: 3)")
    rehearse.add_argument("--lead", type=float, default=60.0, metavar="SECONDS",
                          help="from now to the release (default: 60)")  # fmt: skip
    rehearse.add_argument("--authority", metavar="FILE", help="certificate that the server's is signed by, if it is no "
                          "public one")  # fmt: skip
    rehearse.add_argument("--json", action="store_true", help="print one line of JSON alone")
    rehearse.set_defaults(command="rehearse")

    user = commands.add_parser("user", help="staff accounts").add_subparsers(required=True, metavar="command")
    add = user.add_parser("add", help="add an account; the password is asked for, or read from standard input")
    _common(add)
    add.add_argument("name")
    add.add_argument("--full-name", required=True)
    add.add_argument("--unit", default="", help="that the person belongs to")
    roles = [role for role in Role if role not in (Role.CANDIDATE, Role.PHONE)]
    add.add_argument("--role", required=True, choices=roles)
    add.set_defaults(command="add_user")
    password = user.add_parser("password", help="another password for an account, asked for as by `add`")
    _common(password)
    password.add_argument("name")
    password.set_defaults(command="set_password")
    link = user.add_parser("link", help=f"a sign-in link for an account, good for {LINK_HOURS} hours")
    _common(link)
    link.add_argument("name")
    link.add_argument("--url", default="http://localhost:8080")
    link.set_defaults(command="link", hours=LINK_HOURS)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path(".proctor"), help="data directory (default: .proctor)")
    parser.add_argument("--recordings", type=Path, default=Path("recordings"))
    parser.add_argument("--master-key", type=Path, default=Path("~/.config/proctor/master.key").expanduser(),
                        help="outside the data directory")  # fmt: skip
    parser.add_argument("--database", default="", help="database URL (default: SQLite in the data directory)")


def _serving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=_port, default=8080)
    parser.add_argument("--media-port", type=_port, default=0,
                        help="port of picture and sound, UDP and TCP (default: any)")  # fmt: skip
    parser.add_argument("--announce", action="append", help="address that browsers reach the media port at; repeatable")
    parser.add_argument("--stun", type=_stun, metavar="HOST[:PORT]",
                        help="STUN server that is asked at the start for the address to announce besides")
    parser.add_argument("--turn", type=_turn, action="append", default=[],
                        help="address of a TURN server (turn:host:3478, turns:host:5349?transport=tcp); repeatable")
    parser.add_argument("--turn-secret", type=Path, help="file with the secret that it shares with this server")
    parser.add_argument("--public-url", default="", help="address that pages use, when a proxy stands in front")
    parser.add_argument("--it-unit", default="", help="the school's unit in charge of information technology, by name "
                        "(default: the one that the regulation suggests)")
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)


def _in_a_room(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= 50):
        raise argparse.ArgumentTypeError(f"{text}: cần một số từ 1 đến 50 / a number from 1 to 50 is needed")
    return int(text)


def _count(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= 10_000):
        raise argparse.ArgumentTypeError(f"{text}: cần một số từ 1 đến 10000 / a number from 1 to 10000 is needed")
    return int(text)


def _stun(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":") if text.count(":") == 1 else (text.strip("[]"), "", "")
    if not host or (colon and not (port.isdecimal() and 0 < int(port) < 1 << 16)):
        raise argparse.ArgumentTypeError(f"{text}: cần MÁY[:CỔNG] / HOST[:PORT] is needed")
    return host, int(port or 3478)


def _turn(text: str) -> str:
    if not is_url(text):
        raise argparse.ArgumentTypeError(
            f"{text}: địa chỉ TURN có dạng turn:máy:3478 hoặc turns:máy:5349?transport=tcp / "
            "a TURN address is like turn:host:3478 or turns:host:5349?transport=tcp"
        )
    return text


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text}: cổng là một số từ 0 đến 65535 / a port is a number from 0 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
