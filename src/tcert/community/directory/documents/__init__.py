"""What is written about a team in the forms that others read; pure, from plain facts."""
