class TritonPythonModel(object):
    count: int = 0

    def initialize(self, args):
        TritonPythonModel.helper()

    @staticmethod
    def helper():
        pass

    def excute(self, requests):
        return []
