"""`make try-models`: runs the whole bot with real small models. Development only."""
