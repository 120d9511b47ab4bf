"""Rules about access from outside the zone of trust."""
