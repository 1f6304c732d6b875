"""`make try-models`: the whole bot on real engines with real small models. Development only."""
