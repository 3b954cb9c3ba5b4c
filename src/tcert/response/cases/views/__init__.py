"""Pages of cases: a permission, a form, one act."""
