"""Papers on paper: what the office prints, typeset by typst.

Data reaches a template as JSON through `sys.inputs`, so that no name is ever taken for markup, and only the fonts that
typst brings are used, so that a page looks the same on every machine. Typesetting computes, so it runs in a worker
process.
"""
