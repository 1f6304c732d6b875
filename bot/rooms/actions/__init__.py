"""What a model does besides talking: the common steps of actions, and the permission checks."""
