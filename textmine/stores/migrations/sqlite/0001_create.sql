CREATE TABLE run (
    id TEXT PRIMARY KEY, project TEXT NOT NULL, tool_version TEXT NOT NULL,
    model_hash TEXT NOT NULL, config_hash TEXT NOT NULL, source TEXT NOT NULL,
    at TEXT NOT NULL, position INTEGER NOT NULL
);
-- Card 1: claims and evidence
CREATE TABLE claim (
    project TEXT NOT NULL, id TEXT NOT NULL, statement TEXT NOT NULL, data TEXT NOT NULL,
    position INTEGER NOT NULL, run_id TEXT NOT NULL REFERENCES run(id),
    PRIMARY KEY (project, id)
);
CREATE TABLE article (
    id TEXT NOT NULL, version INTEGER NOT NULL, reading TEXT NOT NULL, pmid TEXT,
    title TEXT NOT NULL, year INTEGER, journal TEXT, design TEXT NOT NULL,
    retracted INTEGER NOT NULL, data TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT,
    PRIMARY KEY (id, version, reading)
);
CREATE TABLE finding (
    id TEXT PRIMARY KEY, project TEXT NOT NULL, claim_id TEXT NOT NULL,
    article_id TEXT NOT NULL, article_version INTEGER NOT NULL, stance TEXT NOT NULL,
    score REAL NOT NULL, excluded TEXT, data TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT
);
CREATE INDEX finding_claim ON finding(project, claim_id, stance);
CREATE INDEX finding_article ON finding(article_id);
CREATE TABLE verdict (
    id TEXT PRIMARY KEY, project TEXT NOT NULL, claim_id TEXT NOT NULL,
    verdict TEXT NOT NULL, certainty TEXT NOT NULL, data TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT
);
CREATE TABLE decision (
    id TEXT PRIMARY KEY, finding TEXT NOT NULL, reviewer TEXT NOT NULL, hash TEXT NOT NULL,
    verdict TEXT NOT NULL, note TEXT NOT NULL, at TEXT NOT NULL
);
-- Card 2: entities and relations
CREATE TABLE concept (
    curie TEXT PRIMARY KEY, name TEXT NOT NULL, label TEXT NOT NULL, linked INTEGER NOT NULL
);
CREATE TABLE edge (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL REFERENCES concept(curie),
    predicate TEXT NOT NULL, object TEXT NOT NULL REFERENCES concept(curie),
    direction TEXT NOT NULL, negated INTEGER NOT NULL,
    mediator TEXT REFERENCES concept(curie)
);
CREATE INDEX edge_subject ON edge(subject);
CREATE INDEX edge_object ON edge(object);
CREATE TABLE edge_evidence (
    relation_id TEXT PRIMARY KEY, edge_id TEXT NOT NULL REFERENCES edge(id),
    article_id TEXT NOT NULL, article_version INTEGER NOT NULL, role TEXT NOT NULL,
    certainty TEXT NOT NULL, score REAL NOT NULL, quote TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, run_id TEXT NOT NULL REFERENCES run(id)
);
CREATE INDEX edge_evidence_edge ON edge_evidence(edge_id);
CREATE INDEX edge_evidence_article ON edge_evidence(article_id);
