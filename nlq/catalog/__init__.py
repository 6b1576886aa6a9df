"""What is known about the lake's tables: sources, and how they merge."""
