"""KGX: nodes and edges with Biolink categories and predicates, for graph databases.

    DIR/nodes.tsv edges.tsv     what most tools load
    DIR/nodes.jsonl edges.jsonl the same, every piece of evidence as an object of its own
    DIR/rows/                   every row of the store as JSON lines, so that nothing is lost

What Biolink has no word for stays in a column of ours (`textmine_…`) beside the nearest wider word;
docs/stores.md has the table. Biolink model: Unni et al. 2022, doi:10.1111/cts.13302.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from textmine.errors import ConfigError
from textmine.lines import LineWriter
from textmine.stores.files import FileStore, Source
from textmine.stores.jsonl import JsonLines
from textmine.stores.tables import Row, table
from textmine.stores.text import plain_text

__all__ = ["CATEGORIES", "EDGE_COLUMNS", "NODE_COLUMNS", "PREDICATES", "Kgx", "node_id", "open_kgx"]

# A label's Biolink class.
CATEGORIES = {
    "VESICLE": "biolink:CellularComponent",
    "CELL": "biolink:Cell",
    "MIRNA": "biolink:MicroRNA",
    "GENE": "biolink:Gene",
    "CHEMICAL": "biolink:ChemicalEntity",
    "DISEASE": "biolink:Disease",
    "ANATOMY": "biolink:AnatomicalEntity",
    "PROCESS": "biolink:BiologicalProcess",
    "PATHWAY": "biolink:Pathway",
    "ORGANISM": "biolink:OrganismTaxon",
    "OUTCOME": "biolink:ClinicalMeasurement",
    "INTERVENTION": "biolink:ClinicalIntervention",
}
# A relation's Biolink predicate; `related_to` where there is none.
PREDICATES = {
    "regulates": "biolink:affects",
    "targets": "biolink:affects",
    "carries": "biolink:has_part",
    "delivers": "biolink:related_to",
    "derived_from": "biolink:derives_from",
    "converts_to": "biolink:develops_into",
    "mediates": "biolink:contributes_to",
    "compared_with": "biolink:related_to",
    "associated_with": "biolink:associated_with",
}
_DIRECTIONS = {"increases": "increased", "decreases": "decreased"}
_AMOUNTS = {"GENE", "MIRNA", "CHEMICAL"}

NODE_COLUMNS = ("id", "category", "name", "textmine_id", "textmine_label", "textmine_linked")
EDGE_COLUMNS = (
    "id", "subject", "predicate", "object", "category", "qualified_predicate",
    "object_direction_qualifier", "object_aspect_qualifier", "negated", "knowledge_level",
    "agent_type", "primary_knowledge_source", "publications", "supporting_text", "evidence_count",
    "has_confidence_score", "original_predicate", "textmine_direction", "textmine_denied",
    "textmine_mediator", "textmine_own_results", "textmine_standing", "textmine_withdrawn",
    "textmine_conflicts_with", "textmine_run", "textmine_version", "textmine_model_hash",
    "textmine_config_hash", "textmine_query", "textmine_fetched_at",
)  # fmt: skip
_FILES = ("nodes", "edges")


def open_kgx(rest: str, *, create: bool = True) -> FileStore:
    """Opens the folder behind `kgx:`."""
    if not rest or rest.startswith("//"):
        raise ConfigError(f"kgx:{rest} names no folder. Write kgx:FOLDER.")
    return FileStore(Path(rest), Kgx(), create=create)


class Kgx:
    """The graph for others, and beside it the rows."""

    name = "kgx"

    def write(self, store: Source, folder: Path) -> dict[str, int]:
        (folder / "rows").mkdir()
        counts = JsonLines().write(store, folder / "rows")
        _write(folder, "nodes", NODE_COLUMNS, _nodes(store))
        _write(folder, "edges", EDGE_COLUMNS, _edges(store))
        return counts

    def read(self, folder: Path) -> Iterator[tuple[str, Row]]:
        return JsonLines().read(folder / "rows")

    def check(self, folder: Path, store: Source) -> list[str]:
        """The rules of KGX that can be checked without its tool."""
        if not (folder / "nodes.tsv").is_file():
            return []
        nodes, edges = (_read_tsv(folder / f"{name}.tsv") for name in _FILES)
        wrong = []
        ids = {node["id"] for node in nodes}
        if len(ids) < len(nodes):
            wrong.append("nodes.tsv: an id stands there twice")
        for node in nodes:
            if not _CURIE.fullmatch(node["id"]):
                wrong.append(f"nodes.tsv: {node['id']!r} is no CURIE")
            if node["category"] not in _CLASSES:
                wrong.append(f"nodes.tsv: {node['id']} has the unknown category {node['category']}")
        for edge in edges:
            wrong += [
                f"edges.tsv: {edge['id']} has no {name}"
                for name in ("id", "subject", "predicate", "object", "knowledge_level",
                             "agent_type", "primary_knowledge_source", "publications")
                if not edge[name]
            ]  # fmt: skip
            if edge["predicate"] not in PREDICATES.values():
                wrong.append(f"edges.tsv: {edge['id']} has the predicate {edge['predicate']}")
            wrong += [
                f"edges.tsv: {edge['id']} names {edge[end]}, which is no node"
                for end in ("subject", "object")
                if edge[end] not in ids
            ]
        current = sum(1 for _ in _edges(store))
        if current != len(edges):
            wrong.append(f"edges.tsv: {len(edges)} edges, and the rows hold {current}")
        return wrong


_CURIE = re.compile(r"[A-Za-z_][\w.-]*:[^\s/:|<>\"]+")
_CLASSES = {*CATEGORIES.values(), "biolink:PopulationOfIndividualOrganisms"}


def node_id(curie: str) -> str:
    """The concept's CURIE with what a CURIE may not hold escaped; words go below `textmine:`."""
    prefix, colon, local = plain_text(curie).partition(":")
    if not colon:
        # Cellosaurus writes its accessions bare.
        prefix, local = ("cellosaurus" if prefix.startswith("CVCL_") else "textmine"), prefix
    safe = quote(local.encode("utf-8", "surrogatepass"), safe="-._~+()'*,")
    return f"textmine:unlinked.{safe}" if prefix == "unlinked" else f"{prefix}:{safe}"


def _nodes(store: Source) -> Iterator[dict[str, Any]]:
    for row in store.rows("concept"):
        node = table("concept").as_dict(row)
        category = CATEGORIES[node["label"]]
        if node["label"] == "ORGANISM" and not node["curie"].startswith("NCBITaxon:"):
            # "patients", "mice of the control group": people and animals, no taxon.
            category = "biolink:PopulationOfIndividualOrganisms"
        yield {
            "id": node_id(node["curie"]),
            "category": [category],
            "name": plain_text(node["name"]),
            "textmine_id": node["curie"],
            "textmine_label": node["label"],
            "textmine_linked": node["linked"],
        }


def _edges(store: Source) -> Iterator[dict[str, Any]]:
    """Every edge with current evidence; withdrawn evidence is shown, and counts nothing."""
    runs = {run["id"]: run for run in store.find("run")}
    labels = {row[0]: row[2] for row in store.rows("concept")}
    articles = {
        (a["id"], a["version"], a["reading"]): (a["pmid"], a["withdrawn"])
        for a in map(table("article").as_dict, store.rows("article"))
    }
    behind: dict[str, list[dict[str, Any]]] = {}
    for row in store.rows("edge_evidence"):
        piece = table("edge_evidence").as_dict(row)
        if piece["superseded_by"] is None:
            place = (piece["article_id"], piece["article_version"], piece["reading"])
            pmid, withdrawn = articles[place]
            piece["publication"] = (
                f"PMID:{pmid}" if pmid else node_id(f"textmine:article.{piece['article_id']}")
            )
            piece["withdrawn"] = withdrawn
            behind.setdefault(piece["edge_id"], []).append(piece)
    edges = [table("edge").as_dict(row) for row in store.rows("edge")]
    against = _conflicts(edges, behind)
    for edge in edges:
        evidence = behind.get(edge["id"], [])
        if evidence:
            yield _edge(edge, evidence, labels, against.get(edge["id"], []), runs)


def _edge(
    edge: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]],
    labels: Mapping[str, str],
    against: Sequence[str],
    runs: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    standing = [e for e in evidence if not e["withdrawn"]]
    direction = _DIRECTIONS.get(edge["direction"])
    causal = edge["predicate"] in ("regulates", "targets") and direction is not None
    aspect = None
    if causal and labels[edge["object"]] in _AMOUNTS:
        aspect = "expression" if edge["predicate"] == "targets" else "activity_or_abundance"
    behind = [runs[key] for key in sorted({e["run_id"] for e in evidence})]

    def lineage(key: str) -> list[str]:
        return sorted({run[key] for run in behind if run[key] is not None})

    return {
        "id": f"textmine:edge.{edge['id']}",
        "subject": node_id(edge["subject"]),
        "predicate": PREDICATES[edge["predicate"]],
        "object": node_id(edge["object"]),
        "category": ["biolink:Association"],
        "qualified_predicate": "biolink:causes" if causal else None,
        "object_direction_qualifier": direction if causal else None,
        "object_aspect_qualifier": aspect,
        # Biolink has no word for "no effect": the effect is denied, and our own column says which.
        "negated": edge["negated"] or edge["direction"] == "unchanged",
        "knowledge_level": "knowledge_assertion" if standing else "not_provided",
        "agent_type": "text_mining_agent",
        "primary_knowledge_source": "infores:textmine",
        "publications": sorted({e["publication"] for e in evidence}),
        "supporting_text": list(dict.fromkeys(plain_text(e["quote"]) for e in evidence)),
        "evidence_count": len(evidence),
        "has_confidence_score": max(e["score"] for e in evidence),
        "original_predicate": f"textmine:{edge['predicate']}",
        "textmine_direction": edge["direction"],
        "textmine_denied": edge["negated"],
        "textmine_mediator": None if edge["mediator"] is None else node_id(edge["mediator"]),
        "textmine_own_results": sum(e["role"] in ("result", "conclusion") for e in standing),
        "textmine_standing": len(standing),
        "textmine_withdrawn": sorted({e["publication"] for e in evidence if e["withdrawn"]}),
        "textmine_conflicts_with": [f"textmine:edge.{key}" for key in against],
        "textmine_run": [run["id"] for run in behind],
        "textmine_version": lineage("tool_version"),
        "textmine_model_hash": lineage("model_hash"),
        "textmine_config_hash": lineage("config_hash"),
        "textmine_query": lineage("query"),
        "textmine_fetched_at": lineage("fetched_at"),
        "evidence": [
            {
                **{k: e[k] for k in ("relation_id", "publication", "article_id", "article_version",
                                     "role", "certainty", "score", "start", "end", "withdrawn",
                                     "run_id")},
                "quote": plain_text(e["quote"]),
            }
            for e in evidence
        ],
    }  # fmt: skip


def _conflicts(
    edges: Sequence[Mapping[str, Any]], behind: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, list[str]]:
    """The edges of one pair that say otherwise, as in the view `edge_conflict`."""
    pairs: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for edge in edges:
        if any(not e["withdrawn"] for e in behind.get(edge["id"], ())):
            pair = (edge["subject"], edge["predicate"], edge["object"])
            pairs.setdefault(pair, []).append(edge)
    out: dict[str, list[str]] = {}
    for group in pairs.values():
        for one in group:
            out[one["id"]] = [two["id"] for two in group if _disagree(one, two)]
    return out


def _disagree(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    if one["negated"] != two["negated"]:
        return True
    ways = {one["direction"], two["direction"]}
    return len(ways) == 2 and "unspecified" not in ways


def _write(
    folder: Path, name: str, columns: Sequence[str], records: Iterator[dict[str, Any]]
) -> None:
    with (
        open(folder / f"{name}.tsv", "w", encoding="utf-8", errors="replace", newline="") as tsv,
        LineWriter(folder / f"{name}.jsonl") as lines,
    ):
        out = csv.writer(tsv, "excel-tab", lineterminator="\n", quoting=csv.QUOTE_NONE,
                         quotechar=None)  # fmt: skip
        out.writerow(columns)
        for record in records:
            out.writerow([_cell(record[column]) for column in columns])
            lines.write({k: v for k, v in record.items() if v is not None and v != []})


def _cell(value: Any) -> str:
    """One cell: no tab, no line break; lists are joined by `|`, which texts then may not hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "|".join(_cell(part).replace("|", "¦") for part in value)
    return re.sub(r"[\t\r\n\v\f\x00\x1c-\x1e\x85\u2028\u2029]", " ", str(value))


def _read_tsv(file: Path) -> list[dict[str, str]]:
    lines = file.read_text(encoding="utf-8").split("\n")
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"), strict=True)) for line in lines[1:] if line]
