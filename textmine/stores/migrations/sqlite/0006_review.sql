-- What a decision says since contract 1.2.
ALTER TABLE decision ADD COLUMN "project" TEXT;
ALTER TABLE decision ADD COLUMN "part" TEXT;
ALTER TABLE decision ADD COLUMN "corrected" TEXT;
ALTER TABLE decision ADD COLUMN "kind" TEXT;
ALTER TABLE decision ADD COLUMN "supersedes" TEXT;
-- A decision names its finding by the id alone.
CREATE INDEX finding_id ON finding(id);
CREATE INDEX decision_reviewer ON decision(reviewer, at);
-- The reviewers' desk: its own tables, no part of the contract.
CREATE TABLE desk_account (
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "active" INTEGER NOT NULL,
    "created_at" TEXT NOT NULL,
    PRIMARY KEY ("name")
);
-- Tokens stand here as hashes alone. Times are seconds since 1970.
CREATE TABLE desk_session (
    "token" TEXT NOT NULL,
    "account" TEXT NOT NULL REFERENCES desk_account(name),
    "csrf" TEXT NOT NULL,
    "created" REAL NOT NULL,
    "seen" REAL NOT NULL,
    PRIMARY KEY ("token")
);
-- Logins that failed, by name and by address, for the limit.
CREATE TABLE desk_failed (
    "who" TEXT NOT NULL,
    "at" REAL NOT NULL
);
CREATE INDEX desk_failed_who ON desk_failed(who, at);
-- Small things to remember: keys, and what the derived tables were made from.
CREATE TABLE desk_mark (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    PRIMARY KEY ("name")
);
CREATE TABLE desk_project (
    "id" TEXT NOT NULL,
    "corpus" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "blind" INTEGER NOT NULL,
    "per_finding" INTEGER NOT NULL,
    "queue" TEXT NOT NULL,
    "findings" INTEGER NOT NULL,
    "seed" INTEGER NOT NULL,
    "created_at" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    PRIMARY KEY ("id")
);
-- `task`: reviewer or adjudicator.
CREATE TABLE desk_member (
    "project" TEXT NOT NULL REFERENCES desk_project(id),
    "account" TEXT NOT NULL REFERENCES desk_account(name),
    "task" TEXT NOT NULL,
    PRIMARY KEY ("project", "account", "task")
);
CREATE INDEX desk_member_account ON desk_member(account);
-- Who judges what.
CREATE TABLE desk_assignment (
    "project" TEXT NOT NULL REFERENCES desk_project(id),
    "finding" TEXT NOT NULL,
    "reviewer" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    PRIMARY KEY ("project", "finding", "reviewer")
);
CREATE INDEX desk_assignment_reviewer ON desk_assignment(reviewer, project, position);
CREATE INDEX desk_assignment_finding ON desk_assignment(finding);
CREATE TABLE desk_sample (
    "id" TEXT NOT NULL,
    "corpus" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "seed" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "drawn_from" INTEGER NOT NULL,
    "claim" TEXT,
    "created_at" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    PRIMARY KEY ("id")
);
CREATE TABLE desk_sampled (
    "sample" TEXT NOT NULL REFERENCES desk_sample(id),
    "position" INTEGER NOT NULL,
    "finding" TEXT NOT NULL,
    PRIMARY KEY ("sample", "position")
);
CREATE UNIQUE INDEX desk_sampled_finding ON desk_sampled(sample, finding);
-- Every decision the desk knows of; a form that is sent twice has one key.
CREATE TABLE desk_submission (
    "reviewer" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    PRIMARY KEY ("reviewer", "key")
);
CREATE UNIQUE INDEX desk_submission_decision ON desk_submission(decision);
-- Derived: the word that stands, of each reviewer on each finding. `scope`: the review project or ''.
CREATE TABLE desk_standing (
    "scope" TEXT NOT NULL,
    "finding" TEXT NOT NULL,
    "reviewer" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    PRIMARY KEY ("finding", "reviewer", "scope", "kind")
);
CREATE INDEX desk_standing_reviewer ON desk_standing(reviewer, scope, verdict);
CREATE INDEX desk_standing_scope ON desk_standing(scope, finding);
-- Derived: which article and claim an added finding is about.
CREATE TABLE desk_added (
    "decision" TEXT NOT NULL,
    "claim_id" TEXT NOT NULL,
    "article_id" TEXT NOT NULL,
    PRIMARY KEY ("decision")
);
CREATE INDEX desk_added_article ON desk_added(article_id, claim_id);
-- Derived: the current findings as the queue lists them.
CREATE TABLE desk_item (
    "corpus" TEXT NOT NULL,
    "finding" TEXT NOT NULL,
    "claim_id" TEXT NOT NULL,
    "article_id" TEXT NOT NULL,
    "article_version" INTEGER NOT NULL,
    "stance" TEXT NOT NULL,
    "speaks" INTEGER NOT NULL,
    "score" REAL NOT NULL,
    "impact" REAL NOT NULL,
    "uncertainty" REAL NOT NULL,
    "disagree" INTEGER NOT NULL,
    "excluded" TEXT,
    "title" TEXT NOT NULL,
    "year" INTEGER,
    "design" TEXT NOT NULL,
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
    "corpus" TEXT NOT NULL,
    "claim_id" TEXT NOT NULL,
    "mark" TEXT NOT NULL,
    "data" TEXT NOT NULL,
    PRIMARY KEY ("corpus", "claim_id")
);
-- Who did what. Never changed, never removed.
CREATE TABLE audit_log (
    "position" INTEGER PRIMARY KEY AUTOINCREMENT,
    "at" TEXT NOT NULL,
    "who" TEXT NOT NULL,
    "what" TEXT NOT NULL,
    "detail" TEXT NOT NULL
);
CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'rows of this table are only added'); END;
CREATE TRIGGER audit_log_is_never_removed BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'rows of this table are only added'); END;
