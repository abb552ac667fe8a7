"""In a large store the effect is worked out by a process beside the pages: the same comes out."""

from __future__ import annotations

import time
from dataclasses import replace

from tests.review.stock import key, people, say
from tests.review.test_effect import name_of
from textmine.review.desk import Desk


def test_a_process_beside_comes_to_the_same(desk: Desk, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    ann = people(desk, ann="reviewer")["ann"]
    effects = desk._effects
    monkeypatch.setattr(effects, "_few", False)
    for number in (12, 13, 18):
        said = say(desk, ann, name_of(number), "wrong", part="claim_match")
    assert effects.now() == {}  # the page does not wait
    assert effects._worker is not None
    effects._worker.join(60)
    beside = effects.now()
    assert beside["K1"].changed == 3
    effects._known, effects._marks, effects._state = {}, {}, None
    assert effects.fresh() == {name: replace(one) for name, one in beside.items()}
    # A word that is taken back counts no more, though it was kept with it.
    desk.undo(ann, said.id, key())
    effects._at = time.monotonic() - 1000
    effects._took = 0
    effects.now()
    effects._worker.join(60)
    assert effects.now()["K1"].changed == 2
