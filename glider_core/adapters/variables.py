"""Variables by which `glider app --model module:name --data table.csv` tells the app of an own model."""

MODEL = "GLIDER_MODEL"  # module:name
DATA = "GLIDER_MODEL_DATA"  # the path of the table whose rows it reads
