"""What is done with vouches: given, renewed, withdrawn, and the reviews that follow."""
