"""textmine: holds the claims of an article against the single studies in PubMed.

The reading order is the import order; a module imports only what stands above it:

    errors, records, lines, config, registry    the nouns, their files, the settings
    pubmed      a query -> raw records -> Articles
    reading     an Article -> what it says
    claims      claims against the studies
    evidence    how strong each study is, and what they add up to
    stores      the claim-evidence store and the entity-relation store
    engine      the stages joined, on one machine or many
    report      the page that shows it all
    review      the reviewers' desk
    measure     how well it does, on gold data
    cli         one file per command
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
