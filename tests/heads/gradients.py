"""Finite differences for layers with analytic gradients."""

import numpy


def assert_gradients(model, inputs, vectors, forward, seed=0, step=1e-2, tolerance=2e-2):
    """Compare the gradients of a random linear function of a layer's output with finite differences.

    forward(vectors) runs the layer in training mode on the vectors; every parameter and the vectors are checked
    at a sample of places. Layers are float32, so the step is large and the layer must be smooth at this scale.
    """
    rng = numpy.random.default_rng(seed)
    output, backprop = forward(vectors)
    weights = rng.normal(size=output.shape).astype("float32")
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                node.set_grad(name, node.ops.alloc(node.get_param(name).shape))
    d_vectors = backprop(weights)

    def value(moved):
        return float((forward(moved)[0].astype("float64") * weights).sum())

    def check(array, gradient, moved_vectors):
        flat_places = rng.permutation(array.size)[:12]
        for place in flat_places:
            index = numpy.unravel_index(place, array.shape)
            old = array[index]
            array[index] = old + step
            up = value(moved_vectors)
            array[index] = old - step
            down = value(moved_vectors)
            array[index] = old
            found = float(gradient[index])
            expected = (up - down) / (2 * step)
            assert abs(found - expected) <= tolerance * max(1.0, abs(expected)), (found, expected)

    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                check(node.get_param(name), node.get_grad(name), vectors)
    check(vectors, d_vectors, vectors)
