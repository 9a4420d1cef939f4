"""Photos that come with scikit-image, inside its package."""

SAMPLES = {
    "Coffee": "coffee.png",
    "Cat": "chelsea.png",
    "Astronaut": "astronaut.png",
    "Rocket": "rocket.jpg",
}
