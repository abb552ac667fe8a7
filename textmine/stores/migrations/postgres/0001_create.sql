-- Both cards, as the contract gives them. Text is ordered by code point everywhere.
CREATE TABLE run (
    "id" text COLLATE "C" NOT NULL,
    "project" text COLLATE "C" NOT NULL,
    "tool_version" text COLLATE "C" NOT NULL,
    "model_hash" text COLLATE "C" NOT NULL,
    "config_hash" text COLLATE "C" NOT NULL,
    "source" text COLLATE "C" NOT NULL,
    "query" text COLLATE "C",
    "fetched_at" text COLLATE "C",
    "at" text COLLATE "C" NOT NULL,
    "position" integer NOT NULL,
    "counts" text COLLATE "C" NOT NULL,
    "rules" text COLLATE "C",
    PRIMARY KEY ("id")
);
CREATE TABLE run_article (
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    "article_id" text COLLATE "C" NOT NULL,
    "article_version" integer NOT NULL,
    "reading" text COLLATE "C" NOT NULL,
    "raw_archive" text COLLATE "C",
    "raw_sha256" text COLLATE "C",
    "raw_at" text COLLATE "C",
    PRIMARY KEY ("run_id", "article_id", "article_version")
);
CREATE TABLE claim (
    "project" text COLLATE "C" NOT NULL,
    "id" text COLLATE "C" NOT NULL,
    "content" text COLLATE "C" NOT NULL,
    "statement" text COLLATE "C" NOT NULL,
    "position" integer NOT NULL,
    "data" text COLLATE "C" NOT NULL,
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    "superseded_by" text COLLATE "C" REFERENCES run(id),
    PRIMARY KEY ("project", "id", "content")
);
CREATE TABLE article (
    "id" text COLLATE "C" NOT NULL,
    "version" integer NOT NULL,
    "reading" text COLLATE "C" NOT NULL,
    "pmid" text COLLATE "C",
    "title" text COLLATE "C" NOT NULL,
    "year" integer,
    "journal" text COLLATE "C",
    "design" text COLLATE "C" NOT NULL,
    "retracted" boolean NOT NULL,
    "withdrawn" boolean NOT NULL,
    "changed" text COLLATE "C" NOT NULL,
    "data" text COLLATE "C" NOT NULL,
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    "superseded_by" text COLLATE "C" REFERENCES run(id),
    PRIMARY KEY ("id", "version", "reading")
);
CREATE TABLE study_card (
    "article_id" text COLLATE "C" NOT NULL,
    "article_version" integer NOT NULL,
    "reading" text COLLATE "C" NOT NULL,
    "design" text COLLATE "C" NOT NULL,
    "n" integer,
    "n_per_group" integer,
    "species" text COLLATE "C" NOT NULL,
    "models" text COLLATE "C" NOT NULL,
    "vesicle_source" text COLLATE "C" NOT NULL,
    "data" text COLLATE "C" NOT NULL,
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    PRIMARY KEY ("article_id", "article_version", "reading")
);
CREATE TABLE event (
    "id" text COLLATE "C" NOT NULL,
    "article_id" text COLLATE "C" NOT NULL,
    "reading" text COLLATE "C" NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "at" text COLLATE "C" NOT NULL,
    "by_id" text COLLATE "C",
    "detail" text COLLATE "C",
    "closes" text COLLATE "C" REFERENCES event(id),
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    "position" integer NOT NULL,
    PRIMARY KEY ("id")
);
CREATE TABLE finding (
    "project" text COLLATE "C" NOT NULL,
    "id" text COLLATE "C" NOT NULL,
    "claim_id" text COLLATE "C" NOT NULL,
    "article_id" text COLLATE "C" NOT NULL,
    "article_version" integer NOT NULL,
    "stance" text COLLATE "C" NOT NULL,
    "score" double precision NOT NULL,
    "excluded" text COLLATE "C",
    "data" text COLLATE "C" NOT NULL,
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    "superseded_by" text COLLATE "C" REFERENCES run(id),
    PRIMARY KEY ("project", "id")
);
CREATE TABLE quote (
    "id" text COLLATE "C" NOT NULL,
    "article_id" text COLLATE "C" NOT NULL,
    "article_version" integer NOT NULL,
    "start" integer NOT NULL,
    "end" integer NOT NULL,
    "text" text COLLATE "C" NOT NULL,
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    PRIMARY KEY ("id")
);
CREATE TABLE verdict (
    "project" text COLLATE "C" NOT NULL,
    "id" text COLLATE "C" NOT NULL,
    "claim_id" text COLLATE "C" NOT NULL,
    "verdict" text COLLATE "C" NOT NULL,
    "certainty" text COLLATE "C" NOT NULL,
    "balance" double precision,
    "data" text COLLATE "C" NOT NULL,
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    "cause" text COLLATE "C" REFERENCES event(id),
    "superseded_by" text COLLATE "C",
    PRIMARY KEY ("project", "id")
);
CREATE TABLE grade (
    "project" text COLLATE "C" NOT NULL,
    "verdict_id" text COLLATE "C" NOT NULL,
    "finding_id" text COLLATE "C" NOT NULL,
    "article_id" text COLLATE "C" NOT NULL,
    "points" double precision NOT NULL,
    "level" text COLLATE "C" NOT NULL,
    "cluster" text COLLATE "C" NOT NULL,
    "reasons" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("project", "verdict_id", "finding_id")
);
CREATE TABLE decision (
    "id" text COLLATE "C" NOT NULL,
    "finding" text COLLATE "C" NOT NULL,
    "reviewer" text COLLATE "C" NOT NULL,
    "hash" text COLLATE "C" NOT NULL,
    "verdict" text COLLATE "C" NOT NULL,
    "note" text COLLATE "C" NOT NULL,
    "at" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("id")
);
CREATE TABLE concept (
    "curie" text COLLATE "C" NOT NULL,
    "name" text COLLATE "C" NOT NULL,
    "label" text COLLATE "C" NOT NULL,
    "linked" boolean NOT NULL,
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    PRIMARY KEY ("curie")
);
CREATE TABLE edge (
    "id" text COLLATE "C" NOT NULL,
    "subject" text COLLATE "C" NOT NULL REFERENCES concept(curie),
    "predicate" text COLLATE "C" NOT NULL,
    "object" text COLLATE "C" NOT NULL REFERENCES concept(curie),
    "direction" text COLLATE "C" NOT NULL,
    "negated" boolean NOT NULL,
    "mediator" text COLLATE "C" REFERENCES concept(curie),
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    PRIMARY KEY ("id")
);
CREATE TABLE edge_evidence (
    "relation_id" text COLLATE "C" NOT NULL,
    "reading" text COLLATE "C" NOT NULL,
    "edge_id" text COLLATE "C" NOT NULL REFERENCES edge(id),
    "article_id" text COLLATE "C" NOT NULL,
    "article_version" integer NOT NULL,
    "role" text COLLATE "C" NOT NULL,
    "certainty" text COLLATE "C" NOT NULL,
    "score" double precision NOT NULL,
    "quote" text COLLATE "C" NOT NULL,
    "start" integer NOT NULL,
    "end" integer NOT NULL,
    "run_id" text COLLATE "C" NOT NULL REFERENCES run(id),
    "superseded_by" text COLLATE "C" REFERENCES run(id),
    PRIMARY KEY ("relation_id", "reading")
);
CREATE TABLE change (
    "position" integer NOT NULL,
    "at" text COLLATE "C" NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "subject" text COLLATE "C" NOT NULL,
    "id" text COLLATE "C" NOT NULL,
    "project" text COLLATE "C",
    "claim_id" text COLLATE "C",
    "article_id" text COLLATE "C",
    "cause" text COLLATE "C" NOT NULL,
    "before" text COLLATE "C",
    "after" text COLLATE "C",
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
CREATE INDEX event_article ON event(article_id);
CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'rows of this table are only added'; END $$;
CREATE TRIGGER event_is_only_added BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER change_is_only_added BEFORE UPDATE OR DELETE ON "change"
    FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER decision_is_only_added BEFORE UPDATE OR DELETE ON decision
    FOR EACH ROW EXECUTE FUNCTION only_added();
