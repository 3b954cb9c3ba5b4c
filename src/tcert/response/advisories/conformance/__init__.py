"""Does this hub do what CSAF 2.0 (section 7.1) asks of a provider? Requirements 1 to 20.

`served` asks the hub's own application for its files as a stranger would, and for those of the
folder for members as their program would; `requirements` judges
what it answers, `shapes` says what the JSON of a provider must look like. Nothing here opens a
connection: a provider elsewhere can only be checked once a fetcher exists that guards the hub's
own network from an address that somebody typed.
"""
