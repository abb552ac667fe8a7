-- Both cards as the contract gives them: superseded evidence, claims with their history, findings
-- of several projects side by side, study cards, quotes, grades, the log of changes.
ALTER TABLE run ADD COLUMN query TEXT;
ALTER TABLE run ADD COLUMN fetched_at TEXT;
ALTER TABLE run ADD COLUMN counts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE run ADD COLUMN rules TEXT;
ALTER TABLE article ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
-- Card 2 is built anew from the articles (by the code beside this file).
DROP TABLE edge_evidence;
DROP TABLE edge;
DROP TABLE concept;
ALTER TABLE claim RENAME TO claim_before;
ALTER TABLE finding RENAME TO finding_before;
ALTER TABLE verdict RENAME TO verdict_before;
ALTER TABLE decision RENAME TO decision_before;
DROP INDEX finding_claim;
DROP INDEX finding_article;
CREATE TABLE run_article (
    "run_id" TEXT NOT NULL REFERENCES run(id),
    "article_id" TEXT NOT NULL,
    "article_version" INTEGER NOT NULL,
    "reading" TEXT NOT NULL,
    "raw_archive" TEXT,
    "raw_sha256" TEXT,
    "raw_at" TEXT,
    PRIMARY KEY ("run_id", "article_id", "article_version")
);
CREATE TABLE claim (
    "project" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "statement" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "data" TEXT NOT NULL,
    "run_id" TEXT NOT NULL REFERENCES run(id),
    "superseded_by" TEXT REFERENCES run(id),
    PRIMARY KEY ("project", "id", "content")
);
CREATE TABLE study_card (
    "article_id" TEXT NOT NULL,
    "article_version" INTEGER NOT NULL,
    "reading" TEXT NOT NULL,
    "design" TEXT NOT NULL,
    "n" INTEGER,
    "n_per_group" INTEGER,
    "species" TEXT NOT NULL,
    "models" TEXT NOT NULL,
    "vesicle_source" TEXT NOT NULL,
    "data" TEXT NOT NULL,
    "run_id" TEXT NOT NULL REFERENCES run(id),
    PRIMARY KEY ("article_id", "article_version", "reading")
);
CREATE TABLE finding (
    "project" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "claim_id" TEXT NOT NULL,
    "article_id" TEXT NOT NULL,
    "article_version" INTEGER NOT NULL,
    "stance" TEXT NOT NULL,
    "score" REAL NOT NULL,
    "excluded" TEXT,
    "data" TEXT NOT NULL,
    "run_id" TEXT NOT NULL REFERENCES run(id),
    "superseded_by" TEXT REFERENCES run(id),
    PRIMARY KEY ("project", "id")
);
CREATE TABLE quote (
    "id" TEXT NOT NULL,
    "article_id" TEXT NOT NULL,
    "article_version" INTEGER NOT NULL,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "run_id" TEXT NOT NULL REFERENCES run(id),
    PRIMARY KEY ("id")
);
CREATE TABLE verdict (
    "project" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "claim_id" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "certainty" TEXT NOT NULL,
    "balance" REAL,
    "data" TEXT NOT NULL,
    "run_id" TEXT NOT NULL REFERENCES run(id),
    "cause" TEXT REFERENCES event(id),
    "superseded_by" TEXT,
    PRIMARY KEY ("project", "id")
);
CREATE TABLE grade (
    "project" TEXT NOT NULL,
    "verdict_id" TEXT NOT NULL,
    "finding_id" TEXT NOT NULL,
    "article_id" TEXT NOT NULL,
    "points" REAL NOT NULL,
    "level" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "reasons" TEXT NOT NULL,
    PRIMARY KEY ("project", "verdict_id", "finding_id")
);
CREATE TABLE decision (
    "id" TEXT NOT NULL,
    "finding" TEXT NOT NULL,
    "reviewer" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    PRIMARY KEY ("id")
);
CREATE TABLE concept (
    "curie" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "linked" INTEGER NOT NULL,
    "run_id" TEXT NOT NULL REFERENCES run(id),
    PRIMARY KEY ("curie")
);
CREATE TABLE edge (
    "id" TEXT NOT NULL,
    "subject" TEXT NOT NULL REFERENCES concept(curie),
    "predicate" TEXT NOT NULL,
    "object" TEXT NOT NULL REFERENCES concept(curie),
    "direction" TEXT NOT NULL,
    "negated" INTEGER NOT NULL,
    "mediator" TEXT REFERENCES concept(curie),
    "run_id" TEXT NOT NULL REFERENCES run(id),
    PRIMARY KEY ("id")
);
CREATE TABLE edge_evidence (
    "relation_id" TEXT NOT NULL,
    "reading" TEXT NOT NULL,
    "edge_id" TEXT NOT NULL REFERENCES edge(id),
    "article_id" TEXT NOT NULL,
    "article_version" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "certainty" TEXT NOT NULL,
    "score" REAL NOT NULL,
    "quote" TEXT NOT NULL,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    "run_id" TEXT NOT NULL REFERENCES run(id),
    "superseded_by" TEXT REFERENCES run(id),
    PRIMARY KEY ("relation_id", "reading")
);
CREATE TABLE change (
    "position" INTEGER NOT NULL,
    "at" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "project" TEXT,
    "claim_id" TEXT,
    "article_id" TEXT,
    "cause" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT,
    PRIMARY KEY ("position")
);
CREATE INDEX claim_current ON claim(project, position) WHERE superseded_by IS NULL;
CREATE INDEX finding_claim ON finding(project, claim_id, article_id);
CREATE INDEX finding_article ON finding(article_id);
CREATE INDEX verdict_claim ON verdict(project, claim_id);
CREATE INDEX grade_finding ON grade(finding_id);
CREATE INDEX quote_article ON quote(article_id);
CREATE INDEX decision_finding ON decision(finding);
CREATE INDEX edge_subject ON edge(subject);
CREATE INDEX edge_object ON edge(object);
CREATE INDEX edge_evidence_edge ON edge_evidence(edge_id);
CREATE INDEX edge_evidence_article ON edge_evidence(article_id);
CREATE TRIGGER change_is_never_changed BEFORE UPDATE ON "change"
BEGIN SELECT RAISE(ABORT, 'rows of this table are only added'); END;
CREATE TRIGGER change_is_never_removed BEFORE DELETE ON "change"
BEGIN SELECT RAISE(ABORT, 'rows of this table are only added'); END;
CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON "decision"
BEGIN SELECT RAISE(ABORT, 'rows of this table are only added'); END;
CREATE TRIGGER decision_is_never_removed BEFORE DELETE ON "decision"
BEGIN SELECT RAISE(ABORT, 'rows of this table are only added'); END;
