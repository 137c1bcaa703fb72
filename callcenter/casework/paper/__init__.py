"""Forms and reports as paper: one `Sheet`, shown as HTML, XLSX, PDF or CSV."""
