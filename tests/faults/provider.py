"""A fake provider: takes mail over SMTP and writes down each message it accepted.

    python -m tests.faults.provider PORT LOG MODE

LOG gets a line `<send id> <recipient>` for each acceptance, written before the answer. MODE is a
file whose text says what to do: empty to behave, `cut` to take every message and hang up,
`refuse:SUFFIX` to refuse recipients that end so, `slow:SECONDS` to take its time.
"""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

SEND_ID = re.compile(rb"^X-Viaggio-Send: (\S+)", re.MULTILINE)


class Handler:
    """One line in the log for every accepted message."""

    def __init__(self, log: Path, mode: Path) -> None:
        self.log = log.open("ab", buffering=0)
        self.mode = mode

    def asked(self) -> tuple[str, str]:
        """What the mode file says, and its argument."""
        name, _colon, argument = self.mode.read_text().strip().partition(":")
        return name, argument

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        name, argument = self.asked()
        if name == "refuse" and address.endswith(argument):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        name, argument = self.asked()
        if name == "slow":
            await asyncio.sleep(float(argument))
        found = SEND_ID.search(envelope.content)
        send_id = found[1] if found else b"-"
        self.log.write(send_id + b" " + envelope.rcpt_tos[0].encode() + b"\n")
        if name == "cut":
            server.transport.abort()
            return "421 gone"
        return "250 OK"


async def serve(port: int, log: Path, mode: Path) -> None:
    """Listen until killed."""
    handler = Handler(log, mode)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, decode_data=False, enable_SMTPUTF8=False), "127.0.0.1", port
    )
    print("ready", flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
