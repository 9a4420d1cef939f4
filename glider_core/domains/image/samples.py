"""Photos that come with scikit-image, inside its package."""

SAMPLES = {
    "Cat": "chelsea.png",
    "Coffee": "coffee.png",
    "Astronaut": "astronaut.png",
    "Rocket": "rocket.jpg",
}
