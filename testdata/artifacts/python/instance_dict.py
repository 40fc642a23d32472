class TritonPythonModel:
    def initialize(self, args):
        pass

    def __init__(self):
        self.__dict__.update(execute=lambda requests: [])
