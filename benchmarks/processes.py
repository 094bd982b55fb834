"""Processor time and memory of a process and its children, and a GET request."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as response:
        body: bytes = response.read()
        return body


def children_of(pid: int) -> list[int]:
    """Return a process and its children."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += children_of(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and its children."""
    return sum(own_cpu_seconds(each) for each in children_of(pid))


def own_cpu_seconds(pid: int) -> float:
    """User and system time of the process alone."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """Return the peak memory of the process and its children."""
    return sum(
        int(line.split()[1]) / 1024
        for each in children_of(pid)
        for line in Path(f"/proc/{each}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
