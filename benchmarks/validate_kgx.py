"""Holds KGX files to Biolink with the kgx tool, in an environment of its own.

    python -m venv kgx-env && kgx-env/bin/pip install kgx
    textmine store export --from sqlite:///textmine.db --to kgx:graph
    kgx-env/bin/python benchmarks/validate_kgx.py graph

kgx fetches the Biolink model when it starts; its own dependency `biolink_model` holds a copy, which
is used here, so that nothing is fetched. Exit 1 for anything but the two things that kgx does not
know: prefixes that Biolink does not list, and `MicroRNA`, which its pattern for names does not fit.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from importlib import resources


def main(folder: str) -> int:
    import bmt.toolkit as toolkit

    files = resources.files("biolink_model")
    whole = toolkit.Toolkit.__init__

    def offline(self, schema=None, predicate_map=None, **more):  # type: ignore[no-untyped-def]
        model = str(files / "schema" / "biolink_model.yaml")
        whole(self, model, {"predicate mappings": []}, **more)

    toolkit.Toolkit.__init__ = offline  # type: ignore[method-assign]
    import kgx.prefix_manager
    import kgx.validator
    from kgx.transformer import Transformer
    from kgx.validator import Validator

    prefixes = json.loads((files / "prefixmaps" / "biolink_model_prefix_map.json").read_text())
    for module in (kgx.prefix_manager, kgx.validator):
        module.get_jsonld_context = lambda name="biolink": prefixes
    Validator.set_biolink_model = classmethod(lambda cls, version: None)
    found: Counter[str] = Counter()
    for form in ("tsv", "jsonl"):
        transformer = Transformer(stream=False)
        names = [f"{folder}/nodes.{form}", f"{folder}/edges.{form}"]
        transformer.transform({"filename": names, "format": form})
        graph = transformer.store.graph
        # kgx keys edges by subject, predicate and object alone: what differs in direction only
        # becomes one edge in its memory. The files hold them apart.
        print(f"{form}: {graph.number_of_nodes()} nodes, {graph.number_of_edges()} triples")
        validator = Validator(verbose=False)
        validator.validate(graph)
        for level, kinds in validator.get_errors().items():
            for kind, messages in kinds.items():
                for message, where in messages.items():
                    plain = re.sub(r"value '[^']*'", "value '…'", message)
                    found[f"{form}: {level} {kind}: {plain}"] += len(where)
    known = ("not represented in Biolink", "'MicroRNA' is not in CamelCase")
    for line, number in sorted(found.items()):
        print(f"{number:6} {line}")
    return int(any(not any(k in line for k in known) for line in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
