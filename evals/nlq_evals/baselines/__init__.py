"""What nlq is measured against, in the same harness, with the same model and databases."""
