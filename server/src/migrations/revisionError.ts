/** alembic would refuse, with this message (what its command line prints after "FAILED: "). */
export class RevisionError extends Error {}
