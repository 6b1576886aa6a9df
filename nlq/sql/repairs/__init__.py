"""Dialect repairs: SQL that Presto would refuse, rewritten where what was meant is certain.

One rewrite a module. Each has ``repair``, which changes the tree in place and says in words what
it did (or nothing); ``nlq.sql.mend`` lists them in order.
"""
