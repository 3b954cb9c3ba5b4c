"""What is done about an application, one module for each who does it."""
