"""nlq: plain questions into safe Presto SQL, and answers that can be trusted."""
