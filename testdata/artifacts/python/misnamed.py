# class TritonPythonModel: commented out
class TritonModel:
    """Not the TritonPythonModel."""

    def execute(self, requests):
        return self.model.eval()
