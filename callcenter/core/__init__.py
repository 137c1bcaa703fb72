"""The language the rooms share: records, events, the call's state table, ports, errors. Pure."""
