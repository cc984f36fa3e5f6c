"""What a turn costs, measured beside a bare proxy in one run: `make bench`."""
