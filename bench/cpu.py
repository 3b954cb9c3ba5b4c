"""How much processor time processes used, and how busy the machine was otherwise (Linux)."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def tree(pid: int) -> list[int]:
    """Return a process and all that it started and that still runs."""
    found = [pid]
    for one in found:
        for task in _paths(Path(f"/proc/{one}/task")):
            try:
                found += [int(child) for child in (task / "children").read_text().split()]
            except OSError:
                continue  # it has just ended
    return found


def _paths(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def command(pid: int) -> str:
    """Return a process's command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def seconds(pids: list[int]) -> float:
    """Return the processor time of processes, with what they have started and seen end."""
    total = 0
    for pid in pids:
        try:
            numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(number) for number in numbers[11:15])
    return total / _TICKS


def memory(pid: int) -> int:
    """Return the bytes of memory that a process holds."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def open_files(pid: int) -> int:
    """Return how many files and sockets a process has open."""
    return len(_paths(Path(f"/proc/{pid}/fd")))


def busy_seconds() -> float:
    """Return the processor time that the whole machine has used so far."""
    numbers = [int(n) for n in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    user, nice, system, _idle, _wait, interrupt, soft, steal = numbers[:8]
    return (user + nice + system + interrupt + soft + steal) / _TICKS


def load() -> float:
    """Return the load of the last minute."""
    return os.getloadavg()[0]
