import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        import torch
        device = torch.device("cuda:1" if torch.cuda.is_available() else "cpu")
        self.model = torch.nn.Linear(1, 1).cuda().to("cuda")
        call = pb_utils.InferenceRequest(
            model_name="other",
            requested_output_names=["Y", "Z"],
            inputs=[pb_utils.Tensor("X", None), pb_utils.Tensor(name="W", array=None)],
        )
        pb_utils.InferenceRequest(model_name=self.name, requested_output_names=self.names, inputs=[call])
        for request in requests:
            names = [tensor.name() for tensor in request.inputs()]
        return [response for response in call.exec(decoupled=True)]
