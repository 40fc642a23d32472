try:
    import absent_module
except ImportError:

    class TritonPythonModel:
        def execute(self, requests):
            return []
