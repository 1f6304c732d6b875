"""What a model does besides talking: the steps of all actions, and the permission checks."""
