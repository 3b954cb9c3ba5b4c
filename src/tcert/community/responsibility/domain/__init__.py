"""What is done with responsibility matrices: begun, filled, confirmed, refused, taken back."""
