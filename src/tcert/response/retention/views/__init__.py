"""The pages about keeping, holding and deleting."""
