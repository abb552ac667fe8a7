-- Lineage on every row, and edges with what stands behind them.
CREATE VIEW article_lineage AS
    SELECT t.*, r.project AS run_project, r.tool_version, r.model_hash, r.config_hash, r.source,
           r.query, r.fetched_at, r.at AS run_at
    FROM article t JOIN run r ON r.id = t.run_id;
CREATE VIEW study_card_lineage AS
    SELECT t.*, r.project AS run_project, r.tool_version, r.model_hash, r.config_hash, r.source,
           r.query, r.fetched_at, r.at AS run_at
    FROM study_card t JOIN run r ON r.id = t.run_id;
CREATE VIEW claim_lineage AS
    SELECT t.*, r.project AS run_project, r.tool_version, r.model_hash, r.config_hash, r.source,
           r.query, r.fetched_at, r.at AS run_at
    FROM claim t JOIN run r ON r.id = t.run_id;
CREATE VIEW finding_lineage AS
    SELECT t.*, r.project AS run_project, r.tool_version, r.model_hash, r.config_hash, r.source,
           r.query, r.fetched_at, r.at AS run_at
    FROM finding t JOIN run r ON r.id = t.run_id;
CREATE VIEW quote_lineage AS
    SELECT t.*, r.project AS run_project, r.tool_version, r.model_hash, r.config_hash, r.source,
           r.query, r.fetched_at, r.at AS run_at
    FROM quote t JOIN run r ON r.id = t.run_id;
CREATE VIEW verdict_lineage AS
    SELECT t.*, r.project AS run_project, r.tool_version, r.model_hash, r.config_hash, r.source,
           r.query, r.fetched_at, r.at AS run_at
    FROM verdict t JOIN run r ON r.id = t.run_id;
CREATE VIEW edge_lineage AS
    SELECT t.*, r.project AS run_project, r.tool_version, r.model_hash, r.config_hash, r.source,
           r.query, r.fetched_at, r.at AS run_at
    FROM edge t JOIN run r ON r.id = t.run_id;
CREATE VIEW edge_evidence_lineage AS
    SELECT t.*, r.project AS run_project, r.tool_version, r.model_hash, r.config_hash, r.source,
           r.query, r.fetched_at, r.at AS run_at
    FROM edge_evidence t JOIN run r ON r.id = t.run_id;
-- standing: current and not withdrawn; own: told as the study's own result or conclusion.
CREATE VIEW edge_summary AS
    SELECT e.id, e.subject, s.name AS subject_name, e.predicate, e.direction, e.negated,
           e.object, o.name AS object_name, e.mediator,
           count(*) AS evidence,
           count(*) FILTER (WHERE v.superseded_by IS NULL) AS current,
           count(*) FILTER (WHERE v.superseded_by IS NULL AND NOT a.withdrawn) AS standing,
           count(*) FILTER (WHERE v.superseded_by IS NULL AND NOT a.withdrawn
                            AND v.role IN ('result', 'conclusion')) AS own,
           count(DISTINCT v.article_id) FILTER (WHERE v.superseded_by IS NULL AND NOT a.withdrawn)
               AS articles
    FROM edge e
    JOIN concept s ON s.curie = e.subject
    JOIN concept o ON o.curie = e.object
    JOIN edge_evidence v ON v.edge_id = e.id
    JOIN article a ON a.id = v.article_id AND a.version = v.article_version
                  AND a.reading = v.reading
    GROUP BY e.id, e.subject, s.name, e.predicate, e.direction, e.negated, e.object, o.name,
             e.mediator;
-- The same pair said to go different ways, each side with its evidence; never averaged.
CREATE VIEW edge_conflict AS
    SELECT x.id AS id, y.id AS against, x.subject, x.predicate, x.object,
           x.direction, x.negated, x.standing,
           y.direction AS against_direction, y.negated AS against_negated,
           y.standing AS against_standing
    FROM edge_summary x
    JOIN edge_summary y ON x.subject = y.subject AND x.predicate = y.predicate
        AND x.object = y.object AND x.id < y.id
        AND (x.negated <> y.negated
             OR (x.direction <> y.direction AND x.direction <> 'unspecified'
                 AND y.direction <> 'unspecified'))
    WHERE x.standing > 0 AND y.standing > 0;
