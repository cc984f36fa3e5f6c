"""In place of the library, which the tests' tools bring and an installed service has not got.

Alembic's templates take it along where it is: a third of the time that migrations need.
"""

raise ImportError
