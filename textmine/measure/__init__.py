"""How well each stage does, on gold data, with the number of cases and an interval."""
