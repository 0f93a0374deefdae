"""Hosts as network namespaces, Berth's programs in them, and clients that speak to them from inside."""
