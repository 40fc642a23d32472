"""A model with everything: TritonPythonModel is also in a text."""

import json
import os.path

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    """The model."""

    version = 1

    @staticmethod
    def auto_complete_config(config):
        config.set_model_transaction_policy(dict(decoupled=False))
        return config

    def initialize(self, args):
        self.model_config = json.loads(args["model_config"])
        self.device = args.get("model_instance_device_id")
        config = pb_utils.get_output_config_by_name(self.model_config, "SUM")
        self.type = pb_utils.triton_string_to_numpy(config["data_type"])
        pb_utils.get_input_config_by_name(self.model_config, name="A")
        parameters = self.model_config["parameters"]
        self.needed = parameters["needed"]["string_value"]
        self.optional = parameters.get("optional", {})
        self.both = self.model_config.get("parameters", {}).get("both") or self.model_config["parameters"]["both"]
        self.path = os.path.join(args["model_repository"], "x")

    def execute(self, requests):
        responses = []
        for request in requests:
            a = pb_utils.get_input_tensor_by_name(request, "A")
            b = pb_utils.get_input_tensor_by_name(request, name="B")
            total = pb_utils.Tensor("SUM", a.as_numpy() + b.as_numpy())
            shifted = pb_utils.Tensor.from_dlpack("SHIFTED", a.to_dlpack())
            responses.append(pb_utils.InferenceResponse(output_tensors=[total, shifted]))
        return responses

    async def finalize(self):
        print("done")
