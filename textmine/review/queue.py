"""The queue: what to judge next, in the order that pays most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from textmine.errors import ConfigError
from textmine.records import DESIGNS, STANCES
from textmine.review.nouns import JUDGEMENTS, ORDERS, STATES, Account, Item, Page, Queue
from textmine.review.sight import Sight
from textmine.review.tables import marks, plain
from textmine.stores.database import Database, in_groups
from textmine.stores.text import column_text, words

__all__ = [
    "Counts",
    "Query",
    "Titles",
    "item",
    "items_of",
    "neighbours",
    "of_article",
    "page",
    "stale_pairs",
]

MOST = 200
_COLUMNS = (
    "i.finding, i.claim_id, i.article_id, i.article_version, i.stance, i.score, i.impact, "
    "i.uncertainty, i.disagree, i.title, i.year, i.design, i.excluded"
)
# How each order sorts: (SQL expression, falling). The finding's id comes last and decides.
_SORT: dict[str, tuple[tuple[str, bool], ...]] = {
    "impact": (("i.impact", True),),
    "uncertainty": (("i.uncertainty", True),),
    "disagreement": (("i.impact", True),),
    "stale": (("i.impact", True),),
    "sample": (("x.position", False),),
    "article": (("i.article_id", False), ("i.claim_id", False)),
}
_JUDGED = (
    "EXISTS (SELECT 1 FROM desk_standing s WHERE s.finding = i.finding AND s.reviewer = ? "
    "AND s.scope = ? AND s.kind = 'decision')"
)
# The same from the other side: there are fewer words than findings.
_OWN = (
    "SELECT s.finding FROM desk_standing s WHERE s.reviewer = ? AND s.scope = ? "
    "AND s.kind = 'decision'"
)
# What two ways of reading, or several people outside of blind projects, do not agree on.
_AT_ODDS = (
    "SELECT d.finding FROM desk_item d WHERE d.corpus = ? AND d.disagree UNION "
    "SELECT s.finding FROM desk_standing s WHERE s.scope = '' AND s.kind = 'decision' "
    "GROUP BY s.finding HAVING count(DISTINCT s.verdict) > 1"
)


@dataclass
class Counts:
    """Sizes of filtered queues while the store stays as it is; the newest thousand."""

    state: str = ""
    known: dict[Any, int] = field(default_factory=dict)

    def at(self, state: str) -> dict[Any, int]:
        if self.state != state or len(self.known) > 1000:
            self.state, self.known = state, {}
        return self.known


class Titles:
    """The titles of a corpus, to be searched in memory: a server would read its whole table."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._folded = {key: " " + " ".join(words(plain(title))) for key, title in titles.items()}

    @classmethod
    def of(cls, database: Database, corpus: str) -> Titles:
        return cls(
            dict(
                database.read(
                    "SELECT DISTINCT article_id, title FROM desk_item WHERE corpus = ?", (corpus,)
                )
            )
        )

    def having(self, text: str) -> set[str]:
        """Articles with these words in a row in the title (the last may go on), or of this id."""
        wanted = " " + " ".join(words(text))
        key = column_text(text.strip())
        found = {key} if key in self._folded else set()
        return found | {
            k for k, title in self._folded.items() if wanted.strip() and wanted in title
        }


class Query:
    """A queue as SQL: constant text, and values beside it."""

    def __init__(
        self,
        database: Database,
        corpus: str,
        who: Account,
        queue: Queue,
        titles: Callable[[], Titles] | None = None,
    ) -> None:
        _check(queue)
        self.titles = titles or (lambda: Titles.of(database, corpus))
        self.queue, self.database = queue, database
        self.who, self.scope = column_text(who.name), column_text(queue.project or "")
        self.joins: list[str] = []
        self.before: list[Any] = []
        self.tests = ["i.corpus = ?"]
        self.values: list[Any] = [corpus]
        if queue.project is not None:
            self.joins.append(
                "JOIN desk_assignment a ON a.finding = i.finding AND a.project = ? "
                "AND a.reviewer = ?"
            )
            self.before += [self.scope, self.who]
        if queue.sample is not None:
            self.joins.append("JOIN desk_sampled x ON x.finding = i.finding AND x.sample = ?")
            self.before.append(column_text(queue.sample))
        self._filters(queue)
        self.base = (tuple(self.tests), tuple(self.values), tuple(self.before))
        self._state(queue)

    def _add(self, test: str, *values: Any) -> None:
        self.tests.append(test)
        self.values += values

    def _filters(self, queue: Queue) -> None:
        if queue.claim is not None:
            self._add("i.claim_id = ?", column_text(queue.claim))
        # What was given out or drawn is judged whatever it says.
        free = queue.project is None and queue.sample is None
        if free and not queue.silent and queue.stance != "insufficient":
            self._add("i.speaks = ?", True)
        if queue.stance is not None:
            self._add("i.stance = ?", queue.stance)
        if queue.design is not None:
            self._add("i.design = ?", queue.design)
        if queue.order == "disagreement":
            self._add(f"i.finding IN ({_AT_ODDS})", self.values[0])
        if queue.order == "stale":
            current = sorted(set(stale_pairs(self.database, self.values[0], self.who).values()))
            # More than this is re-read as a whole: the first of them are enough to go on with.
            some = current[:20_000]
            self._add(f"i.finding IN ({marks(some)})" if some else "1 = 0", *some)
        if queue.text:
            self._text(queue.text)

    def _text(self, text: str) -> None:
        told = words(text)[:20]
        quoted = self.database.search(told, 2000) if told else []
        articles = self.titles().having(text)
        for group in in_groups(quoted, 500):
            articles |= {
                key
                for (key,) in self.database.read(
                    f"SELECT DISTINCT article_id FROM quote WHERE id IN ({marks(group)})",  # noqa: S608
                    group,
                )
            }
        some = sorted(articles)
        self._add(f"i.article_id IN ({marks(some)})" if some else "1 = 0", *some)

    def _state(self, queue: Queue) -> None:
        if queue.judgement is not None:
            test = f"i.finding IN ({_OWN} AND s.verdict = ?)"
            self._add(test, self.who, self.scope, queue.judgement)
        elif queue.state == "open":
            self._add(f"NOT {_JUDGED}", self.who, self.scope)
        elif queue.state == "judged":
            self._add(f"i.finding IN ({_OWN})", self.who, self.scope)

    @property
    def _keys(self) -> tuple[tuple[str, bool], ...]:
        speaks = (("i.speaks", True),) if self.queue.silent and self.queue.order in (
            "impact", "uncertainty") else ()  # fmt: skip
        return (*speaks, *_SORT[self.queue.order], ("i.finding", False))

    def rows(self, limit: int, offset: int, *, backwards: bool = False) -> list[Any]:
        order = ", ".join(f"{k} DESC" if down != backwards else k for k, down in self._keys)
        return self.database.read(
            f"SELECT {_COLUMNS} FROM desk_item i {' '.join(self.joins)} "  # noqa: S608
            f"WHERE {' AND '.join(self.tests)} ORDER BY {order} LIMIT ? OFFSET ?",
            [*self.before, *self.values, limit, offset],
        )

    def count(self) -> int:
        ((number,),) = self.database.read(
            f"SELECT count(*) FROM desk_item i {' '.join(self.joins)} "  # noqa: S608
            f"WHERE {' AND '.join(self.tests)}",
            [*self.before, *self.values],
        )
        return int(number)

    def total(self, known: dict[Any, int]) -> int:
        """How many there are. Counting all that is open would read the whole table each time."""
        queue = self.queue
        if queue.state != "open" or queue.judgement is not None or queue.order == "stale":
            return self.count()
        if queue.order == "disagreement":
            return self.count()
        if self.base not in known:
            whole = object.__new__(Query)
            whole.__dict__.update(self.__dict__)
            whole.tests, whole.values = list(self.base[0]), list(self.base[1])
            known[self.base] = whole.count()
        judged = self.database.read(
            "SELECT count(*) FROM desk_standing s WHERE s.reviewer = ? AND s.scope = ? "  # noqa: S608
            "AND s.kind = 'decision' AND EXISTS (SELECT 1 FROM desk_item i "
            f"{' '.join(self.joins)} WHERE i.finding = s.finding "
            f"AND {' AND '.join(self.base[0])})",
            [self.who, self.scope, *self.before, *self.base[1]],
        )
        return known[self.base] - int(judged[0][0])

    def place(self, finding: str) -> tuple[Any, ...] | None:
        """Where a finding stands (or would stand, were it not filtered out) in this order."""
        joins = " ".join(self.joins)
        rows = self.database.read(
            f"SELECT {', '.join(k for k, _ in self._keys)} FROM desk_item i {joins} "  # noqa: S608
            "WHERE i.corpus = ? AND i.finding = ?",
            [*self.before, self.values[0], finding],
        )
        return tuple(rows[0]) if rows else None

    def beside(self, place: Sequence[Any], *, backwards: bool) -> str | None:
        """The next one behind a place, or before it."""
        # (a, b) behind (x, y) in falling and rising order: a < x OR (a = x AND b > y).
        parts, values = [], []
        for n, (key, down) in enumerate(self._keys):
            same = [f"{k} = ?" for k, _ in self._keys[:n]]
            sign = "<" if down != backwards else ">"
            parts.append("(" + " AND ".join([*same, f"{key} {sign} ?"]) + ")")
            values += [*place[:n], place[n]]
        other = object.__new__(Query)
        other.__dict__.update(self.__dict__)
        other.tests = [*self.tests, "(" + " OR ".join(parts) + ")"]
        other.values = [*self.values, *values]
        # The first sorting column bounds what is read.
        key, down = self._keys[0]
        other.tests.append(f"{key} {'<=' if down != backwards else '>='} ?")
        other.values.append(place[0])
        found = other.rows(1, 0, backwards=backwards)
        return str(found[0][0]) if found else None


def _check(queue: Queue) -> None:
    for name, value, known in (
        ("order", queue.order, ORDERS),
        ("state", queue.state, STATES),
        ("stance", queue.stance, (None, *STANCES)),
        ("design", queue.design, (None, *DESIGNS)),
        ("judgement", queue.judgement, (None, *JUDGEMENTS)),
    ):
        if value not in known:
            told = ", ".join(str(k) for k in known if k is not None)
            raise ConfigError(f"The queue's {name} {value!r} is not known. There are: {told}.")
    if queue.order == "sample" and queue.sample is None:
        raise ConfigError("The order 'sample' needs a sample: choose one, or draw one.")


def stale_pairs(database: Database, corpus: str, who: str) -> dict[str, str]:
    """finding that `who` judged and that no longer holds -> the one that took its place.

    What `who` has judged anew since is left out.
    """
    rows = database.read(
        "SELECT DISTINCT s.finding, i.finding FROM desk_standing s "
        "JOIN finding o ON o.project = ? AND o.id = s.finding AND o.superseded_by IS NOT NULL "
        "JOIN desk_item i ON i.corpus = o.project AND i.article_id = o.article_id "
        "AND i.claim_id = o.claim_id AND i.finding <> o.id "
        "WHERE s.reviewer = ? AND s.kind = 'decision' AND NOT EXISTS (SELECT 1 "
        "FROM desk_standing n WHERE n.finding = i.finding AND n.reviewer = s.reviewer "
        "AND n.scope = s.scope AND n.kind = 'decision') ORDER BY 1",
        (corpus, who),
    )
    return dict(rows)


def page(
    database: Database, corpus: str, who: Account, queue: Queue, offset: int, limit: int,
    known: dict[Any, int], titles: Callable[[], Titles] | None = None,
) -> Page:  # fmt: skip
    """A part of the queue."""
    limit, offset = max(1, min(limit, MOST)), max(0, offset)
    query = Query(database, corpus, who, queue, titles)
    rows = query.rows(limit, offset)
    items = items_of(database, corpus, who, rows, queue.project)
    return Page(items, query.total(known), offset, limit, queue)


def items_of(
    database: Database, corpus: str, who: Account, rows: Sequence[Sequence[Any]],
    project: str | None = None,
) -> tuple[Item, ...]:  # fmt: skip
    """Rows of the queue with what was said of them, as far as `who` may see it."""
    if not rows:
        return ()
    names = [row[0] for row in rows]
    me = column_text(who.name)
    said: dict[str, str] = {}
    others: dict[str, int] = {}
    spoken = database.read(
        "SELECT finding, reviewer, scope, kind, verdict FROM desk_standing "  # noqa: S608
        f"WHERE finding IN ({marks(names)})",
        names,
    )
    sight = Sight(database, names) if spoken else None
    for finding, reviewer, scope, kind, verdict in spoken:
        if reviewer == me:
            if scope == column_text(project or "") and kind == "decision":
                said[finding] = verdict
        elif sight is not None and sight.sees(me, finding, reviewer, scope or None):
            others[finding] = others.get(finding, 0) + 1
    mine = database.read("SELECT 1 FROM desk_standing WHERE reviewer = ? LIMIT 1", (me,))
    stale = set(stale_pairs(database, corpus, me).values()) if mine else set()
    return tuple(
        Item(
            finding=plain(row[0]), claim_id=plain(row[1]), article_id=plain(row[2]),
            article_version=row[3], stance=row[4], score=row[5], impact=row[6],
            uncertainty=row[7], disagree=bool(row[8]), title=plain(row[9]), year=row[10],
            design=row[11], excluded=plain(row[12]), stale=row[0] in stale,
            judgement=said.get(row[0]), others=others.get(row[0], 0),
        )
        for row in rows
    )  # fmt: skip


def item(database: Database, corpus: str, finding: str) -> list[Any]:
    """The row of one finding; empty when it is not current."""
    return database.read(
        f"SELECT {_COLUMNS} FROM desk_item i WHERE i.corpus = ? AND i.finding = ?",  # noqa: S608
        (corpus, finding),
    )


def of_article(database: Database, corpus: str, article: str) -> list[Any]:
    """The rows of one article."""
    return database.read(
        f"SELECT {_COLUMNS} FROM desk_item i WHERE i.corpus = ? AND i.article_id = ? "  # noqa: S608
        "ORDER BY i.claim_id, i.finding",
        (corpus, article),
    )


def neighbours(
    database: Database, corpus: str, who: Account, queue: Queue, finding: str,
    titles: Callable[[], Titles] | None = None,
) -> tuple[str | None, str | None]:  # fmt: skip
    """The one before and the one behind, whether or not the finding itself is still listed."""
    query = Query(database, corpus, who, queue, titles)
    place = query.place(column_text(finding))
    if place is None:
        return None, None
    before, behind = (query.beside(place, backwards=back) for back in (True, False))
    return plain(before), plain(behind)
