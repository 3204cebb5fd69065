"""An operator sees how far a long work is, at a readable pace."""

from __future__ import annotations

from ckanext.govdata_search.progress import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_line_tells_share_rate_and_time_left() -> None:
    said: list[str] = []
    clock = Clock()
    progress = Progress(said.append, over=False, what="Documents", clock=clock)
    progress(0, 40_000)
    clock.now += 20
    progress(10_000, 40_000)
    clock.now += 60
    progress(40_000, 40_000)
    assert said == [
        "Documents: 0 of 40,000 (0 %)",
        "Documents: 10,000 of 40,000 (25 %), 500/s, 1 min 0 s left",
        "Documents: 40,000 of 40,000 (100 %), 500/s",
    ]


def test_what_an_interrupted_run_did_does_not_count_into_the_rate() -> None:
    said: list[str] = []
    clock = Clock()
    progress = Progress(said.append, over=False, what="Documents", clock=clock)
    progress(30_000, 40_000)
    clock.now += 100
    progress(31_000, 40_000)
    assert said[-1] == "Documents: 31,000 of 40,000 (77 %), 10/s, 15 min 0 s left"


def test_a_log_is_not_flooded_and_a_terminals_line_is_written_over() -> None:
    for over, most in ((False, 3), (True, 21)):
        said: list[str] = []
        clock = Clock()
        progress = Progress(said.append, over=over, what="x", clock=clock)
        for done in range(101):
            progress(done, 100)
            clock.now += 0.1
        assert len(said) <= most
        assert said[-1].startswith("\r") is over
