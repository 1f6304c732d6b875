"""After a gap: `backfill` reads the messages that were missed, `crash_recovery` resumes the turns
that an earlier process left unfinished."""
