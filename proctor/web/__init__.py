"""HTTP: routes by subject, each handler thin; sessions, errors and headers in one place each."""
