"""A model server of one's own: what a model there can take, found out by asking."""
