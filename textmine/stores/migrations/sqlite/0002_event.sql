CREATE TABLE event (
    id TEXT PRIMARY KEY, article_id TEXT NOT NULL, reading TEXT NOT NULL,
    kind TEXT NOT NULL, at TEXT NOT NULL, by_id TEXT, detail TEXT,
    closes TEXT REFERENCES event(id), run_id TEXT NOT NULL REFERENCES run(id),
    position INTEGER NOT NULL
);
CREATE INDEX event_article ON event(article_id);
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
-- What open events make of the article, in words; '' when nothing happened
ALTER TABLE article ADD COLUMN changed TEXT NOT NULL DEFAULT ''
