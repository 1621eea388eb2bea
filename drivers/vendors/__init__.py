"""One file per vendor operating system; each names its driver class `DRIVER`."""
