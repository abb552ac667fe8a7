"""Makes the compact broad lists (`broad/*.tsv.gz`) out of public vocabularies.

    python models/lexicon/build.py --data DIR            # DIR/terms/*.tsv.gz: name TAB id TAB kind

The rules keep what reads as a name and leave out what mostly reads as something else: ambiguous
and very short symbols, ordinary English words, ions, residues, systematic chemical names, names
turned round by a comma. Words that no rule catches stand in `lexicon.toml` under [stop]. The same
input gives the same bytes. Sources and licences: models/README.md.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from textmine.reading.normal import atoms, key  # noqa: E402

Names = dict[str, list[str]]  # CURIE -> names, the preferred one first

# genes that no abstract names by their symbol: predicted, pseudo, clones, tRNA, rRNA, microRNA
_NO_GENE = re.compile(
    r"LOC\d|LINC\d|MIR\d|MIRLET|RNA\dS|RNU\d|RN7S|TR[A-Z]-|TRNA|SNOR|SCARNA|RNVU|VTRNA|OR\d+[A-Z]+\d+"
    r"|C\d+orf|FAM\d+|KIAA|FLJ|DKFZ|MGC\d|TRAJ|TRAV|TRBV|TRBJ|IGHV|IGKV|IGLV|IGHD|IGHJ|RPL\d+P|RPS\d+P"
    r"|.*-AS\d|.*-DT$|.*-IT\d|MT[A-Z]{2,4}\d*[A-Z]?P\d+|H\d[A-Z]?P\d+|ENSG|AC\d{6}|AL\d{6}|.*@$"
)
_PSEUDO = re.compile(r"(.+?)P\d*")  # "ANXA2P1" is a pseudogene of ANXA2; "USP8" is none of "US"
_SYMBOL = re.compile(r"[A-Za-z0-9_-]+@?")  # what an identifier of HGNC may be
_NO_PLACE = re.compile(
    r"\b(?:regulation|process|activity|activator|inhibitor|stimulation|induction)\b"
)
# a cell's apoptosis or migration is two mentions, a gene's secretion is only the gene
_TWO_MENTIONS = re.compile(
    r"(?:cytes?|blasts?|cells?|neurons?|phages?|glia|glial|phils?|astrocyte|leukocytes?"
    r"|platelet|cytokine|chemokine|protein|caspase|exosomes?|exosomal|vesicles?|vesicular|receptor|hormone"
    r"|enzyme|insulin|gene)[ -]\w+"
)
_ROLE = re.compile(
    r"\b(?:agents?|inhibitors?|inducers?|antagonists?|agonists?|molecules?|factors?|drugs?|substances?"
    r"|metabolites?|markers?|modulators?|blockers?|activators?|donors?|acceptors?|dyes?|reagents?|polymer|body|hormone)$"
)
_PROCESS_HEAD = re.compile(
    r"(?:genesis|osis|phagy|poiesis|lysis|taxis|ylation|ation|[st]ion|response|transport|repair"
    r"|remodeling|assembly|secretion|uptake|clearance|folding|trafficking|splicing)$"
)


def rows(path: Path) -> Iterator[tuple[str, str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            cells = line.rstrip("\n").split("\t")
            if len(cells) >= 2 and cells[0] and cells[1]:
                yield cells[0].strip(), cells[1].strip(), cells[2] if len(cells) > 2 else ""


def grouped(pairs: Iterable[tuple[str, str]]) -> Names:
    out: Names = defaultdict(list)
    for curie, name in pairs:
        if name not in out[curie]:
            out[curie].append(name)
    return out


def words(name: str) -> int:
    return len(re.split(r"[ \-/]", name))


def plain(name: str, *, most: int, least: int = 4) -> bool:
    """A name of at most `most` words, without brackets, commas, charges or locants."""
    return (
        len(name) >= least
        and words(name) <= most
        and not re.search(r"[(),;:\[\]{}'\"=<>*@_&]|\d{2}|[a-z]\d|\d[a-z]|^\d|\+", name)
    )


def human_symbols(terms: Path) -> set[str]:
    every = {symbol for _, symbol, _ in rows(terms / "gene_human_ncbi.tsv.gz")}
    return {
        symbol
        for symbol in every
        if not _NO_GENE.match(symbol) and _SYMBOL.fullmatch(symbol) and not _pseudo(symbol, every)
    }


def _pseudo(symbol: str, every: set[str]) -> bool:
    parent = _PSEUDO.fullmatch(symbol)
    return parent is not None and parent[1] in every and symbol[-1].isdigit()


def genes(terms: Path) -> Names:
    """Official symbols, and synonyms that hold letters and digits and belong to one gene alone."""
    symbols = human_symbols(terms)
    owners: dict[str, set[str]] = defaultdict(set)
    for name, symbol, _ in rows(terms / "gene_human_ncbi.tsv.gz"):
        if symbol in symbols:
            owners[key(atoms(name))].add(symbol)
    official = {key(atoms(symbol)) for symbol in symbols}
    pairs = []
    for symbol in sorted(symbols):
        pure = symbol.isalpha()
        if len(symbol) >= (4 if pure else 3):
            pairs.append((f"hgnc.symbol:{symbol}", f"c:{symbol}" if pure else f"g:{symbol}"))
    for name, symbol, _ in rows(terms / "gene_human_ncbi.tsv.gz"):
        if symbol not in symbols or name == symbol or _NO_GENE.match(name):
            continue
        normal = key(atoms(name))
        if normal in official or len(owners[normal]) != 1 or f"{name}" == symbol:
            continue
        mixed = re.fullmatch(r"[A-Z][A-Za-z]+[-/]?\d[A-Za-z0-9\-]*", name)
        if mixed and 4 <= len(name) <= 10 and not re.match(r"[A-Z][a-z]?\d", name):
            pairs.append((f"hgnc.symbol:{symbol}", f"g:{name}"))
        elif re.fullmatch(r"[a-z]{4,}(?:[ -][a-z0-9]+){0,3}", name) and len(name) >= 7:
            pairs.append((f"hgnc.symbol:{symbol}", name))
    known = {symbol.upper() for symbol in symbols}
    for name, curie, kind in rows(terms / "gene_mouse_MGI.tsv.gz"):
        if (
            kind == "symbol"
            and name.upper() not in known
            and re.fullmatch(r"[A-Z][a-z]{2,}\d+[a-z]?\d*", name)
            and not re.match(
                r"(?:Gm|Olfr|Mir|Vmn|Rpl|Rps|Mup|Trav|Igk|Igh|Snor|Defa|Ssx|Scgb)\d*", name
            )
        ):
            pairs.append((curie, f"c:{name}"))
    return _symbol_first(grouped(pairs))


def _symbol_first(found: Names) -> Names:
    return {c: n for c, n in found.items() if re.sub(r"^\w:", "", n[0])}


def families(terms: Path) -> Names:
    pairs = [
        (f"FPLX:{i}", name)
        for name, i, _ in rows(terms / "family_FamPlex.tsv.gz")
        if len(name) >= 4 and words(name) <= 4 and not re.search(r"[(),:;\[\]_]", name)
        and not (name.isalpha() and name.isupper() and len(name) < 4)
    ]  # fmt: skip
    return grouped(pairs)


def diseases(terms: Path) -> Names:
    by_name: dict[str, str] = {}
    pairs = []
    for name, curie, _ in rows(terms / "disease_DOID.tsv.gz"):
        if plain(name, most=5, least=5) and not re.search(r"\b\d|type [IVX\d]|susceptib", name):
            pairs.append((curie, name))
            by_name.setdefault(key(atoms(name)), curie)
    mesh = grouped((i, name) for name, i, _ in rows(terms / "disease_MeSH.tsv.gz"))
    for number, names in mesh.items():
        kept = [n for n in names if plain(n, most=4, least=5)]
        curie = next(
            (by_name[k] for n in kept if (k := key(atoms(n))) in by_name), f"MESH:{number}"
        )
        pairs += [(curie, n) for n in kept]
    return grouped(pairs)


def chemicals(terms: Path) -> Names:
    """Names of one or two words without locants; no ions, groups, residues, abbreviations."""
    pairs = []
    for name, curie, _ in rows(terms / "chemical_ChEBI.tsv.gz"):
        if re.search(
            r"\b(?:group|atom|ion|residue|anion|cation|radical|entity|role|polymer)\b", name
        ):
            continue
        word = re.fullmatch(r"[a-zA-Z][a-z]{5,}(?: [a-z]{4,})?|[A-Z]{2,4}[- ]?\d{3,6}", name)
        if word is not None and not _ROLE.search(name):
            pairs.append((curie, f"c:{name}" if name[1:2].isupper() else name))
    return grouped(pairs)


def cell_types(terms: Path) -> Names:
    pairs = [
        (curie, name)
        for name, curie, kind in rows(terms / "celltype_CL.tsv.gz")
        if kind in ("label", "Exact") and plain(name, most=5, least=6) and not name.isupper()
    ]
    return grouped(pairs)


def cell_lines(terms: Path) -> Names:
    pairs = [
        (curie.replace("_", ":"), f"g:{name}")
        for name, curie, _ in rows(terms / "cellline_Cellosaurus.tsv.gz")
        if re.fullmatch(
            r"[A-Z][A-Za-z]{1,6}-?\d{1,4}[A-Za-z]?|[A-Z]{2,4}(?:-[A-Z0-9]{1,5}){1,2}", name
        )
        and not re.match(r"(?:GM|AG|ND|HG|NA|WG|PN|TA|MSY|CC|DA|FH|KO|JH)-?\d{3,}", name)
    ]
    return grouped(pairs)


def species(terms: Path) -> Names:
    pairs = [
        (f"NCBITaxon:{i}", name)
        for name, i, _ in rows(terms / "species_NCBITaxon_common.tsv.gz")
        if re.fullmatch(r"[A-Z][a-z]{3,} [a-z]{4,}|[A-Z]\. [a-z]{4,}", name)
        and re.search(r"(?:us|um|a|is|i|ae|ens|er|ans|es)$", name)
    ]
    return grouped(pairs)


def anatomy(terms: Path) -> Names:
    pairs = [
        (curie, name)
        for name, curie, _ in rows(terms / "anatomy_UBERON.tsv.gz")
        if re.fullmatch(r"[a-z]{4,}(?: [a-z]{3,}){0,2}", name)
        and not re.search(
            r"\b(?:of|set|part|region|cell|layer|zone|presumptive|adult|future)\b", name
        )
    ]
    return grouped(pairs)


def processes(terms: Path) -> Names:
    pairs = [
        (curie if ":" in curie else f"MESH:{curie}", name)
        for name, curie, _ in rows(terms / "bioprocess_GO_MeSH.tsv.gz")
        if re.fullmatch(r"[a-zA-Z][a-z]{2,}(?:[ -][a-z]{3,}){0,2}", name)
        and not _NO_PLACE.search(name)
        and not _TWO_MENTIONS.search(name)
        and _PROCESS_HEAD.search(name)
    ]
    return grouped(pairs)


LISTS = {
    "genes": genes, "families": families, "diseases": diseases, "chemicals": chemicals,
    "cell_types": cell_types, "cell_lines": cell_lines, "species": species, "anatomy": anatomy,
    "processes": processes,
}  # fmt: skip


# --- lists for linking alone: every name, for no text is searched for them


def _every(path: Path, prefix: str = "", kind: str = "") -> Names:
    return grouped(
        (prefix + i if prefix and ":" not in i else i, name)
        for name, i, what in rows(path)
        if (not kind or i.startswith(kind)) and "|" not in name and "\t" not in name
    )


def link_cells(terms: Path) -> Names:
    order = {"label": 0, "Exact": 1, "Related": 2, "Narrow": 3, "Broad": 3}
    found = sorted(rows(terms / "celltype_CL.tsv.gz"), key=lambda row: order.get(row[2], 4))
    return grouped((curie, name) for name, curie, _ in found)


def link_anatomy(terms: Path) -> Names:
    return _most_typical_first(_every(terms / "anatomy_UBERON.tsv.gz"))


def link_processes(terms: Path) -> Names:
    return _most_typical_first(_every(terms / "bioprocess_GO_MeSH.tsv.gz", "MESH:"))


def link_chemicals(terms: Path) -> Names:
    return _every(terms / "chemical_ChEBI.tsv.gz")


def link_diseases(terms: Path) -> Names:
    """Headings of MeSH with all their names, under the DOID of a disease with one of the names."""
    by_name = {}
    out = grouped((curie, name) for name, curie, _ in rows(terms / "disease_DOID.tsv.gz"))
    for curie, names in out.items():
        by_name.setdefault(key(atoms(names[0])), curie)
    for number, names in _every(terms / "disease_MeSH.tsv.gz").items():
        whole = [_turned(name) for name in names]
        same = dict.fromkeys(by_name[k] for n in whole if (k := key(atoms(n))) in by_name)
        known = next(iter(same), f"MESH:{number}")
        out.setdefault(known, [])
        out[known] += [n for n in dict.fromkeys(whole) if n not in out[known]]
        for curie in same:
            # "=" before a name: the same concept in another vocabulary
            out[curie].append(f"=MESH:{number}")
    return {
        curie: [*(n for n in names if n[0] != "="), *(n for n in names if n[0] == "=")]
        for curie, names in out.items()
    }


def _turned(name: str) -> str:
    """ "Carcinoma, Hepatocellular" as it is said."""
    head, comma, rest = name.partition(", ")
    return f"{rest} {head}" if comma and "," not in rest else name


def link_species(terms: Path) -> Names:
    return _most_typical_first(_every(terms / "species_NCBITaxon_common.tsv.gz", "NCBITaxon:"))


def link_genes(terms: Path) -> Names:
    symbols = human_symbols(terms)
    found = grouped(
        (f"hgnc.symbol:{symbol}", name)
        for name, symbol, _ in rows(terms / "gene_human_ncbi.tsv.gz")
        if symbol in symbols and len(name) > 1 and "|" not in name and not _NO_GENE.match(name)
    )
    return {
        curie: [symbol, *(n for n in names if n != symbol)]
        for curie, names in found.items()
        if (symbol := curie.partition(":")[2])
    }


def _most_typical_first(found: Names) -> Names:
    """The lists do not say which name is preferred: the one whose words most others share."""
    out = {}
    for curie, names in found.items():
        folded = {name: set(key(atoms(name)).split()) for name in names}
        shared = {
            name: sum(len(own & other) / max(1, len(own | other)) for other in folded.values())
            for name, own in folded.items()
        }
        holding = {
            name: sum(own <= other for other in folded.values()) for name, own in folded.items()
        }
        first = max(names, key=lambda n: (holding[n], round(shared[n], 6), -len(n), n))
        out[curie] = [first, *(n for n in names if n != first)]
    return out


LINKING = {
    "cells": link_cells, "anatomy": link_anatomy, "processes": link_processes,
    "chemicals": link_chemicals, "diseases": link_diseases, "species": link_species,
    "genes": link_genes,
}  # fmt: skip


def write(path: Path, found: Names, stop: frozenset[str]) -> int:
    lines = []
    for curie in sorted(found):
        seen: dict[str, str] = {}
        for name in found[curie]:
            normal = key(atoms(re.sub(r"^[a-z]:(?=\S)", "", name)))
            if normal and normal not in stop:
                seen.setdefault(normal, name)
        names = list(seen.values())
        if names:
            shown = re.sub(r"^[a-z]:(?=\S)", "", names[0])
            rest = [*names[1:], *(["-", names[0]] if names[0] != shown else [])]
            lines.append("\t".join([curie, shown, "|".join(rest)]).rstrip("\t"))
    data = ("\n".join(lines) + "\n").encode()
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(data)
    return len(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the broad lists of the lexicon.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds terms/*.tsv.gz")
    parser.add_argument("--out", type=Path, default=HERE / "broad")
    parser.add_argument("--linking", type=Path, default=HERE / "linking")
    given = parser.parse_args()
    settings = tomllib.loads((HERE / "lexicon.toml").read_text(encoding="utf-8"))
    stop = frozenset(
        key(atoms(word)) for group in settings.get("stop", {}).values() for word in group
    )
    given.out.mkdir(exist_ok=True)
    for name, make in LISTS.items():
        path = given.out / f"{name}.tsv.gz"
        count = write(path, make(given.data / "terms"), stop)
        print(f"{name}: {count} concepts, {path.stat().st_size / 1024:.0f} KiB", file=sys.stderr)

    given.linking.mkdir(exist_ok=True)
    for name, make in LINKING.items():
        path = given.linking / f"{name}.tsv.gz"
        count = write(path, make(given.data / "terms"), frozenset())
        print(
            f"{path.stem}: {count} concepts, {path.stat().st_size / 1024:.0f} KiB", file=sys.stderr
        )


if __name__ == "__main__":
    main()
