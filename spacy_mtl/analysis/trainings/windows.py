"""What Windows tells of a process; other systems tell it to who waits for the process."""

import ctypes
from ctypes import wintypes
from typing import Tuple

TICKS_PER_SECOND = 10_000_000
# the handle that stands for the process itself
THIS_PROCESS = -1


class _MemoryCounters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of the Windows API."""

    _fields_ = [
        ("cb", wintypes.DWORD),
        ("PageFaultCount", wintypes.DWORD),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
        ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
    ]


def read_usage(handle: int) -> Tuple[float, int]:
    """What a process has used up.

    handle (int): The handle of the process, which may have ended.
    RETURNS (Tuple[float, int]): Seconds of the processor, in all threads, and the most memory that it held, in bytes.
    """
    kernel = ctypes.CDLL("kernel32")
    times = [wintypes.FILETIME() for _ in range(4)]
    kernel.GetProcessTimes(wintypes.HANDLE(handle), *map(ctypes.byref, times))
    # the first two are when it began and ended
    ticks = sum((time.dwHighDateTime << 32) + time.dwLowDateTime for time in times[2:])
    memory = _MemoryCounters(cb=ctypes.sizeof(_MemoryCounters))
    kernel.K32GetProcessMemoryInfo(wintypes.HANDLE(handle), ctypes.byref(memory), memory.cb)
    return ticks / TICKS_PER_SECOND, memory.PeakWorkingSetSize
