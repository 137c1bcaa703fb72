"""Customers (客户档案): the record, and what is done with many of them."""
