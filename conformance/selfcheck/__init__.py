"""What this project promises about itself."""
