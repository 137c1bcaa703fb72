"""Service quality (质检): scorecards, what is measured, evaluations, coaching, samples, reports."""
