"""Lists of people as spreadsheets keep them: CSV and XLSX in, all rows or none; templates out.

Everything here computes, on files that strangers made: it runs in a worker process.
"""
