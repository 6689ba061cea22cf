"""Ctrl-C and its kin, heard once as a wish to stop and again as a wish to stop now."""

import signal
from types import FrameType
from typing import Self

ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody asked us to stop; carries the signal."""

    def __init__(self, by: signal.Signals) -> None:
        super().__init__(by)
        self.by = by


class Interrupts:
    """While entered, the first signal raises StopRequested, once; each is counted.

    After `quiet()` none raises any more, so that stopping is never itself torn apart.
    """

    def __init__(self) -> None:
        self.heard = 0
        self.last: signal.Signals | None = None
        self._raises = True
        self._before: dict[signal.Signals, object] = {}

    @property
    def hurry(self) -> bool:
        """Whether somebody asked a second time."""
        return self.heard > 1

    def quiet(self) -> None:
        """From now on only count."""
        self._raises = False

    def __enter__(self) -> Self:
        for number in ASKING:
            ignored = signal.getsignal(number) is signal.SIG_IGN
            if ignored and number == signal.SIGHUP:
                continue  # under nohup a closed terminal is no wish to stop
            self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard += 1
        self.last = signal.Signals(number)
        if self._raises:
            self._raises = False
            raise StopRequested(signal.Signals(number))
