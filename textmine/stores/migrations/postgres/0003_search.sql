-- Words of quotes, folded as textmine.stores.text.words does.
ALTER TABLE quote ADD COLUMN words text[];
CREATE INDEX quote_words ON quote USING gin(words);
