"""The public door of the suite: unwraps uploads, answers from the cache, passes the rest on."""
