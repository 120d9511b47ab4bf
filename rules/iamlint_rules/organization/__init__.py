"""Rules on what an organization demands of all grants, as its configuration tells."""
