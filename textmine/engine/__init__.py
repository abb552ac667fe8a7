"""The stages joined: parse, read, check, grade, store."""
