"""One module per vendor: what its public documentation says of the calls that are made here."""
