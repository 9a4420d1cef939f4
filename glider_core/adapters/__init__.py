"""Models of other people as instances: tables, texts, pictures, sequences, graphs, services and model files.

Each adapter turns what a library's model takes and returns into masks and answers; nothing here knows how an
explanation is made. Libraries are imported where they are used, and none of them has to be installed.
"""
