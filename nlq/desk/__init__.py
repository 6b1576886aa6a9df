"""What an analyst does with SQL: explain, check, estimate, optimise, run, fix, translate, look."""
