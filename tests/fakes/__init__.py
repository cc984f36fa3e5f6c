"""Real servers on loopback that stand for the ones we depend on."""
