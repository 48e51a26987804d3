"""The command line: decode, call one operation, encode."""
