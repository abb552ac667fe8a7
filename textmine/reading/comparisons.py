"""Comparisons: better than, as well as, numbers side by side."""

from __future__ import annotations

from textmine.reading.algebra import Algebra
from textmine.reading.clauses import Adjunct, Clause
from textmine.reading.drafts import (
    DIRECTIONS,
    SIGNED,
    benefit,
)
from textmine.reading.phrases import Atom
from textmine.reading.triggers import Token
from textmine.records import Mention

__all__ = ["Comparisons"]

DEGREE = frozenset(("degree", "extent", "similarly", "level", "magnitude"))


class Comparisons(Algebra):
    """What is said of one arm against another. Better and worse are judged on benefit."""

    def comparison(self, clause: Clause, null: bool, token: Token) -> None:
        """ "more than X", "compared with X": the other arm of what the clause has said."""
        others = self.others(clause)
        if not others:
            return
        mine = [
            d
            for d in self.out
            if d.token is token
            and d.predicate == "regulates"
            and d.subject is not None
            and d.via is None
        ]
        tokens = self.reading.tokens
        words = [t.low for t in tokens[clause.start : min(clause.end + 2, len(tokens))]]
        adverbial = clause.verb is not None and clause.verb.cls not in ("more", "less")
        at = words.index("than") if "than" in words else -1
        weaker = adverbial and at > 0 and bool({"less", "weaker"} & set(words[max(0, at - 2) : at]))
        for d in mine:
            for atom in others:
                o = atom.context if atom.mention is None else atom.mention
                if o is None or d.subject is None or o.start == d.subject.start:
                    continue
                change = {"increases": 1, "decreases": -1}.get(d.direction, 0)
                value = change * (-1 if d.object.label == "DISEASE" else benefit(d.object))
                if weaker:
                    value = -value
                word = "superior" if value > 0 else "inferior" if value < 0 else "differs"
                if d.direction == "unchanged":
                    word = "equal"
                if (
                    o.label in ("GENE", "PROCESS", "OUTCOME", "PATHWAY")
                    and o.label != d.subject.label
                ):
                    continue
                plain = any(w in o.text.lower() for w in ("control", "model"))
                if plain and o.label == "INTERVENTION":
                    continue  # what the change is seen against, no rival
                self.compare(d.subject, o, word, token, d.object)
        if at >= 0 and {"did", "do", "does"} & set(words[at:]) and not null:
            for other in self.mentions(others):
                for d in mine:
                    self.add(other, d.object, "regulates", d.direction, token, context=d.context)

    def compare(
        self, one: Mention, other: Mention, word: str, token: Token, outcome: Mention | None
    ) -> None:
        self.add(
            one,
            other,
            "compared_with",
            word,
            token,
            outcome=outcome,
            pattern="comparison",
            score=0.8,
        )

    def same_degree(
        self, clause: Clause, agents: list[Atom], themes: list[Atom], token: Token
    ) -> None:
        """ "X and Y lowered Z to a similar degree"."""
        words = {t.low for t in self.reading.tokens[clause.start : clause.end + 1]}
        same = words & {"similar", "comparable", "same", "equal", "similarly"}
        if len(agents) != 2 or not same or not words & DEGREE:
            return
        first, second = agents[0].mention, agents[1].mention
        if first is not None and second is not None:
            for theme in self.mentions(themes):
                self.compare(first, second, "equal", token, theme)

    def as_well(self, adjunct: Adjunct, token: Token) -> None:
        """ "reduced X as effectively as Y did": both did, and equally."""
        mine = [
            d for d in self.out if d.token is token and d.predicate == "regulates" and d.via is None
        ]
        for other in self.mentions(adjunct.atoms):
            for d in mine:
                if d.subject is not None:
                    self.add(other, d.object, "regulates", d.direction, token, context=d.context)
                    self.compare(d.subject, other, "equal", token, d.object)

    def match(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        outcome = self.outcome(clause)
        word = "equal" if verb.cls == "match" or verb.neg else "superior"
        for a in self.mentions(clause.subject):
            for b in self.mentions(clause.objects):
                if a.label in ("VESICLE", "CELL", "INTERVENTION", "CHEMICAL"):
                    self.add(
                        a,
                        b,
                        "compared_with",
                        word,
                        verb.token,
                        outcome=outcome,
                        pattern="comparison",
                    )

    def compared(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        others = [a for adj in clause.adjuncts if adj.kind in ("with", "to") for a in adj.atoms]
        subject = clause.subject
        if not others and len(subject) == 2:
            subject, others = subject[:1], subject[1:]
        for a in self.mentions(subject):
            for b in self.mentions(others):
                if a.label in ("VESICLE", "CELL", "INTERVENTION", "CHEMICAL"):
                    self.add(
                        a,
                        b,
                        "compared_with",
                        "differs",
                        verb.token,
                        outcome=self.outcome(clause),
                        pattern="aim",
                    )

    def performed(self, clause: Clause) -> None:
        """ "performed worse than", "worked as well as"."""
        verb = clause.verb
        assert verb is not None
        for t in self.reading.tokens[clause.start : clause.end]:
            if t.is_class("adjective", "better", "worse"):
                verb.cls = (
                    t.readings[0].cls if t.readings[0].cls in ("better", "worse") else "better"
                )
                if t.is_class("adjective", "worse"):
                    verb.cls = "worse"
                self.efficacy(clause)
                return
        equal = [
            a for adj in clause.adjuncts if adj.kind in ("as_well", "equal") for a in adj.atoms
        ]
        outcome = self.outcome(clause)
        for a in self.mentions(clause.subject):
            for b in self.mentions(equal):
                self.add(
                    a,
                    b,
                    "compared_with",
                    "equal",
                    verb.token,
                    outcome=outcome,
                    pattern="comparison",
                )

    def efficacy(self, clause: Clause) -> None:
        """ "X was superior to Y in reducing Z", "no less effective than"."""
        verb = clause.verb
        assert verb is not None
        tokens = self.reading.tokens[clause.start : clause.end]
        words = [t.low for t in tokens]
        others = self.others(clause)
        for adjunct in clause.adjuncts:
            if adjunct.kind in ("to", "as", "equal") and adjunct.atoms:
                others = others or adjunct.atoms
        word = "superior" if verb.cls == "better" or "more" in words else "inferior"
        if "less" in words:
            word = "equal" if "no" in words or "not" in words else "inferior"
        elif ("as" in words and verb.cls == "effective") or verb.neg:
            word = "equal"
        if verb.cls in ("effective", "ineffective") and not others:
            return
        outcome = self.outcome(clause)
        child = next((c for c in self.reading.clauses if c.parent is clause and c.gerund), None)
        pairs: list[tuple[Mention, int]] = []
        for adjunct in clause.adjuncts:
            if adjunct.kind == "in" and not adjunct.atoms:
                k = self.reading.tokens.index(adjunct.token)
                pairs = self._in_doing(k + 1)
        if child is not None and outcome is None:
            for a in child.objects:
                if a.mention is not None:
                    outcome = a.mention
        if pairs:
            outcome = pairs[0][0]
        if pairs and word == "equal" and verb.cls == "better":
            pairs = []
        for one in self.mentions(clause.subject):
            for b in self.mentions(others):
                self.add(
                    one, b, "compared_with", word, verb.token, outcome=outcome, pattern="comparison"
                )
            for m, sign in pairs:
                self.add(one, m, "regulates", DIRECTIONS[sign], verb.token, pattern="comparison")
                for b in self.mentions(others):
                    self.add(b, m, "regulates", DIRECTIONS[sign], verb.token, pattern="comparison")
            if (
                not pairs
                and outcome is not None
                and outcome.label == "DISEASE"
                and any(adj.kind == "against" for adj in clause.adjuncts)
            ):
                for arm in (one, *self.mentions(others)):
                    self.add(
                        arm, outcome, "regulates", "decreases", verb.token, pattern="comparison"
                    )

    def _in_doing(self, k: int) -> list[tuple[Mention, int]]:
        """ "in reducing Z": what both arms did."""
        tokens = self.reading.tokens
        if k >= len(tokens):
            return []
        r = tokens[k].reading("verb")
        if r is None or r.cls not in ("increase", "decrease", "improve"):
            return []
        for t in tokens[k + 1 : k + 6]:
            if t.mention is not None:
                return [(t.mention, self.literal(SIGNED.get(r.cls, 0), r.cls, t.mention))]
        return []

    def numbers(self) -> None:
        """ "Survival was 65% with A, 20% with B and 15% with C": the numbers say it."""
        tokens = self.reading.tokens
        theme: Mention | None = None
        pairs: list[tuple[float, Atom, Token]] = []
        value: float | None = None
        verb: Token | None = None
        sign = 1.0
        for k, t in enumerate(tokens):
            if theme is None:
                if t.mention is not None and t.mention.label in (
                    "OUTCOME",
                    "GENE",
                    "CHEMICAL",
                    "DISEASE",
                    "PROCESS",
                ):
                    theme = t.mention
                continue
            if verb is None:
                if t.low in ("was", "were", "reached", "averaged", "is", "amounted", "changed"):
                    verb = t
                elif t.low in ("had", "has", "have"):
                    continue
                elif t.pos in ("verb", "be", "modal"):
                    theme = None
                    return
                elif t.mention is not None and t.mention.label not in (
                    "OUTCOME",
                    "ANATOMY",
                    "CELL",
                    "ORGANISM",
                    "GENE",
                ):
                    return
                continue
            if t.low in ("−", "-") and not (k and tokens[k - 1].low[0].isdigit()):
                sign = -1.0
                continue
            if t.low in ("p", "ci", "difference", "hr", "rr", "or", ";"):
                break
            if t.low[0].isdigit():
                if k and tokens[k - 1].low == "±":
                    continue
                text = t.low.replace("·", ".")
                if text.count(",") and len(text.split(",")[-1]) == 3:
                    text = text.replace(",", "")
                try:
                    value = sign * float(text.replace(",", "."))
                except ValueError:
                    value = None
                sign = 1.0
                continue
            if value is not None and t.low in (
                "with",
                "in",
                "after",
                "for",
                "on",
                "given",
                "under",
            ):
                inner = next((x for x in tokens[k + 1 : k + 5] if x.mention is not None), None)
                if (
                    inner is not None
                    and inner.mention is not None
                    and inner.mention.label
                    in ("VESICLE", "INTERVENTION", "CHEMICAL", "CELL", "ORGANISM")
                ):
                    pairs.append((value, Atom(inner, inner.mention), t))
                    value = None
        if theme is None or len(pairs) < 2 or verb is None:
            return
        null = self.insignificant_text()
        first, agent, token = pairs[0]
        if agent.mention is None or agent.mention.label not in (
            "VESICLE",
            "INTERVENTION",
            "CHEMICAL",
            "CELL",
        ):
            return
        last = pairs[-1][0]
        sign_of = (first > last) - (first < last)
        direction = "unchanged" if null or not sign_of else DIRECTIONS[sign_of]
        self.out = [d for d in self.out if d.object.start != theme.start]
        self.add(agent.mention, theme, "regulates", direction, token, pattern="numbers", score=0.8)
        for number, other, where in pairs[1:]:
            if other.mention is None:
                continue
            change = (first > number) - (first < number)
            good = change * (-1 if theme.label == "DISEASE" else benefit(theme))
            word = (
                "equal"
                if null
                else "superior"
                if good > 0
                else "inferior"
                if good < 0
                else "differs"
            )
            self.add(
                agent.mention,
                other.mention,
                "compared_with",
                word,
                where,
                outcome=theme,
                pattern="numbers",
                score=0.75,
            )
