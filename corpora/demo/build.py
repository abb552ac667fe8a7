"""Build the demonstration corpus from ``source/*.toml`` (see README.md beside this file).

python corpora/demo/build.py            write records.xml.gz and ../gold/demo.jsonl.gz
python corpora/demo/build.py --check part1_*.toml     only validate these files
python corpora/demo/build.py --lint     also print mentions that look forgotten
"""

# ruff: noqa: E501, SIM905
from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from lxml import etree

HERE = Path(__file__).resolve().parent
RECORDS = HERE / "records.xml.gz"
GOLD = HERE.parent / "gold" / "demo.jsonl.gz"

LETTERS = {
    "v": "VESICLE", "c": "CELL", "m": "MIRNA", "g": "GENE", "x": "CHEMICAL", "d": "DISEASE",
    "a": "ANATOMY", "p": "PROCESS", "w": "PATHWAY", "o": "ORGANISM", "t": "OUTCOME", "i": "INTERVENTION",
}  # fmt: skip
LABELS = set(LETTERS.values())
CONCEPTS = {
    "hepatic_stellate_cell", "haematopoietic_stem_cell", "hepatocyte", "msc", "msc_ev", "other_ev",
    "generic_ev", "unresolved",
}  # fmt: skip
ROLES = {"background", "aim", "method", "result", "conclusion"}
PREDICATES = {
    "regulates", "targets", "carries", "delivers", "derived_from", "converts_to", "mediates",
    "compared_with", "associated_with",
}  # fmt: skip
DIRECTIONS = {"increases", "decreases", "unchanged", "unspecified"}
COMPARISONS = {"superior", "inferior", "equal", "differs"}
CERTAINTIES = {"asserted", "hedged", "hypothesis"}
STANCES = {"supports", "contradicts", "null_effect", "insufficient"}
DESIGNS = set(
    "meta_analysis_human meta_analysis_animal systematic_review review randomised_trial controlled_trial "
    "single_arm_trial observational case_report protocol animal_in_vivo animal_and_in_vitro ex_vivo in_vitro "
    "in_silico other".split()
)
SPECIES = {"mouse", "rat", "rabbit", "pig", "human", "dog", "macaque"}
STUDY_KEYS = set(
    "design species models n n_per_group n_studies vesicle_source isolation characterisation randomised blinded "
    "dose route comparator comparators causal_test timing duration sample_size_calculation sexes markers "
    "dose_response effect".split()
)
EXCLUDES = set(
    "retracted review notice protocol no_abstract foreign_vesicle whole_cells deleted duplicate comment".split()
) | {""}
PERTURBATIONS = set(
    "knock_down knock_out inhibition overexpression neutralisation mimic agonist antagonist depletion rescue".split()
)
RECORD_KEYS = set(
    "pmid version kind journal year date medline_date language doi pmcid publication_types mesh keywords chemicals "
    "authors editors grants databank links coi vernacular_title book_title publisher other_abstract markup title "
    "study stance exclude relations section".split()
)
SECTION_KEYS = {"label", "category", "sentences"}
CATEGORIES = {"BACKGROUND", "OBJECTIVE", "METHODS", "RESULTS", "CONCLUSIONS", "UNASSIGNED"}
RECIPROCAL = {
    "RetractionIn": "RetractionOf", "ErratumIn": "ErratumFor", "ExpressionOfConcernIn": "ExpressionOfConcernFor",
    "UpdateIn": "UpdateOf", "CommentIn": "CommentOn", "RepublishedIn": "RepublishedFrom",
    "CorrectedandRepublishedIn": "CorrectedandRepublishedFrom", "PartialRetractionIn": "PartialRetractionOf",
}  # fmt: skip
RECIPROCAL |= {back: there for there, back in RECIPROCAL.items()}
TYPE_UI = {
    "Journal Article": "D016428", "Review": "D016454", "Systematic Review": "D000078182",
    "Meta-Analysis": "D017418", "Retracted Publication": "D016441", "Retraction of Publication": "D016440",
    "Retraction Notice": "D016440", "Randomized Controlled Trial": "D016449", "Clinical Trial": "D016430",
    "Controlled Clinical Trial": "D018848", "Observational Study": "D064888", "Case Reports": "D002363",
    "Clinical Trial Protocol": "D000078325", "Editorial": "D016421", "Letter": "D016422", "Comment": "D016420",
    "Published Erratum": "D016425", "Expression of Concern": "D000075742", "Preprint": "D000076942",
    "English Abstract": "D004740", "Comparative Study": "D003160",
}  # fmt: skip

MENTION = re.compile(r"\{([^{}|]*)\|([^{}|]+)\}")
HEAD = re.compile(r"(?P<key>[A-Za-z]\w*)(?::(?P<label>[A-Z]+))?(?:@(?P<concept>[\w.:/∼~-]+))?")
TAG = re.compile(r"</?(?:i|b|u|sub|sup)>")
PLAIN_MIRNA = re.compile(r"(?:miR-\d+[a-z]?|let-7[a-i]?)(?:-[35]p)?")
COMMENT = (
    " SYNTHETIC: every record, person, place and number in this file is invented. Not from PubMed. "
)
DOCTYPE = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_240101.dtd">'
)


class SourceError(Exception):
    """Something in a source file is wrong; the message names the record."""


@dataclass
class Sentence:
    start: int
    end: int
    role: str


@dataclass
class Mention:
    key: str
    start: int
    end: int
    text: str
    label: str
    concept: str | None
    sentence: int


@dataclass
class Record:
    """One source record, with its text laid out and its markup read."""

    raw: dict[str, Any]
    source: str
    text: str = ""
    title_xml: str = ""
    passages_xml: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def pmid(self) -> int:
        return int(self.raw["pmid"])

    @property
    def kind(self) -> str:
        return str(self.raw.get("kind", "article"))

    def fault(self, message: str) -> SourceError:
        return SourceError(f"{self.source}: record {self.raw.get('pmid', '?')}: {message}")

    def check(self, value: Any, allowed: set[str], what: str) -> None:
        if value not in allowed:
            raise self.fault(f"{what} {value!r} is not one of {', '.join(sorted(allowed))}")


# ---------------------------------------------------------------- reading the source


def read_record(raw: dict[str, Any], source: str) -> Record:
    record = Record(raw, source)
    if not isinstance(raw.get("pmid"), int):
        raise record.fault("pmid is missing or not a number")
    if unknown := set(raw) - RECORD_KEYS:
        raise record.fault(f"unknown keys {sorted(unknown)}")
    record.check(record.kind, {"article", "book", "delete"}, "kind")
    record.check(raw.get("exclude", ""), EXCLUDES, "exclude")
    for claim, stance in raw.get("stance", {}).items():
        record.check(claim, {f"D{n:02}" for n in range(1, 13)}, "claim")
        record.check(stance, STANCES, f"stance on {claim}")
    study = raw.get("study", {})
    if unknown := set(study) - STUDY_KEYS:
        raise record.fault(f"unknown study keys {sorted(unknown)}")
    if "design" in study:
        record.check(study["design"], DESIGNS, "design")
    elif record.kind != "delete":
        raise record.fault("study has no design")
    for species in study.get("species", []):
        record.check(species, SPECIES, "species")
    if record.kind == "delete":
        return record
    if record.kind == "article" and "synthetic" not in raw.get("journal", "").lower():
        raise record.fault("the journal's name does not say Synthetic")
    if sum(key in raw for key in ("year", "date", "medline_date")) != 1:
        raise record.fault("give exactly one of year, date, medline_date")
    _lay_out(record)
    record.relations = [_relation(record, line) for line in raw.get("relations", [])]
    if len({json.dumps(r, sort_keys=True) for r in record.relations}) != len(record.relations):
        raise record.fault("a relation is given twice")
    return record


def _lay_out(record: Record) -> None:
    raw = record.raw
    title = raw.get("title") or raw.get("book_title") or ""
    if title == "[Not Available].":
        title = raw.get("vernacular_title", "")
    if not title:
        raise record.fault("no title")
    record.title_xml = _append(record, title, "title")
    for section in raw.get("section", []):
        if unknown := set(section) - SECTION_KEYS:
            raise record.fault(f"unknown section keys {sorted(unknown)}")
        if "category" in section:
            record.check(section["category"], CATEGORIES, "category")
        record.text += "\n"
        parts: list[str] = []
        for position, line in enumerate(section["sentences"]):
            role, colon, body = line.partition(": ")
            record.check(role if colon else line[:30], ROLES, "sentence's role")
            if position:
                record.text += " "
            parts.append(_append(record, body, role))
        if not parts:
            raise record.fault("a section has no sentences")
        record.passages_xml.append((section, " ".join(parts)))
    keys = Counter(mention.key for mention in record.mentions)
    if twice := [key for key, n in keys.items() if n > 1]:
        raise record.fault(f"mention keys used twice: {twice}")


def _append(record: Record, line: str, role: str) -> str:
    """Add one sentence to the record's text; returns its XML."""
    if line != line.strip() or "\n" in line or "\t" in line or not line:
        raise record.fault(f"outer white space or a line break in {line[:60]!r}")
    markup = bool(record.raw.get("markup", False))
    start, done, xml = len(record.text), 0, ""
    for found in MENTION.finditer(line):
        xml += _literal(record, line[done : found.start()], markup)
        begin = len(record.text)
        xml += _literal(record, found[2], markup)
        record.mentions.append(_mention(record, found[1], begin))
        done = found.end()
    xml += _literal(record, line[done:], markup)
    record.sentences.append(Sentence(start, len(record.text), role))
    return xml


def _literal(record: Record, piece: str, markup: bool) -> str:
    if re.search(r"[{}|]", piece):
        raise record.fault(f"stray or nested mention bracket near {piece[:60]!r}")
    if not markup:
        if TAG.search(piece):
            raise record.fault(f"inline tag without markup = true near {piece[:60]!r}")
        record.text += piece
        return escape(piece)
    record.text += TAG.sub("", piece)
    tags = TAG.findall(piece)
    return "".join(
        escape(part) + tag for part, tag in zip(TAG.split(piece), [*tags, ""], strict=True)
    )


def _mention(record: Record, head: str, begin: int) -> Mention:
    parsed = HEAD.fullmatch(head)
    if not parsed:
        raise record.fault(f"cannot read the mention's head {head!r}")
    key, concept = parsed["key"], parsed["concept"]
    label = parsed["label"] or LETTERS.get(key[0], "")
    record.check(label, LABELS, f"label of {head!r}")
    if len(key) == 1:  # no relation needs it: number it
        key = f"{key}_{len(record.mentions) + 1}"
    text = record.text[begin:]
    if text != text.strip():
        raise record.fault(f"outer white space in mention {text!r}")
    if label == "MIRNA":
        concept = concept or (text if PLAIN_MIRNA.fullmatch(text) else None)
    elif concept:
        record.check(concept, CONCEPTS, f"concept of {text!r}")
    return Mention(key, begin, len(record.text), text, label, concept, len(record.sentences))


def _relation(record: Record, line: str) -> dict[str, Any]:
    words = line.split()
    if len(words) < 4:
        raise record.fault(f"relation {line!r} is not: SUBJECT predicate OBJECT direction ...")
    subject, predicate, target, direction, *rest = words
    record.check(predicate, PREDICATES, f"relation {line!r}: predicate")
    record.check(
        direction,
        COMPARISONS if predicate == "compared_with" else DIRECTIONS,
        f"relation {line!r}: direction",
    )
    options: dict[str, str] = {}
    for word in rest:
        name, _, value = word.partition("=")
        record.check(
            name,
            {"via", "certainty", "negated", "outcome", "perturbation", "context", "mark"},
            f"relation {line!r}: option",
        )
        options[name] = value
    if "perturbation" in options:
        record.check(options["perturbation"], PERTURBATIONS, "perturbation")
    by_key = {mention.key: mention for mention in record.mentions}

    def find(key: str | None) -> Mention | None:
        if key is None or key == "null":
            return None
        if key not in by_key:
            raise record.fault(f"relation {line!r}: no mention {key!r}")
        return by_key[key]

    object_ = find(target)
    if object_ is None:
        raise record.fault(f"relation {line!r}: no object")
    here = object_.sentence
    for key, reach in ((subject, 1), *((options.get(o), 2) for o in ("via", "outcome", "context"))):
        other = find(key)
        far = other is not None and abs(other.sentence - here) > reach
        if far or (other is not None and (other.sentence == 0) != (here == 0)):
            raise record.fault(f"relation {line!r}: {key} stands too far from {target}")
    sentence = record.sentences[here]
    certainty = options.get("certainty", "hypothesis" if sentence.role == "aim" else "asserted")
    record.check(certainty, CERTAINTIES, f"relation {line!r}: certainty")
    if sentence.role == "aim" and certainty != "hypothesis":
        raise record.fault(f"relation {line!r}: an aim is a hypothesis")
    marks = [int(mark) for mark in re.split(r"[+,]", options["mark"])] if "mark" in options else []
    if any(not 1 <= mark <= 16 for mark in marks):
        raise record.fault(f"relation {line!r}: marks run from 1 to 16")

    def span(key: str | None) -> list[int] | None:
        mention = find(key)
        return [mention.start, mention.end] if mention else None

    return {
        "subject": span(subject),
        "object": span(target),
        "predicate": predicate,
        "direction": direction,
        "negated": "negated" in options,
        "certainty": certainty,
        "role": sentence.role,
        "mediator": span(options.get("via")),
        "outcome": span(options.get("outcome")),
        "perturbation": options.get("perturbation"),
        "context": span(options.get("context")),
        "mark": marks,
        "sentence": [sentence.start, sentence.end],
    }


def load(paths: list[Path], *, whole: bool) -> list[Record]:
    """Read and check the source files; `whole` says that links must find their other end."""
    records: list[Record] = []
    for path in paths:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise SourceError(f"{path.name}: {error}") from error
        if unknown := set(data) - {"record"}:
            raise SourceError(f"{path.name}: unknown keys {sorted(unknown)}")
        records += [read_record(raw, path.name) for raw in data.get("record", [])]
    seen: dict[tuple[int, int], Record] = {}
    for record in records:
        key = (record.pmid, record.raw.get("version", 1))
        if key in seen:
            raise record.fault(f"this pmid is already used in {seen[key].source}")
        seen[key] = record
    links = {
        (record.pmid, *_link(record, line)[:2])
        for record in records
        for line in record.raw.get("links", [])
    }
    pmids = {record.pmid for record in records}
    for record in records:
        for line in record.raw.get("links", []):
            kind, pmid, _ = _link(record, line)
            if pmid not in pmids and whole:
                raise record.fault(f"link {line!r} leads to no record")
            if pmid in pmids and (pmid, RECIPROCAL[kind], record.pmid) not in links:
                raise record.fault(f"link {line!r}: record {pmid} has no {RECIPROCAL[kind]} back")
    return sorted(records, key=lambda record: (record.pmid, record.raw.get("version", 1)))


def _link(record: Record, line: str) -> tuple[str, int, str]:
    kind, _, rest = line.partition("|")
    pmid, _, citation = rest.partition("|")
    record.check(kind, set(RECIPROCAL), "link's RefType")
    if not pmid.isdigit():
        raise record.fault(f"link {line!r} has no pmid")
    return kind, int(pmid), citation


# ---------------------------------------------------------------- writing gold


def gold_line(record: Record) -> dict[str, Any]:
    mentions = []
    for mention in record.mentions:
        if record.text[mention.start : mention.end] != mention.text:
            raise record.fault(f"offsets of {mention.text!r} do not fit")
        entry: dict[str, Any] = {
            "key": mention.key,
            "start": mention.start,
            "end": mention.end,
            "text": mention.text,
            "label": mention.label,
        }
        mentions.append(entry | ({"concept": mention.concept} if mention.concept else {}))
    return {
        "id": str(record.pmid),
        "version": record.raw.get("version", 1),
        "split": "dev" if record.pmid % 2 else "test",
        "text": record.text,
        "sentences": [{"start": s.start, "end": s.end, "role": s.role} for s in record.sentences],
        "mentions": mentions,
        "relations": record.relations,
        "study": record.raw.get("study", {}),
        "stance": record.raw.get("stance", {}),
        "exclude": record.raw.get("exclude", ""),
    }


# ---------------------------------------------------------------- writing PubMed XML

Node: TypeAlias = Any


def _add(parent: Node, tag: str, text: object = None, **attributes: str) -> Node:
    node = etree.SubElement(parent, tag, attributes)
    if text is not None:
        node.text = str(text)
    return node


def _add_xml(parent: Node, tag: str, xml: str, **attributes: str) -> Node:
    node = etree.fromstring(f"<{tag}>{xml}</{tag}>")
    for name, value in attributes.items():
        node.set(name, value)
    parent.append(node)
    return node


def _ui(name: str, letter: str = "D") -> str:
    """A made-up identifier that stays the same from run to run."""
    return f"{letter}99{int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10**6:06}"


def _year(raw: dict[str, Any]) -> int:
    if "year" in raw:
        return int(raw["year"])
    return int(raw["date"]["year"]) if "date" in raw else int(raw["medline_date"][:4])


def _pub_date(parent: Node, raw: dict[str, Any]) -> None:
    node = _add(parent, "PubDate")
    if "medline_date" in raw:
        _add(node, "MedlineDate", raw["medline_date"])
        return
    date = raw.get("date", {"year": raw.get("year")})
    for part in ("year", "month", "day"):
        if part in date:
            _add(node, part.capitalize(), f"{date[part]:02}" if part == "day" else date[part])


def _ymd(parent: Node, tag: str, year: int, month: int, day: int, **attributes: str) -> None:
    node = _add(parent, tag, **attributes)
    for part, value in (("Year", f"{year}"), ("Month", f"{month}"), ("Day", f"{day}")):
        _add(node, part, value)


def _authors(parent: Node, names: list[str], **attributes: str) -> None:
    if not names:
        return
    node = _add(parent, "AuthorList", CompleteYN="Y", **attributes)
    for line in names:
        name, orcid, affiliation = (*line.split("|"), "", "")[:3]
        author = _add(node, "Author", ValidYN="Y")
        if name.startswith("collective:"):
            _add(author, "CollectiveName", name.removeprefix("collective:"))
        else:
            last, _, fore = name.partition(", ")
            _add(author, "LastName", last)
            if fore:
                _add(author, "ForeName", fore)
                _add(
                    author, "Initials", "".join(part[0] for part in re.split(r"[ -]", fore) if part)
                )
        if orcid:
            _add(author, "Identifier", orcid, Source="ORCID")
        if affiliation:
            _add(_add(author, "AffiliationInfo"), "Affiliation", affiliation)


def _abstract(parent: Node, record: Record) -> None:
    if not record.passages_xml:
        return
    node = _add(parent, "Abstract")
    for section, xml in record.passages_xml:
        names = {"label": "Label", "category": "NlmCategory"}
        _add_xml(node, "AbstractText", xml, **{names[k]: section[k] for k in names if k in section})


def _types(parent: Node, raw: dict[str, Any]) -> None:
    for name in raw.get("publication_types", ["Journal Article"]):
        _add(parent, "PublicationType", name, UI=TYPE_UI.get(name) or _ui(name))


def _ids(parent: Node, raw: dict[str, Any]) -> None:
    node = _add(parent, "ArticleIdList")
    for kind, value in (
        ("pubmed", raw["pmid"]),
        ("doi", raw.get("doi")),
        ("pmc", raw.get("pmcid")),
    ):
        if value:
            _add(node, "ArticleId", value, IdType=kind)


def _history(parent: Node, raw: dict[str, Any]) -> None:
    year, day = _year(raw), raw["pmid"] % 27 + 1
    node = _add(parent, "History")
    for status, when in (
        ("received", (year - 1, 9)),
        ("accepted", (year, 1)),
        ("pubmed", (year, 2)),
    ):
        _ymd(node, "PubMedPubDate", when[0], when[1], day, PubStatus=status)


def article_xml(record: Record) -> Node:
    raw, year, day = record.raw, _year(record.raw), record.pmid % 27 + 1
    root = etree.Element("PubmedArticle")
    indexed = bool(raw.get("mesh"))
    medline = _add(
        root, "MedlineCitation", Status="MEDLINE" if indexed else "PubMed-not-MEDLINE", Owner="NLM"
    )
    if indexed:
        medline.set("IndexingMethod", "Automated" if record.pmid % 3 == 0 else "Manual")
    _add(medline, "PMID", raw["pmid"], Version=str(raw.get("version", 1)))
    if indexed:
        _ymd(medline, "DateCompleted", year, 6, day)
    _ymd(medline, "DateRevised", year, 7, day)
    article = _add(medline, "Article", PubModel="Print-Electronic")
    journal = _add(article, "Journal")
    number = int(hashlib.sha256(raw["journal"].encode()).hexdigest(), 16) % 10000
    issn = f"9999-{number:04}"
    _add(journal, "ISSN", issn, IssnType="Electronic")
    issue = _add(journal, "JournalIssue", CitedMedium="Internet")
    _add(issue, "Volume", year - 1990)
    _add(issue, "Issue", record.pmid % 12 + 1)
    _pub_date(issue, raw)
    _add(journal, "Title", raw["journal"])
    short = raw["journal"].replace("Journal", "J").replace(" of ", " ").replace(" and ", " ")
    _add(journal, "ISOAbbreviation", short)
    if raw.get("title") == "[Not Available].":
        _add(article, "ArticleTitle", raw["title"])
    else:
        _add_xml(article, "ArticleTitle", record.title_xml)
    _add(
        _add(article, "Pagination"),
        "MedlinePgn",
        f"{record.pmid % 900 + 1}-{record.pmid % 900 + 11}",
    )
    if raw.get("doi"):
        _add(article, "ELocationID", raw["doi"], EIdType="doi", ValidYN="Y")
    _abstract(article, record)
    _authors(article, raw.get("authors", []))
    _add(article, "Language", raw.get("language", "eng"))
    if raw.get("databank"):
        banks = _add(article, "DataBankList", CompleteYN="Y")
        for line in raw["databank"]:
            bank = _add(banks, "DataBank")
            name, _, number_ = line.partition("|")
            _add(bank, "DataBankName", name)
            _add(_add(bank, "AccessionNumberList"), "AccessionNumber", number_)
    if raw.get("grants"):
        grants = _add(article, "GrantList", CompleteYN="Y")
        for line in raw["grants"]:
            grant = _add(grants, "Grant")
            for tag, value in zip(("GrantID", "Agency", "Country"), line.split("|"), strict=True):
                if value:
                    _add(grant, tag, value)
    _types(_add(article, "PublicationTypeList"), raw)
    if raw.get("vernacular_title"):
        if raw.get("title") == "[Not Available].":
            _add_xml(article, "VernacularTitle", record.title_xml)
        else:
            _add(article, "VernacularTitle", raw["vernacular_title"])
    _ymd(article, "ArticleDate", year, 2, day, DateType="Electronic")
    info = _add(medline, "MedlineJournalInfo")
    _add(info, "Country", "Norway")
    _add(info, "MedlineTA", short)
    _add(info, "NlmUniqueID", f"99{number:05}")
    _add(info, "ISSNLinking", issn)
    if raw.get("chemicals"):
        chemicals = _add(medline, "ChemicalList")
        for name in raw["chemicals"]:
            chemical = _add(chemicals, "Chemical")
            _add(chemical, "RegistryNumber", "0")
            _add(chemical, "NameOfSubstance", name, UI=_ui(name, "C"))
    _add(medline, "CitationSubset", "IM")
    if raw.get("links"):
        links = _add(medline, "CommentsCorrectionsList")
        for line in raw["links"]:
            kind, pmid, citation = _link(record, line)
            link = _add(links, "CommentsCorrections", RefType=kind)
            _add(link, "RefSource", citation or "Synthetic record")
            _add(link, "PMID", pmid, Version="1")
    if indexed:
        headings = _add(medline, "MeshHeadingList")
        for line in raw["mesh"]:
            descriptor, *qualifiers = line.split("/")
            heading = _add(headings, "MeshHeading")
            for tag, name in [
                ("DescriptorName", descriptor),
                *(("QualifierName", q) for q in qualifiers),
            ]:
                bare = name.rstrip("*")
                letter, major = ("D" if tag[0] == "D" else "Q"), ("Y" if bare != name else "N")
                _add(heading, tag, bare, UI=_ui(bare, letter), MajorTopicYN=major)
    if other := raw.get("other_abstract"):
        node = _add(medline, "OtherAbstract", Type=other["type"], Language=other["language"])
        _add(node, "AbstractText", other["text"])
    if raw.get("keywords"):
        keywords = _add(medline, "KeywordList", Owner="NOTNLM")
        for word in raw["keywords"]:
            _add(keywords, "Keyword", word, MajorTopicYN="N")
    if raw.get("coi"):
        _add(medline, "CoiStatement", raw["coi"])
    data = _add(root, "PubmedData")
    _history(data, raw)
    _add(data, "PublicationStatus", "ppublish")
    _ids(data, raw)
    return root


def book_xml(record: Record) -> Node:
    raw = record.raw
    root = etree.Element("PubmedBookArticle")
    document = _add(root, "BookDocument")
    _add(document, "PMID", raw["pmid"], Version=str(raw.get("version", 1)))
    ids = _add(document, "ArticleIdList")
    _add(ids, "ArticleId", f"NBK{raw['pmid']}", IdType="bookaccession")
    book = _add(document, "Book")
    publisher = _add(book, "Publisher")
    _add(publisher, "PublisherName", raw.get("publisher", "Synthetic Academic Press"))
    _add(publisher, "PublisherLocation", "Northwick")
    title = raw.get("book_title") or raw.get("journal") or "Synthetic Handbook"
    _add(book, "BookTitle", TAG.sub("", MENTION.sub(r"\2", title)))
    _pub_date(book, raw)
    _authors(book, raw.get("editors", []), Type="editors")
    if raw.get("title"):
        _add_xml(document, "ArticleTitle", record.title_xml)
    _add(document, "Language", raw.get("language", "eng"))
    _authors(document, raw.get("authors", []), Type="authors")
    _types(document, raw)
    _abstract(document, record)
    if raw.get("keywords"):
        keywords = _add(document, "KeywordList", Owner="NOTNLM")
        for word in raw["keywords"]:
            _add(keywords, "Keyword", word, MajorTopicYN="N")
    data = _add(root, "PubmedBookData")
    _history(data, raw)
    _add(data, "PublicationStatus", "ppublish")
    _ids(data, raw)
    return root


def xml_text(records: list[Record]) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        DOCTYPE,
        f"<!--{COMMENT}-->",
        "<PubmedArticleSet>",
    ]
    deleted = [record for record in records if record.kind == "delete"]
    for record in records:
        if record.kind != "delete":
            try:
                node = article_xml(record) if record.kind == "article" else book_xml(record)
            except etree.XMLSyntaxError as error:
                raise record.fault(f"inline tags are not well formed: {error}") from error
            lines.append(etree.tostring(node, encoding="unicode"))
    if deleted:
        node = etree.Element("DeleteCitation")
        for record in deleted:
            _add(node, "PMID", record.pmid, Version=str(record.raw.get("version", 1)))
        lines.append(etree.tostring(node, encoding="unicode"))
    return "\n".join([*lines, "</PubmedArticleSet>", ""])


def write_gz(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode("utf-8"))


# ---------------------------------------------------------------- help for authors


def lint(records: list[Record]) -> list[str]:
    """Words that are marked somewhere and left bare elsewhere, and words with more than one label."""
    labels: dict[str, Counter[str]] = {}
    for record in records:
        for mention in record.mentions:
            labels.setdefault(mention.text, Counter())[mention.label] += 1
    notes = [f"two labels: {text!r} {dict(n)}" for text, n in sorted(labels.items()) if len(n) > 1]
    known = sorted((text for text in labels if len(text) > 2), key=len, reverse=True)
    pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, known)) + r")(?!\w)")
    for record in records:
        bare = list(record.text)
        for mention in record.mentions:
            bare[mention.start : mention.end] = "\0" * (mention.end - mention.start)
        for found in pattern.finditer("".join(bare)) if known else ():
            around = record.text[max(0, found.start() - 25) : found.end() + 15].replace("\n", " ")
            notes.append(f"{record.source} {record.pmid}: unmarked {found[0]!r} in …{around}…")
    return notes


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--check", metavar="FILE", nargs="+", help="only validate these source files"
    )
    parser.add_argument("--lint", action="store_true", help="print mentions that look forgotten")
    options = parser.parse_args(arguments)
    if options.check:
        paths = sorted(
            {path for name in options.check for path in (HERE / "source").glob(Path(name).name)}
        )
    else:
        paths = sorted((HERE / "source").glob("*.toml"))
    try:
        records = load(paths, whole=not options.check)
        gold = [gold_line(record) for record in records]
        xml = xml_text(records)
    except SourceError as fault:
        print(fault, file=sys.stderr)
        return 2
    if options.lint:
        print(*lint(records), sep="\n")
    if not options.check:
        write_gz(RECORDS, xml)
        write_gz(GOLD, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in gold))
    counts = (
        len(records),
        *(sum(len(line[part]) for line in gold) for part in ("mentions", "relations")),
    )
    print("{} records, {} mentions, {} relations".format(*counts), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
