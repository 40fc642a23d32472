# -*- coding: latin-1 -*-
class TritonPythonModel:
    name = "café"
    def execute(self, requests):
        return []
