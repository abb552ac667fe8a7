-- What a decision says since contract 1.2.
ALTER TABLE decision ADD COLUMN "project" text COLLATE "C";
ALTER TABLE decision ADD COLUMN "part" text COLLATE "C";
ALTER TABLE decision ADD COLUMN "corrected" text COLLATE "C";
ALTER TABLE decision ADD COLUMN "kind" text COLLATE "C";
ALTER TABLE decision ADD COLUMN "supersedes" text COLLATE "C";
-- A decision names its finding by the id alone.
CREATE INDEX finding_id ON finding(id);
CREATE INDEX decision_reviewer ON decision(reviewer, at);
-- The reviewers' desk: its own tables, no part of the contract.
CREATE TABLE desk_account (
    "name" text COLLATE "C" NOT NULL,
    "hash" text COLLATE "C" NOT NULL,
    "role" text COLLATE "C" NOT NULL,
    "active" boolean NOT NULL,
    "created_at" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("name")
);
-- Tokens stand here as hashes alone. Times are seconds since 1970.
CREATE TABLE desk_session (
    "token" text COLLATE "C" NOT NULL,
    "account" text COLLATE "C" NOT NULL REFERENCES desk_account(name),
    "csrf" text COLLATE "C" NOT NULL,
    "created" double precision NOT NULL,
    "seen" double precision NOT NULL,
    PRIMARY KEY ("token")
);
-- Logins that failed, by name and by address, for the limit.
CREATE TABLE desk_failed (
    "who" text COLLATE "C" NOT NULL,
    "at" double precision NOT NULL
);
CREATE INDEX desk_failed_who ON desk_failed(who, at);
-- Small things to remember: keys, and what the derived tables were made from.
CREATE TABLE desk_mark (
    "name" text COLLATE "C" NOT NULL,
    "value" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("name")
);
CREATE TABLE desk_project (
    "id" text COLLATE "C" NOT NULL,
    "corpus" text COLLATE "C" NOT NULL,
    "name" text COLLATE "C" NOT NULL,
    "blind" boolean NOT NULL,
    "per_finding" integer NOT NULL,
    "queue" text COLLATE "C" NOT NULL,
    "findings" integer NOT NULL,
    "seed" integer NOT NULL,
    "created_at" text COLLATE "C" NOT NULL,
    "created_by" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("id")
);
-- `task`: reviewer or adjudicator.
CREATE TABLE desk_member (
    "project" text COLLATE "C" NOT NULL REFERENCES desk_project(id),
    "account" text COLLATE "C" NOT NULL REFERENCES desk_account(name),
    "task" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("project", "account", "task")
);
CREATE INDEX desk_member_account ON desk_member(account);
-- Who judges what.
CREATE TABLE desk_assignment (
    "project" text COLLATE "C" NOT NULL REFERENCES desk_project(id),
    "finding" text COLLATE "C" NOT NULL,
    "reviewer" text COLLATE "C" NOT NULL,
    "position" integer NOT NULL,
    PRIMARY KEY ("project", "finding", "reviewer")
);
CREATE INDEX desk_assignment_reviewer ON desk_assignment(reviewer, project, position);
CREATE INDEX desk_assignment_finding ON desk_assignment(finding);
CREATE TABLE desk_sample (
    "id" text COLLATE "C" NOT NULL,
    "corpus" text COLLATE "C" NOT NULL,
    "name" text COLLATE "C" NOT NULL,
    "seed" integer NOT NULL,
    "size" integer NOT NULL,
    "drawn_from" integer NOT NULL,
    "claim" text COLLATE "C",
    "created_at" text COLLATE "C" NOT NULL,
    "created_by" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("id")
);
CREATE TABLE desk_sampled (
    "sample" text COLLATE "C" NOT NULL REFERENCES desk_sample(id),
    "position" integer NOT NULL,
    "finding" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("sample", "position")
);
CREATE UNIQUE INDEX desk_sampled_finding ON desk_sampled(sample, finding);
-- Every decision the desk knows of; a form that is sent twice has one key.
CREATE TABLE desk_submission (
    "reviewer" text COLLATE "C" NOT NULL,
    "key" text COLLATE "C" NOT NULL,
    "decision" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("reviewer", "key")
);
CREATE UNIQUE INDEX desk_submission_decision ON desk_submission(decision);
-- Derived: the word that stands, of each reviewer on each finding. `scope`: the review project or ''.
CREATE TABLE desk_standing (
    "scope" text COLLATE "C" NOT NULL,
    "finding" text COLLATE "C" NOT NULL,
    "reviewer" text COLLATE "C" NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "decision" text COLLATE "C" NOT NULL,
    "verdict" text COLLATE "C" NOT NULL,
    "at" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("finding", "reviewer", "scope", "kind")
);
CREATE INDEX desk_standing_reviewer ON desk_standing(reviewer, scope, verdict);
CREATE INDEX desk_standing_scope ON desk_standing(scope, finding);
-- Derived: which article and claim an added finding is about.
CREATE TABLE desk_added (
    "decision" text COLLATE "C" NOT NULL,
    "claim_id" text COLLATE "C" NOT NULL,
    "article_id" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("decision")
);
CREATE INDEX desk_added_article ON desk_added(article_id, claim_id);
-- Derived: the current findings as the queue lists them.
CREATE TABLE desk_item (
    "corpus" text COLLATE "C" NOT NULL,
    "finding" text COLLATE "C" NOT NULL,
    "claim_id" text COLLATE "C" NOT NULL,
    "article_id" text COLLATE "C" NOT NULL,
    "article_version" integer NOT NULL,
    "stance" text COLLATE "C" NOT NULL,
    "speaks" boolean NOT NULL,
    "score" double precision NOT NULL,
    "impact" double precision NOT NULL,
    "uncertainty" double precision NOT NULL,
    "disagree" boolean NOT NULL,
    "excluded" text COLLATE "C",
    "title" text COLLATE "C" NOT NULL,
    "year" integer,
    "design" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("corpus", "finding")
);
CREATE INDEX desk_item_impact ON desk_item(corpus, speaks DESC, impact DESC, finding);
CREATE INDEX desk_item_claim_impact ON desk_item(corpus, claim_id, speaks DESC, impact DESC, finding);
CREATE INDEX desk_item_uncertainty ON desk_item(corpus, speaks DESC, uncertainty DESC, finding);
CREATE INDEX desk_item_claim_uncertainty ON desk_item(corpus, claim_id, speaks DESC, uncertainty DESC, finding);
CREATE INDEX desk_item_article ON desk_item(corpus, article_id, claim_id, finding);
CREATE INDEX desk_item_kind ON desk_item(corpus, speaks, stance, design, claim_id);
CREATE INDEX desk_item_stance ON desk_item(corpus, stance, design, impact DESC, finding);
CREATE INDEX desk_item_disagree ON desk_item(corpus, impact DESC, finding) WHERE disagree;
-- Derived: verdicts with people's words counted in, and what they were made from.
CREATE TABLE desk_effect (
    "corpus" text COLLATE "C" NOT NULL,
    "claim_id" text COLLATE "C" NOT NULL,
    "mark" text COLLATE "C" NOT NULL,
    "data" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("corpus", "claim_id")
);
-- Who did what. Never changed, never removed.
CREATE TABLE audit_log (
    "position" bigint GENERATED ALWAYS AS IDENTITY,
    "at" text COLLATE "C" NOT NULL,
    "who" text COLLATE "C" NOT NULL,
    "what" text COLLATE "C" NOT NULL,
    "detail" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("position")
);
CREATE TRIGGER audit_log_is_only_added BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER decision_is_never_emptied BEFORE TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE TRIGGER audit_log_is_never_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION only_added();
