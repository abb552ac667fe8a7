BEGIN TRANSACTION;
CREATE TABLE article (
            id TEXT NOT NULL, version INTEGER NOT NULL, reading TEXT NOT NULL, pmid TEXT,
            title TEXT NOT NULL, year INTEGER, journal TEXT, design TEXT NOT NULL,
            retracted INTEGER NOT NULL, data TEXT NOT NULL,
            run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT, changed TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (id, version, reading)
        );
INSERT INTO "article" VALUES('11',1,'5276e5873b145025','11','A title.',NULL,NULL,'in_vitro',0,'{"id":"11","text":"A title.\nVesicles lowered collagen.","pmid":"11","version":1,"passages":[{"kind":"title","start":0,"end":8,"label":null,"nlm_category":null},{"kind":"abstract","start":9,"end":35,"label":null,"nlm_category":null}],"publication_types":[],"mesh":[],"status":{"retracted":false,"corrected":false,"expression_of_concern":false,"deleted":false,"links":[],"notice_of":null},"ids":{},"journal":null,"year":null,"dates":{},"authors":[],"language":null,"languages":[],"vernacular_title":null,"other_abstracts":[],"keywords":[],"chemicals":[],"supplementary_concepts":[],"grants":[],"databanks":[],"references":[],"coi":null,"indexing_method":null,"citation_status":null,"sentences":[{"start":0,"end":8,"role":"title"},{"start":9,"end":35,"role":"result"}],"mentions":[{"id":"m_11a","start":9,"end":17,"text":"Vesicles","label":"VESICLE","concepts":[{"curie":"textmine:ev","name":"vesicle","score":1.0,"reason":null}]},{"id":"m_11b","start":26,"end":34,"text":"collagen","label":"GENE","concepts":[]}],"relations":[{"id":"r_11","subject":"m_11a","object":"m_11b","predicate":"regulates","direction":"decreases","negated":false,"certainty":"asserted","role":"result","mediator":null,"cues":[],"sentence":[9,35],"score":0.9,"outcome":null,"context":null,"perturbation":null,"pattern":null,"ambiguous":null}],"study":{"design":"in_vitro","species":[],"strains":[],"models":[],"n":null,"n_per_group":null,"arms":[],"comparators":[],"vesicle_source":[],"vesicle_donor":[],"vesicle_state":[],"isolation":[],"characterisation":[],"markers":[],"dose":[],"route":[],"timing":null,"outcomes":[],"effect_sizes":[],"p_values":[],"causal_test":[],"randomised":null,"blinded":null,"power_calculation":null,"dose_response":null,"registration":[],"design_reasons":[],"quotes":[],"not_reported":[]}}','run_1',NULL,'');
INSERT INTO "article" VALUES('12',1,'d09a0a2302ef6850','12','A title.',NULL,NULL,'in_vitro',0,'{"id":"12","text":"A title.\nVesicles lowered collagen.","pmid":"12","version":1,"passages":[{"kind":"title","start":0,"end":8,"label":null,"nlm_category":null},{"kind":"abstract","start":9,"end":35,"label":null,"nlm_category":null}],"publication_types":[],"mesh":[],"status":{"retracted":false,"corrected":false,"expression_of_concern":false,"deleted":false,"links":[],"notice_of":null},"ids":{},"journal":null,"year":null,"dates":{},"authors":[],"language":null,"languages":[],"vernacular_title":null,"other_abstracts":[],"keywords":[],"chemicals":[],"supplementary_concepts":[],"grants":[],"databanks":[],"references":[],"coi":null,"indexing_method":null,"citation_status":null,"sentences":[{"start":0,"end":8,"role":"title"},{"start":9,"end":35,"role":"result"}],"mentions":[{"id":"m_12a","start":9,"end":17,"text":"Vesicles","label":"VESICLE","concepts":[{"curie":"textmine:ev","name":"vesicle","score":1.0,"reason":null}]},{"id":"m_12b","start":26,"end":34,"text":"collagen","label":"GENE","concepts":[]}],"relations":[{"id":"r_12","subject":"m_12a","object":"m_12b","predicate":"regulates","direction":"decreases","negated":false,"certainty":"asserted","role":"result","mediator":null,"cues":[],"sentence":[9,35],"score":0.9,"outcome":null,"context":null,"perturbation":null,"pattern":null,"ambiguous":null}],"study":{"design":"in_vitro","species":[],"strains":[],"models":[],"n":null,"n_per_group":null,"arms":[],"comparators":[],"vesicle_source":[],"vesicle_donor":[],"vesicle_state":[],"isolation":[],"characterisation":[],"markers":[],"dose":[],"route":[],"timing":null,"outcomes":[],"effect_sizes":[],"p_values":[],"causal_test":[],"randomised":null,"blinded":null,"power_calculation":null,"dose_response":null,"registration":[],"design_reasons":[],"quotes":[],"not_reported":[]}}','run_1','run_2','');
INSERT INTO "article" VALUES('12',1,'aaea3399573ea3e7','12','A title.',NULL,NULL,'in_vitro',0,'{"id":"12","text":"A title.\nVesicles lowered collagen.","pmid":"12","version":1,"passages":[{"kind":"title","start":0,"end":8,"label":null,"nlm_category":null},{"kind":"abstract","start":9,"end":35,"label":null,"nlm_category":null}],"publication_types":[],"mesh":[],"status":{"retracted":false,"corrected":false,"expression_of_concern":false,"deleted":false,"links":[],"notice_of":null},"ids":{},"journal":null,"year":null,"dates":{},"authors":[],"language":null,"languages":[],"vernacular_title":null,"other_abstracts":[],"keywords":[],"chemicals":[],"supplementary_concepts":[],"grants":[],"databanks":[],"references":[],"coi":null,"indexing_method":null,"citation_status":null,"sentences":[{"start":0,"end":8,"role":"title"},{"start":9,"end":35,"role":"result"}],"mentions":[{"id":"m_12a","start":9,"end":17,"text":"Vesicles","label":"VESICLE","concepts":[{"curie":"textmine:ev","name":"vesicle","score":1.0,"reason":null}]},{"id":"m_12b","start":26,"end":34,"text":"collagen","label":"GENE","concepts":[]}],"relations":[{"id":"r_12","subject":"m_12a","object":"m_12b","predicate":"regulates","direction":"decreases","negated":false,"certainty":"hedged","role":"result","mediator":null,"cues":[],"sentence":[9,35],"score":0.9,"outcome":null,"context":null,"perturbation":null,"pattern":null,"ambiguous":null}],"study":{"design":"in_vitro","species":[],"strains":[],"models":[],"n":null,"n_per_group":null,"arms":[],"comparators":[],"vesicle_source":[],"vesicle_donor":[],"vesicle_state":[],"isolation":[],"characterisation":[],"markers":[],"dose":[],"route":[],"timing":null,"outcomes":[],"effect_sizes":[],"p_values":[],"causal_test":[],"randomised":null,"blinded":null,"power_calculation":null,"dose_response":null,"registration":[],"design_reasons":[],"quotes":[],"not_reported":[]}}','run_2',NULL,'retracted (2026-01-02, by PMID 777)');
INSERT INTO "article" VALUES('13',1,'9bf7b10049a0120f','13','A title.',NULL,NULL,'in_vitro',0,'{"id":"13","text":"A title.\nVesicles lowered collagen.","pmid":"13","version":1,"passages":[{"kind":"title","start":0,"end":8,"label":null,"nlm_category":null},{"kind":"abstract","start":9,"end":35,"label":null,"nlm_category":null}],"publication_types":[],"mesh":[],"status":{"retracted":false,"corrected":false,"expression_of_concern":false,"deleted":false,"links":[],"notice_of":null},"ids":{},"journal":null,"year":null,"dates":{},"authors":[],"language":null,"languages":[],"vernacular_title":null,"other_abstracts":[],"keywords":[],"chemicals":[],"supplementary_concepts":[],"grants":[],"databanks":[],"references":[],"coi":null,"indexing_method":null,"citation_status":null,"sentences":[{"start":0,"end":8,"role":"title"},{"start":9,"end":35,"role":"result"}],"mentions":[{"id":"m_13a","start":9,"end":17,"text":"Vesicles","label":"VESICLE","concepts":[{"curie":"textmine:ev","name":"vesicle","score":1.0,"reason":null}]},{"id":"m_13b","start":26,"end":34,"text":"collagen","label":"GENE","concepts":[]}],"relations":[{"id":"r_13","subject":"m_13a","object":"m_13b","predicate":"regulates","direction":"decreases","negated":false,"certainty":"asserted","role":"result","mediator":null,"cues":[],"sentence":[9,35],"score":0.9,"outcome":null,"context":null,"perturbation":null,"pattern":null,"ambiguous":null}],"study":{"design":"in_vitro","species":[],"strains":[],"models":[],"n":null,"n_per_group":null,"arms":[],"comparators":[],"vesicle_source":[],"vesicle_donor":[],"vesicle_state":[],"isolation":[],"characterisation":[],"markers":[],"dose":[],"route":[],"timing":null,"outcomes":[],"effect_sizes":[],"p_values":[],"causal_test":[],"randomised":null,"blinded":null,"power_calculation":null,"dose_response":null,"registration":[],"design_reasons":[],"quotes":[],"not_reported":[]}}','run_2',NULL,'');
CREATE TABLE claim (
            project TEXT NOT NULL, id TEXT NOT NULL, statement TEXT NOT NULL, data TEXT NOT NULL,
            position INTEGER NOT NULL, run_id TEXT NOT NULL REFERENCES run(id),
            PRIMARY KEY (project, id)
        );
INSERT INTO "claim" VALUES('p','K1','Vesicles lower collagen.','{"id":"K1","statement":"Vesicles lower collagen.","section":null,"frame":null,"checkable":"yes","why":null,"queries_for":[],"queries_against":[],"articles":null}',0,'run_1');
CREATE TABLE concept (
            curie TEXT PRIMARY KEY, name TEXT NOT NULL, label TEXT NOT NULL, linked INTEGER NOT NULL
        );
INSERT INTO "concept" VALUES('textmine:ev','vesicle','VESICLE',1);
INSERT INTO "concept" VALUES('unlinked:GENE/collagen','collagen','GENE',0);
CREATE TABLE decision (
            id TEXT PRIMARY KEY, finding TEXT NOT NULL, reviewer TEXT NOT NULL, hash TEXT NOT NULL,
            verdict TEXT NOT NULL, note TEXT NOT NULL, at TEXT NOT NULL
        );
CREATE TABLE edge (
            id TEXT PRIMARY KEY, subject TEXT NOT NULL REFERENCES concept(curie),
            predicate TEXT NOT NULL, object TEXT NOT NULL REFERENCES concept(curie),
            direction TEXT NOT NULL, negated INTEGER NOT NULL,
            mediator TEXT REFERENCES concept(curie)
        );
INSERT INTO "edge" VALUES('e_f40e56706d59cb2f','textmine:ev','regulates','unlinked:GENE/collagen','decreases',0,NULL);
CREATE TABLE edge_evidence (
            relation_id TEXT PRIMARY KEY, edge_id TEXT NOT NULL REFERENCES edge(id),
            article_id TEXT NOT NULL, article_version INTEGER NOT NULL, role TEXT NOT NULL,
            certainty TEXT NOT NULL, score REAL NOT NULL, quote TEXT NOT NULL,
            start INTEGER NOT NULL, end INTEGER NOT NULL, run_id TEXT NOT NULL REFERENCES run(id)
        );
INSERT INTO "edge_evidence" VALUES('r_11','e_f40e56706d59cb2f','11',1,'result','asserted',0.9,'Vesicles lowered collagen.',9,35,'run_1');
INSERT INTO "edge_evidence" VALUES('r_12','e_f40e56706d59cb2f','12',1,'result','asserted',0.9,'Vesicles lowered collagen.',9,35,'run_1');
INSERT INTO "edge_evidence" VALUES('r_13','e_f40e56706d59cb2f','13',1,'result','asserted',0.9,'Vesicles lowered collagen.',9,35,'run_2');
CREATE TABLE event (
            id TEXT PRIMARY KEY, article_id TEXT NOT NULL, reading TEXT NOT NULL,
            kind TEXT NOT NULL, at TEXT NOT NULL, by_id TEXT, detail TEXT,
            closes TEXT REFERENCES event(id), run_id TEXT NOT NULL REFERENCES run(id),
            position INTEGER NOT NULL
        );
INSERT INTO "event" VALUES('ev_e90b77a698007ceb','12','aaea3399573ea3e7','retracted','2026-01-02','777','RetractionIn: J. 2026',NULL,'run_2',0);
CREATE TABLE finding (
            id TEXT PRIMARY KEY, project TEXT NOT NULL, claim_id TEXT NOT NULL,
            article_id TEXT NOT NULL, article_version INTEGER NOT NULL, stance TEXT NOT NULL,
            score REAL NOT NULL, excluded TEXT, data TEXT NOT NULL,
            run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT
        );
INSERT INTO "finding" VALUES('finding_093965135ab3d2e3','p','K1','11',1,'supports',0.8,NULL,'{"id":"finding_093965135ab3d2e3","claim_id":"K1","article_id":"11","stance":"supports","score":0.8,"rationale":[{"start":9,"end":35,"text":"Vesicles lowered collagen."}],"relations":["r_11"],"why":["object: says so"],"article_version":1,"excluded":null,"indirect":null}','run_1','run_2');
INSERT INTO "finding" VALUES('finding_9bce765e698f64d9','p','K1','12',1,'supports',0.8,NULL,'{"id":"finding_9bce765e698f64d9","claim_id":"K1","article_id":"12","stance":"supports","score":0.8,"rationale":[{"start":9,"end":35,"text":"Vesicles lowered collagen."}],"relations":["r_12"],"why":["object: says so"],"article_version":1,"excluded":null,"indirect":null}','run_1',NULL);
INSERT INTO "finding" VALUES('finding_d8d935803b2b61e6','p','K1','13',1,'supports',0.8,NULL,'{"id":"finding_d8d935803b2b61e6","claim_id":"K1","article_id":"13","stance":"supports","score":0.8,"rationale":[{"start":9,"end":35,"text":"Vesicles lowered collagen."}],"relations":["r_13"],"why":["object: says so"],"article_version":1,"excluded":null,"indirect":null}','run_2',NULL);
CREATE TABLE migration (name TEXT PRIMARY KEY);
INSERT INTO "migration" VALUES('0001_create');
INSERT INTO "migration" VALUES('0002_event');
CREATE TABLE run (
            id TEXT PRIMARY KEY, project TEXT NOT NULL, tool_version TEXT NOT NULL,
            model_hash TEXT NOT NULL, config_hash TEXT NOT NULL, source TEXT NOT NULL,
            at TEXT NOT NULL, position INTEGER NOT NULL
        );
INSERT INTO "run" VALUES('run_1','p','0','model','config','test','2026-01-01T00:00:00+00:00',0);
INSERT INTO "run" VALUES('run_2','p','0','model','config','test','2026-01-01T00:00:00+00:00',1);
CREATE TABLE verdict (
            id TEXT PRIMARY KEY, project TEXT NOT NULL, claim_id TEXT NOT NULL,
            verdict TEXT NOT NULL, certainty TEXT NOT NULL, data TEXT NOT NULL,
            run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT
        );
INSERT INTO "verdict" VALUES('v_51dd2877349b5b9d','p','K1','supported','low','{"claim_id":"K1","verdict":"supported","certainty":"low","n_studies":{"supports":2},"findings":["finding_093965135ab3d2e3","finding_9bce765e698f64d9"],"reasons":["counted"],"id":"v_51dd2877349b5b9d","balance":null,"grades":[{"finding_id":"finding_093965135ab3d2e3","article_id":"11","points":10.0,"level":"5","cluster":"c1","reasons":[{"rule":"design","text":"cells","points":4.0,"factor":null,"quote":null}]},{"finding_id":"finding_9bce765e698f64d9","article_id":"12","points":10.0,"level":"5","cluster":"c1","reasons":[{"rule":"design","text":"cells","points":4.0,"factor":null,"quote":null}]}],"excluded":[]}','run_1','run_2');
INSERT INTO "verdict" VALUES('v_2468795ac1930f79','p','K1','mixed','low','{"claim_id":"K1","verdict":"mixed","certainty":"low","n_studies":{"supports":2},"findings":["finding_9bce765e698f64d9","finding_d8d935803b2b61e6"],"reasons":["counted"],"id":"v_2468795ac1930f79","balance":null,"grades":[{"finding_id":"finding_9bce765e698f64d9","article_id":"12","points":10.0,"level":"5","cluster":"c1","reasons":[{"rule":"design","text":"cells","points":4.0,"factor":null,"quote":null}]},{"finding_id":"finding_d8d935803b2b61e6","article_id":"13","points":10.0,"level":"5","cluster":"c1","reasons":[{"rule":"design","text":"cells","points":4.0,"factor":null,"quote":null}]}],"excluded":[]}','run_2',NULL);
CREATE INDEX finding_claim ON finding(project, claim_id, stance);
CREATE INDEX finding_article ON finding(article_id);
CREATE INDEX edge_subject ON edge(subject);
CREATE INDEX edge_object ON edge(object);
CREATE INDEX edge_evidence_edge ON edge_evidence(edge_id);
CREATE INDEX edge_evidence_article ON edge_evidence(article_id);
CREATE INDEX event_article ON event(article_id);
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
COMMIT;
