from triton_python_backend_utils import Tensor as T
from triton_python_backend_utils import get_input_tensor_by_name, get_output_config_by_name

FIRST = "FIRST"
CHANGED = "x"
for CHANGED in ["y", "z"]:
    pass
TWICE = "a"
TWICE = "b"


class TritonPythonModel:
    def execute(self, requests):
        for request in requests:
            first = get_input_tensor_by_name(request, FIRST)
            second = get_input_tensor_by_name(request, "SECOND")
            third = get_input_tensor_by_name(request, f"THIRD_{first}")
            T(CHANGED, second), T(TWICE, third), T(r"RAW", third), T("ES\x43", 0), T("TWO" "PARTS", 0)
            get_output_config_by_name({}, b"BYTES")

        def inner():
            return 1
