"""The audit log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from admin_api.security.audit import FILE, AuditLog
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_store.time_range import ALWAYS, TimeRange
from structlog.testing import capture_logs


def write(audit: AuditLog, action: str, **detail: Any) -> None:
    audit.write(who="token 1 (me)", action=action, address="192.0.2.7", status=200, detail=detail)


def test_an_entry_has_author_action_time_and_address(audit: AuditLog, clock: FakeClock) -> None:
    write(audit, "PUT /api/v1/filters", entities=["a"])
    (entry,) = audit.read(ALWAYS, 10).entries
    assert (entry.who, entry.action, entry.address, entry.status) == (
        "token 1 (me)",
        "PUT /api/v1/filters",
        "192.0.2.7",
        200,
    )
    assert (entry.time_ns, entry.detail) == (clock.now_ns(), {"entities": ["a"]})


def test_processes_that_turn_the_log_over_at_once_lose_none_of_it(tmp_path: Path, clock: FakeClock) -> None:
    size = len((_one(tmp_path / "one", clock) / FILE).read_bytes())
    logs = [AuditLog(tmp_path, clock, max_bytes=150 * size) for _ in range(2)]  # the size of everything written
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: write(logs[n % 2], "PUT /x", n=n + 100), range(200)))
    entries = AuditLog(tmp_path, clock).read(ALWAYS, 1000).entries
    assert sorted(entry.detail["n"] for entry in entries) == list(range(100, 300))


def _one(folder: Path, clock: FakeClock) -> Path:
    write(AuditLog(folder, clock), "PUT /x", n=100)
    return folder


def test_a_secret_in_a_path_or_a_list_is_not_kept(audit: AuditLog, tmp_path: Path) -> None:
    secret = f"hai_{'s' * 43}"
    write(audit, "DELETE /api/v1/tap/{tap_id}", tap_id=secret, filters={"exclude": {"entities": [secret, "a"]}})
    assert audit.read(ALWAYS, 10).entries[0].detail == {"tap_id": "…", "filters": {"exclude": {"entities": ["…", "a"]}}}
    assert secret not in (tmp_path / FILE).read_text()


def test_of_long_lists_the_beginning_is_kept(audit: AuditLog) -> None:
    write(audit, "PUT /api/v1/filters", filters={"exclude": {"entities": ["sensor.a*"] * 100_000}}, id="1")
    detail = audit.read(ALWAYS, 10).entries[0].detail
    assert detail["id"] == "1"
    assert detail["filters"].startswith('{"exclude":{"entities":["sensor.a*",')
    assert len(detail["filters"]) < 5_000


def test_newest_first_within_a_range_and_a_limit(audit: AuditLog, clock: FakeClock) -> None:
    start_ns = clock.now_ns()
    for number in range(5):
        write(audit, str(number))
        clock.advance(1)
    assert [entry.action for entry in audit.read(ALWAYS, 2).entries] == ["4", "3"]
    one_to_three = TimeRange(start_ns + 1_000_000_000, start_ns + 3_000_000_000)
    assert [entry.action for entry in audit.read(one_to_three, 10).entries] == ["2", "1"]


def test_a_line_that_was_cut_off_is_passed_over(audit: AuditLog, tmp_path: Path) -> None:
    write(audit, "first")
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"time_ns": 1, "who\n')
    write(audit, "second")
    assert [entry.action for entry in audit.read(ALWAYS, 10).entries] == ["second", "first"]


def test_it_is_bounded_by_two_files(tmp_path: Path, clock: FakeClock) -> None:
    audit = AuditLog(tmp_path, clock, max_bytes=500)
    for number in range(50):
        write(audit, str(number))
    assert sum(path.stat().st_size for path in tmp_path.glob("audit*")) < 1500
    kept = [int(entry.action) for entry in audit.read(ALWAYS, 100).entries]
    assert kept == list(range(49, 49 - len(kept), -1))
    assert len(kept) >= 3


def test_a_failed_write_is_logged(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").touch()
    with capture_logs() as logs:
        write(AuditLog(tmp_path / "file", clock), "x")
    assert [line["event"] for line in logs] == ["change_requested", "audit_not_written"]


def test_pages_hold_every_entry_once(audit: AuditLog) -> None:
    for number in range(7):  # all at the same time, since the clock is fixed
        write(audit, str(number))
    found, cursor = [], None
    while True:
        page = audit.read(ALWAYS, 3, cursor)
        found.append([entry.action for entry in page.entries])
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
        write(audit, "later")  # later entries are not part of the list
    assert found == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_a_full_last_page_has_no_cursor(audit: AuditLog) -> None:
    for number in range(3):
        write(audit, str(number))
    assert audit.read(ALWAYS, 3).next_cursor is None


def test_a_page_goes_on_where_the_entry_before_is_gone(tmp_path: Path, audit: AuditLog, clock: FakeClock) -> None:
    for number in range(4):
        write(audit, str(number))
        clock.advance(1)
    cursor = audit.read(ALWAYS, 2).next_cursor
    lines = (tmp_path / FILE).read_bytes().splitlines(keepends=True)
    (tmp_path / FILE).write_bytes(b"".join([*lines[:2], lines[3]]))
    assert [entry.action for entry in audit.read(ALWAYS, 2, cursor).entries] == ["1", "0"]


def test_a_folder_in_its_place_is_set_aside(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / FILE).mkdir()
    audit = AuditLog(tmp_path, clock)
    assert audit.read(ALWAYS, 10).entries == []
    write(audit, "x")
    assert [entry.action for entry in audit.read(ALWAYS, 10).entries] == ["x"]
