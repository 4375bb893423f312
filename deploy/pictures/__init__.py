"""What the documentation takes from the code: pictures of drawings, and tables of regions."""
