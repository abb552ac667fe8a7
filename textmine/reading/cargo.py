"""Statements that are no change: targets, carries, delivers, origin, conversion."""

from __future__ import annotations

from textmine.reading.associations import Associations
from textmine.reading.cases import illness
from textmine.reading.clauses import Clause
from textmine.reading.drafts import (
    DIRECTIONS,
    Draft,
)
from textmine.reading.phrases import CELLISH, Atom
from textmine.records import Mention

__all__ = ["Statements"]


class Statements(Associations):
    """Predicates other than `regulates` and `compared_with`."""

    def target(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        if verb.passive:
            subjects, objects = self.agents_of(clause), clause.subject
        else:
            subjects, objects = clause.subject, clause.objects
            for adjunct in clause.adjuncts:
                if adjunct.kind in ("to", "of") and not objects:
                    objects = adjunct.atoms
        respectively = any(a.kind == "respectively" for a in clause.adjuncts)
        pairs = self.pairs(subjects, objects, respectively)
        for a, b in pairs:
            for s in self.mentions([a]):
                for o in self.mentions([b]):
                    if s.label not in ("MIRNA", "GENE") or o.label not in (
                        "GENE",
                        "PATHWAY",
                        "MIRNA",
                    ):
                        if (
                            s.label in ("VESICLE", "CHEMICAL", "GENE")
                            and verb.lemma == "target"
                            and o.label in ("GENE", "PATHWAY")
                        ):
                            lowered = s.label == "VESICLE" and not verb.neg
                            self.add(
                                s,
                                o,
                                "regulates",
                                "decreases" if lowered else "unspecified",
                                verb.token,
                            )
                        continue
                    if s.label == "GENE" and verb.lemma != "target":
                        continue
                    self.add(
                        s,
                        o,
                        "targets",
                        "unspecified" if verb.neg else "decreases",
                        verb.token,
                        negated=verb.neg,
                        pattern="target",
                    )
                    self.memory.themes.append(o)
                    self.memory.agents.append(s)
                    if clause.gerund and clause.parent is not None and not verb.neg:
                        self._by_targeting(clause.parent, s, o)

    def _by_targeting(self, parent: Clause, s: Mention, o: Mention) -> None:
        token = parent.verb.token if parent.verb is not None else None
        for d in self.out:
            if (
                d.token is token
                and d.predicate == "regulates"
                and d.via is None
                and d.subject is not None
                and (d.subject.start == s.start)
            ):
                d.via = o

    def targets_of(self) -> None:
        """ "X as a direct target of miR-Y", wherever it stands."""
        tokens = self.reading.tokens
        for k, t in enumerate(tokens):
            if not t.is_class("noun", "target") or t.mention is not None or k + 1 >= len(tokens):
                continue
            if tokens[k + 1].low not in ("of", "for"):
                continue
            owners = [s.mention for s in tokens[k + 2 : k + 5] if s.mention is not None][:1]
            before = [
                s.mention for s in tokens[:k] if s.mention is not None and s.mention.label == "GENE"
            ]
            words = {s.low for s in tokens}
            neg = "not" in words
            hedged = bool(
                words
                & {
                    "predicts",
                    "predicted",
                    "putative",
                    "potential",
                    "possible",
                    "likely",
                    "predict",
                }
            )
            for m in owners:
                for g in before[-1:]:
                    if m.label == "MIRNA":
                        self.out.append(
                            Draft(
                                m,
                                g,
                                "targets",
                                "unspecified" if neg else "decreases",
                                t,
                                negated=neg,
                                certainty="hedged" if hedged else "asserted",
                                pattern="target",
                            )
                        )

    def cargo(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        predicate = "delivers" if verb.cls == "deliver" else "carries"
        if verb.passive:
            owners = [
                a
                for adj in clause.adjuncts
                if adj.kind in ("by", "in", "into", "from")
                for a in adj.atoms
            ]
            cargo = clause.subject
            if predicate == "delivers" and not any(
                m.label in ("VESICLE", "INTERVENTION") for m in self.mentions(owners)
            ):
                owners = self.shipped_in(clause)
        else:
            owners, cargo = clause.subject, clause.objects
        if predicate == "delivers" and not verb.passive:
            owners = self._by_vesicle(clause) or owners
        negated = verb.neg or verb.cls == "lack"
        enriched = verb.lemma in ("enrich",)
        for owner in self.mentions(owners):
            if owner.label not in ("VESICLE", "INTERVENTION"):
                continue
            for atom in cargo:
                found = (
                    self.mentions([atom]) if atom.pron is None else list(self.memory.themes[-1:])
                )
                if atom.event is not None:
                    for theme in self.mentions(atom.event.themes) if atom.event.sign > 0 else []:
                        self.used.add(id(atom.event))
                        if theme.label not in CELLISH:
                            others = self.mentions(self.others(clause))
                            self.add(
                                owner,
                                theme,
                                predicate,
                                "increases" if others else "unspecified",
                                verb.token,
                                pattern="cargo",
                            )
                            for o in others:
                                self.add(
                                    owner,
                                    o,
                                    "compared_with",
                                    "differs",
                                    verb.token,
                                    outcome=theme,
                                    pattern="comparison",
                                )
                    continue
                for m in found:
                    if m.label in CELLISH or m.label == "VESICLE":
                        continue
                    self.add(
                        owner,
                        m,
                        predicate,
                        "unspecified",
                        verb.token,
                        negated=negated or atom.neg,
                        pattern="cargo",
                    )
                    self.memory.themes.append(m)
                    into = [a for adj in clause.adjuncts if adj.kind == "into" for a in adj.atoms]
                    if predicate == "carries" and into and not negated:
                        self.add(owner, m, "delivers", "unspecified", verb.token, pattern="cargo")
                    if clause.gerund and clause.parent is not None and predicate == "delivers":
                        self._by_targeting(clause.parent, owner, m)
        _ = enriched

    def _by_vesicle(self, clause: Clause) -> list[Atom]:
        """ "cells transfer X to Y via V": V delivers it, and V is of these cells."""
        assert clause.verb is not None
        cells = [m for m in self.mentions(clause.subject) if m.label == "CELL"]
        ways = [
            a
            for adj in clause.adjuncts
            if adj.kind in ("via", "through", "by", "in")
            for a in adj.atoms
            if a.mention is not None and a.mention.label == "VESICLE"
        ]
        for way in ways if cells and not clause.verb.neg else []:
            assert way.mention is not None
            self.add(
                way.mention, cells[0], "derived_from", "unspecified", clause.verb.token,
                pattern="origin",
            )  # fmt: skip
        return ways if cells else []

    def shipped_in(self, clause: Clause) -> list[Atom]:
        """ "exosomal X was transferred to Y", "X in V was taken up": in what X travelled."""
        tokens = self.reading.tokens
        at = {t.mention.start: k for k, t in enumerate(tokens) if t.mention is not None}
        for m in self.mentions(clause.subject):
            k = at.get(m.start, -1)
            if k < 0 or m.label not in ("MIRNA", "GENE", "CHEMICAL"):
                continue
            near = [tokens[k - 1]] if k else []
            near += tokens[k + 1 : clause.start]
            for t in near:
                if t.mention is not None and t.mention.label == "VESICLE":
                    return [Atom(t, t.mention)]
            before = [v for v in self.memory.previous if v.label == "VESICLE"]
            if before and any(a.kind in ("to", "into") for a in clause.adjuncts):
                return [Atom(tokens[k], before[-1])]
        return []

    def taken_up(self, clause: Clause) -> bool:
        """ "exosomal X was taken up by Y": V delivers X."""
        verb = clause.verb
        assert verb is not None
        words = {t.low for t in self.reading.tokens[clause.start : clause.end + 1]}
        taken = verb.lemma == "take" and words & {"up", "in"}
        if not verb.passive or not (taken or verb.lemma in ("internalise", "uptake")):
            return False
        for owner in self.mentions(self.shipped_in(clause)):
            for m in self.mentions(clause.subject):
                if m.label in ("MIRNA", "GENE", "CHEMICAL"):
                    self.add(
                        owner, m, "delivers", "unspecified", verb.token,
                        negated=verb.neg, pattern="cargo",
                    )  # fmt: skip
        return True

    def contents(self, clause: Clause) -> None:
        """ "rich in X", "free of X", "X was enriched in Y"."""
        verb = clause.verb
        assert verb is not None
        enriched = verb.token.low == "enriched"
        told = [d for d in self.out if d.predicate == "carries" and d.subject is not None]
        if (
            verb.cls == "rich"
            and told
            and not any(a.kind in ("in", "with") for a in clause.adjuncts)
        ):
            for m in self.mentions(clause.subject):
                if m.label in ("MIRNA", "GENE"):
                    self.add(
                        told[-1].subject,
                        m,
                        "carries",
                        "unspecified",
                        verb.token,
                        negated=verb.neg,
                        pattern="cargo",
                    )
            return
        for adjunct in clause.adjuncts:
            if adjunct.kind not in ("in", "of", "with", "from"):
                continue
            for atom in adjunct.atoms:
                thing = atom.mention
                for s in self.mentions(clause.subject):
                    if thing is None:
                        continue
                    if thing.label == "VESICLE" and s.label in ("MIRNA", "GENE", "CHEMICAL"):
                        others = self.others(clause) or [
                            a
                            for adj in clause.adjuncts
                            if adj.token.low in ("relative", "to")
                            for a in adj.atoms
                        ]
                        denied = verb.cls == "free" or verb.neg
                        self.add(
                            thing,
                            s,
                            "carries",
                            "increases" if (others or enriched) and not denied else "unspecified",
                            verb.token,
                            negated=denied,
                            pattern="cargo",
                        )
                        for o in self.mentions(others):
                            self.add(
                                thing,
                                o,
                                "compared_with",
                                "differs",
                                verb.token,
                                outcome=s,
                                pattern="comparison",
                            )
                    elif s.label in ("VESICLE", "INTERVENTION") and thing.label in (
                        "MIRNA",
                        "GENE",
                        "CHEMICAL",
                    ):
                        more = enriched and adjunct.kind == "in" and not verb.neg
                        self.add(
                            s,
                            thing,
                            "carries",
                            "increases" if more else "unspecified",
                            verb.token,
                            negated=verb.cls == "free" or verb.neg,
                            pattern="cargo",
                        )

    def found_in(self, clause: Clause) -> bool:
        """ "X was detected in the vesicles", "arrays detected X in the vesicles"."""
        verb = clause.verb
        assert verb is not None
        if verb.lemma not in (
            "detect",
            "find",
            "identify",
            "observe",
            "measure",
            "reveal",
            "confirm",
            "recover",
        ):
            return False
        owners = [
            m
            for adj in clause.adjuncts
            if adj.kind in ("in", "within", "inside")
            for m in self.mentions(adj.atoms)
            if m.label == "VESICLE"
        ]
        things = clause.subject if verb.passive else clause.objects
        told = [(m, 0) for m in self.mentions(things)]
        for atom in things:
            event = atom.event
            if event is not None and not event.agents and event.sign > 0:
                told += [(m, 1) for m in self.mentions(event.themes)]
        cargo = [(m, more) for m, more in told if m.label in ("MIRNA", "GENE", "CHEMICAL")]
        tokens = self.reading.tokens[clause.start : clause.end]
        rich = any(t.is_class("noun", "enrichment") for t in tokens)
        before = self.reading.tokens[max(0, clause.start - 7) : clause.start]
        rich = rich or (verb.passive and any(t.low in ("high", "highly") for t in before))
        if any(more for _, more in cargo) and illness(self.reading.tokens)[0] is not None:
            return False
        for o in owners:
            for m, more in cargo:
                way = "increases" if (more or rich) and not verb.neg else "unspecified"
                self.add(o, m, "carries", way, verb.token, negated=verb.neg, pattern="cargo")
        for atom in things if owners else []:
            if atom.event is not None:
                self.used.add(id(atom.event))
        return bool(owners and cargo)

    def derive(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        sources = [
            a for adj in clause.adjuncts if adj.kind in ("from", "by", "of") for a in adj.atoms
        ]
        made = clause.subject
        if not verb.passive:
            sources, made = clause.subject, clause.objects
        for v in self.mentions(made):
            for c in self.mentions(sources):
                if v.label == "VESICLE" and c.label == "CELL":
                    self.add(
                        v,
                        c,
                        "derived_from",
                        "unspecified",
                        verb.token,
                        negated=verb.neg,
                        pattern="origin",
                    )

    def convert(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        into = [
            a
            for adj in clause.adjuncts
            if adj.kind in ("into", "to", "towards", "toward")
            for a in adj.atoms
        ]
        source = clause.objects if clause.objects and not verb.passive else clause.subject
        if verb.lemma == "form":
            # "A formed B": cells became others
            into, source = clause.objects, clause.subject
        parent = clause.parent
        caused = 0
        if clause.gerund and parent is not None and parent.verb is not None and parent.objects:
            cells = [m for m in self.mentions(parent.objects) if m.label == "CELL"]
            caused = {"increase": 1, "decrease": -1}.get(parent.verb.cls, 0) if cells else 0
            if caused and not clause.objects:
                source = parent.objects
        for agent in parent.subject if caused and parent is not None else []:
            for m in self.mentions(agent.event.themes if agent.event is not None else [agent]):
                by = agent.pert or (agent.event.sign if agent.event is not None else None)
                sign = by if isinstance(by, int) else by.sign if by is not None else 1
                for b in self.mentions(into):
                    if b.label == "CELL" and m.label in ("VESICLE", "GENE", "MIRNA", "CHEMICAL"):
                        null = parent is not None and parent.verb is not None and parent.verb.neg
                        self.add(
                            m, b, "regulates", "unchanged" if null else DIRECTIONS[caused * sign],
                            verb.token, pattern="conversion", score=0.8,
                        )  # fmt: skip
        done_by = [a for a in self.agents_of(clause) if a not in clause.subject]
        for agent in done_by if verb.lemma != "form" and not verb.neg else []:
            for m in self.mentions([agent]):
                for b in self.mentions(into):
                    if b.label == "CELL" and m.label in ("VESICLE", "GENE", "MIRNA", "CHEMICAL"):
                        sign = agent.pert.sign if agent.pert is not None else 1
                        self.add(
                            m, b, "regulates", DIRECTIONS[sign], verb.token,
                            pattern="conversion", score=0.75,
                        )  # fmt: skip
        able = any(t.low == "can" for t in self.reading.tokens[clause.start : clause.end])
        for a in self.mentions(source):
            for b in self.mentions(into):
                if b.label == "CELL" and a.label == "CELL":
                    self.add(
                        a,
                        b,
                        "converts_to",
                        "unspecified",
                        verb.token,
                        negated=verb.neg,
                        pattern="conversion",
                    )
                    if able and self.out:
                        verb.hedged = True
