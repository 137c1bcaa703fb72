"""Messages to customers (短信、邮件): the record and what waits to be sent."""
