"""One module per kind of source; each turns a location into a read source or says why not."""
