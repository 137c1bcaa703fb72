"""A prompt's frames, and the count of what has left."""

from callcenter.core.records import FRAME_BYTES, Frame, Prompt
from callcenter.desk.announcement import PATIENCE_MS, TAIL_MS, Announcement

# Two and a half frames.
PROMPT = Prompt("p", "", b"\1\0" * (FRAME_BYTES // 2 * 2 + FRAME_BYTES // 4))


def play(listens: list[bool]) -> tuple[Announcement, list[Frame]]:
    announcement, frames = Announcement(PROMPT), []
    for gone in listens:
        frames.append(announcement.next(len(frames) * 160))
        announcement.left(gone)
    return announcement, frames


def test_all_of_it_leaves_and_then_a_tail_of_silence():
    announcement, frames = play([True] * (3 + TAIL_MS // 20))
    assert b"".join(f.pcm for f in frames).rstrip(b"\0") == PROMPT.pcm.rstrip(b"\0")
    assert announcement.sent_ms == PROMPT.file_ms == 50
    assert announcement.over
    assert [f.start for f in frames] == [160 * i for i in range(len(frames))]


def test_it_is_not_over_before_the_tail():
    announcement, _ = play([True] * (2 + TAIL_MS // 20))
    assert announcement.sent_ms == 50
    assert not announcement.over


def test_what_did_not_leave_does_not_count():
    announcement, _ = play([True, False, True])
    assert announcement.sent_ms == 40


def test_it_begins_with_the_first_frame_that_leaves():
    announcement, frames = play([False] * 9 + [True] * 3)
    assert [f.pcm for f in frames[:9]] == [frames[0].pcm] * 9
    assert announcement.sent_ms == PROMPT.file_ms


def test_where_nobody_hears_it_it_comes_to_its_end():
    announcement, _ = play([False] * ((PATIENCE_MS + TAIL_MS) // 20 + 3))
    assert announcement.over
    assert announcement.sent_ms == 0
