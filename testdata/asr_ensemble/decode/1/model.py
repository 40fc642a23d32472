"""Greedy CTC decoding: the best symbol of each frame, without repetitions and blanks."""

import numpy as np
import triton_python_backend_utils as pb_utils

CHARACTERS = " abcdefghijklmnopqrstuvwxyz'"
BLANK = len(CHARACTERS)


def decode(log_probs):
    """Returns the text for the frames of one recording."""
    best = log_probs.argmax(axis=-1)
    changes = np.insert(best[1:] != best[:-1], 0, True) if best.size else []
    return "".join(CHARACTERS[symbol] for symbol in best[changes] if symbol != BLANK)


class TritonPythonModel:
    def execute(self, requests):
        return [self.respond(request) for request in requests]

    def respond(self, request):
        log_probs = pb_utils.get_input_tensor_by_name(request, "LOG_PROBS").as_numpy()
        lengths = pb_utils.get_input_tensor_by_name(request, "LOG_PROBS_LENGTH").as_numpy()
        texts = [decode(frames[:length]) for frames, length in zip(log_probs, lengths.ravel())]
        transcript = np.array([[text.encode()] for text in texts], dtype=np.object_)
        return pb_utils.InferenceResponse([pb_utils.Tensor("TRANSCRIPT", transcript)])
