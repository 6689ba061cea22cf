"""What a bare machine lacks, brought along: PostgreSQL, a broker, and one command that runs all.

Nothing of the product imports this package, and it imports nothing of the product.
"""
