"""Everything that runs the suite: on this machine, in containers, behind one door."""
