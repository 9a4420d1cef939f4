"""A domain that is none of Glider's, made up to prove that a new one costs a folder and no edit elsewhere."""
