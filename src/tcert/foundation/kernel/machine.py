"""What the operating system tells about disk, memory and clock; Linux, else "unknown"."""

import ctypes
import os
import stat
from pathlib import Path
from typing import Literal

_SYS = Path("/sys/dev/block")
_TIME_ERROR = 5
_LEAST_FREE = 1 << 20


def is_encrypted(path: Path) -> bool | None:
    """Tell whether a path lies on a dm-crypt device; None if the system does not say."""
    device = path.stat().st_dev
    return _device_is_encrypted(_SYS / f"{os.major(device)}:{os.minor(device)}")


def _device_is_encrypted(device: Path) -> bool | None:
    if not device.exists():
        return None
    uuid = device / "dm" / "uuid"
    if uuid.exists() and uuid.read_text().startswith("CRYPT-"):
        return True
    below = device / "slaves"
    under = (
        [_device_is_encrypted(one.resolve()) for one in below.iterdir()] if below.exists() else []
    )
    if not under:
        return False
    return all(under)


def open_swap() -> bool | None:
    """Tell whether memory may be written to an unencrypted disk; None if unknown."""
    swaps = Path("/proc/swaps")
    if not swaps.exists():
        return None
    for line in swaps.read_text().splitlines()[1:]:
        area = Path(line.split()[0])
        if area.name.startswith("zram"):
            continue
        try:
            found = area.stat()
        except OSError:
            return None
        if stat.S_ISBLK(found.st_mode):
            number = found.st_rdev
            hidden = _device_is_encrypted(_SYS / f"{os.major(number)}:{os.minor(number)}")
        else:
            hidden = is_encrypted(area)
        if not hidden:
            return True
    return False


def free_share(path: Path) -> float:
    """Return which share of a disk is free for the hub's user."""
    found = os.statvfs(path)
    return found.f_bavail / found.f_blocks if found.f_blocks else 1.0


def state_of_disk(path: Path) -> Literal["ok", "full", "read-only"]:
    """Tell whether a folder takes writing."""
    found = os.statvfs(path)
    if found.f_flag & os.ST_RDONLY or not os.access(path, os.W_OK):
        return "read-only"
    return "ok" if found.f_bavail * found.f_frsize >= _LEAST_FREE else "full"


def clock_is_kept() -> bool | None:
    """Tell whether something keeps this machine's clock right; None if the system does not say."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
