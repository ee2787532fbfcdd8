"""What was acknowledged is in the log, once and in order, whatever happened to the process or the disk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from regulars.engines.duckdb import NO_ROOM
from regulars.errors import Busy, DiskFull, ShopDamaged
from regulars.intake.live import committing, log
from regulars.intake.live.committing import Committer
from regulars.intake.live.log import Log, Message


def message(nth: int) -> Message:
    return Message("key 1", datetime(2026, 11, 23, 12, 0, 0, nth), "", f"m{nth}", "", f'{{"nth":{nth}}}')


def lines(*nths: int) -> list[bytes]:
    return [message(n).line() for n in nths]


def ids(found: list[log.Kept]) -> list[str]:
    return [k.message.message_id if k.message else "?" for k in found]


def test_messages_come_back_as_they_were(tmp_path: Path) -> None:
    odd = Message("key\t1", datetime(2026, 1, 1), "2026\n", "m\r1", "a\tb", '{"x":"tab \\t, نور, \\u0000"}')
    kept = Log(tmp_path)
    assert kept.append([odd.line(), message(2).line()]) == 2
    first, second = kept.read(0, 10)
    assert first.message == Message("key 1", odd.received_at, "2026", "m 1", "a b", odd.body)
    assert second.message == message(2) and (first.number, second.number) == (1, 2)


def test_reading_goes_on_from_any_number_over_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "FILE_SIZE", 200)
    kept = Log(tmp_path)
    for nth in range(1, 21):
        kept.append(lines(nth))
    assert len(list(tmp_path.iterdir())) > 3
    assert [ids(kept.read(after, 100)) for after in (0, 7, 20)] == [
        [f"m{n}" for n in range(1, 21)],
        [f"m{n}" for n in range(8, 21)],
        [],
    ]
    assert ids(kept.read(3, 2)) == ["m4", "m5"] and ids(kept.read(5, 2)) == ["m6", "m7"]
    assert ids(kept.read(0, 100, most_bytes=1)) == ["m1"], "one at least, and no more than there is room for"
    assert ids(kept.read(1, 100, most_bytes=2 * len(lines(2)[0]))) == ["m2", "m3"]


def test_what_was_half_written_at_a_kill_is_not_there_and_the_rest_is(tmp_path: Path) -> None:
    whole = lines(1, 2)
    (tmp_path / "0000000000000001.log").write_bytes(b"".join(whole) + message(3).line()[:-9])
    kept = Log(tmp_path)
    assert kept.last == 2 and kept.append(lines(4)) == 3
    assert ids(Log(tmp_path).read(0, 10)) == ["m1", "m2", "m4"]


def test_damage_in_the_middle_hides_nothing_that_follows(tmp_path: Path) -> None:
    damaged = lines(2)[0].replace(b'"nth":2', b'"nth":7')
    (tmp_path / "0000000000000001.log").write_bytes(lines(1)[0] + damaged + lines(3)[0])
    assert ids(Log(tmp_path).read(0, 10)) == ["m1", "?", "m3"]


def test_numbers_go_on_where_the_facts_are_ahead_of_the_log(tmp_path: Path) -> None:
    Log(tmp_path).append(lines(1, 2))
    kept = Log(tmp_path, settled=9)
    assert kept.append(lines(10)) == 10 and ids(kept.read(9, 5)) == ["m10"]


def test_a_missing_file_is_said_and_not_passed_over(tmp_path: Path) -> None:
    kept = Log(tmp_path)
    kept.append(lines(1, 2))
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(ShopDamaged, match="Message 1"):
        kept.read(0, 5)


def test_settled_files_go_and_the_newest_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "FILE_SIZE", 1)
    kept = Log(tmp_path)
    for nth in (1, 2, 3):
        kept.append(lines(nth))
    kept.forget(2)
    assert [int(p.stem) for p in sorted(tmp_path.iterdir())] == [3] and ids(kept.read(2, 5)) == ["m3"]
    kept.renew(3)
    assert [p.stat().st_size for p in tmp_path.iterdir()] == [0] and kept.append(lines(4)) == 4


def test_on_a_full_disk_nothing_is_kept_by_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Log(tmp_path)
    kept.append(lines(1))
    real = log.os.write

    def full(handle: int, data: bytes) -> int:
        real(handle, bytes(data[:10]))
        raise OSError(NO_ROOM[0], "No space left on device")

    monkeypatch.setattr(log.os, "write", full)
    with pytest.raises(DiskFull):
        kept.append(lines(2))
    monkeypatch.setattr(log.os, "write", real)
    kept.append(lines(3))
    assert ids(Log(tmp_path).read(0, 10)) == ["m1", "m3"]


def test_whoever_waits_is_told_when_it_is_on_disk(tmp_path: Path) -> None:
    kept, told = Log(tmp_path), []
    committer = Committer(kept, lambda: 0, lambda: told.append(1))
    assert committer.commit(lines(1, 2)) == 2 and ids(kept.read(0, 5)) == ["m1", "m2"]
    committer.close()
    assert told == [1]
    with pytest.raises(Busy):
        committer.commit(lines(3))


def test_more_than_can_be_kept_up_with_is_sent_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "MOST_BEHIND", 1)
    committer = Committer(Log(tmp_path), lambda: 0, lambda: None)
    committer.commit(lines(1, 2))
    with pytest.raises(Busy, match="again in a moment"):
        committer.commit(lines(3))
    monkeypatch.setattr(committing, "MOST_BEHIND", 100)
    monkeypatch.setattr(committing, "MOST_BYTES", 10)
    with pytest.raises(Busy):
        committer.commit(lines(3))
    committer.close()
