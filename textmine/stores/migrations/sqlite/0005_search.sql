-- Words of quotes, folded as textmine.stores.text.words does; the rowid is the quote's.
CREATE VIRTUAL TABLE quote_words USING fts5(words, content='', tokenize='unicode61 remove_diacritics 0');
